//! Why an operation failed, in the words of the failure registry.

use std::time::Duration;

use domain::{FailureCode, FailureGroup};
use graph::{GraphError, GraphErrorKind, PolicyKind};

use crate::{ServiceError, runs::UpdateError, tenants::ConnectionError};

/// A failure that ends this try of the operation.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    #[error("{}: {}", .failure.code, .failure.message)]
    Failed {
        failure: FailureGroup,
        /// Worth another try later.
        transient: bool,
        retry_after: Option<Duration>,
        /// The request that Microsoft answered so, as its support asks for it.
        request_id: Option<String>,
    },
    /// Somebody else has the run by now; there is nothing left to say about it.
    #[error("the run belongs to somebody else by now")]
    LeaseLost,
}

impl OperationError {
    pub(super) fn permanent(code: FailureCode, message: impl Into<String>) -> Self {
        Self::Failed {
            failure: FailureGroup::new(code, message),
            transient: false,
            retry_after: None,
            request_id: None,
        }
    }

    pub(super) fn unknown_operation(operation_type: &str) -> Self {
        let message = format!("This version does not know the operation {operation_type}.");
        Self::permanent(FailureCode::InputsInvalid, message)
    }
}

impl From<GraphError> for OperationError {
    fn from(error: GraphError) -> Self {
        Self::Failed {
            transient: error.is_transient(),
            retry_after: error.retry_after,
            request_id: error.request_id.clone(),
            failure: graph_failure(None, &error),
        }
    }
}

impl From<UpdateError> for OperationError {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::LeaseLost | UpdateError::NotFound | UpdateError::IllegalMove { .. } => {
                Self::LeaseLost
            }
            UpdateError::Database(error) => ServiceError::Database(error).into(),
            other => Self::permanent(FailureCode::InternalError, other.to_string()),
        }
    }
}

impl From<ServiceError> for OperationError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Database(error) => {
                tracing::error!(%error, "an operation met a database error");
                Self::Failed {
                    failure: FailureGroup::new(
                        FailureCode::DatabaseUnavailable,
                        "The database refused or dropped a statement; the log says which.",
                    ),
                    transient: true,
                    retry_after: None,
                    request_id: None,
                }
            }
            other => Self::permanent(FailureCode::InternalError, other.to_string()),
        }
    }
}

impl From<ConnectionError> for OperationError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Database(error) => ServiceError::Database(error).into(),
            ConnectionError::Secret(error) => {
                Self::permanent(FailureCode::SecretUnreadable, error.to_string())
            }
            other => Self::permanent(FailureCode::TenantMisconfigured, other.to_string()),
        }
    }
}

/// A Graph error as a failure of a run; `about` names the part of the work that it struck.
pub(super) fn graph_failure(about: Option<&str>, error: &GraphError) -> FailureGroup {
    let message = match about {
        Some(about) => format!("{about}: {}", error.message),
        None => error.message.clone(),
    };
    FailureGroup::new(code_of(error.kind), message)
}

/// A Graph error that struck a whole kind; a missing permission is named.
pub(super) fn kind_failure(kind: &PolicyKind, error: &GraphError) -> FailureGroup {
    if code_of(error.kind) == FailureCode::Forbidden {
        let message = format!("{}: the app needs {}", kind.label, kind.read_permission);
        return FailureGroup::new(FailureCode::Forbidden, message);
    }
    graph_failure(Some(kind.label), error)
}

pub(super) fn code_of(kind: GraphErrorKind) -> FailureCode {
    match kind {
        GraphErrorKind::CredentialsRejected => FailureCode::CredentialsRejected,
        GraphErrorKind::TenantNotFound => FailureCode::TenantNotFound,
        GraphErrorKind::AppNotFound => FailureCode::AppNotFound,
        GraphErrorKind::ConsentMissing => FailureCode::ConsentMissing,
        GraphErrorKind::TokenRefused => FailureCode::TokenRefused,
        GraphErrorKind::Forbidden => FailureCode::Forbidden,
        GraphErrorKind::NotFound => FailureCode::NotFound,
        GraphErrorKind::Throttled => FailureCode::Throttled,
        GraphErrorKind::Unavailable => FailureCode::Unavailable,
        GraphErrorKind::Network => FailureCode::Network,
        GraphErrorKind::Timeout => FailureCode::Timeout,
        GraphErrorKind::NotLicensed => FailureCode::NotLicensed,
        GraphErrorKind::TooLarge => FailureCode::TooLarge,
        GraphErrorKind::Protocol => FailureCode::Unreadable,
        GraphErrorKind::InvalidConfiguration => FailureCode::TenantMisconfigured,
        GraphErrorKind::BadRequest | GraphErrorKind::DeltaExpired => FailureCode::BadRequest,
    }
}

/// Whether the error strikes the whole tenant, so that going on with another kind is pointless.
pub(super) fn strikes_all(kind: GraphErrorKind) -> bool {
    matches!(
        kind,
        GraphErrorKind::CredentialsRejected
            | GraphErrorKind::TenantNotFound
            | GraphErrorKind::AppNotFound
            | GraphErrorKind::ConsentMissing
            | GraphErrorKind::TokenRefused
            | GraphErrorKind::InvalidConfiguration
    )
}
