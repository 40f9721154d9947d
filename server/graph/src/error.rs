//! What can go wrong with a request to Graph, in terms a run can act on.

use std::fmt;
use std::time::Duration;

/// What kind of failure it is; decides what a run does and what people are advised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GraphErrorKind {
    /// The client secret is wrong or has expired.
    CredentialsRejected,
    /// The login service knows no such directory.
    TenantNotFound,
    /// The directory knows no such application.
    AppNotFound,
    /// An administrator has not consented to the application.
    ConsentMissing,
    /// The login service refused a token for another reason, or Graph refused the token.
    TokenRefused,
    /// The application lacks the permission for this resource.
    Forbidden,
    NotFound,
    /// Too many requests, and the allowed waiting is used up.
    Throttled,
    /// The service answered that it cannot serve now.
    Unavailable,
    /// No connection, or it broke.
    Network,
    Timeout,
    /// The service did not accept the request as written.
    BadRequest,
    /// The tenant has no licence for the service.
    NotLicensed,
    /// The delta token is too old: start again without one.
    DeltaExpired,
    /// The answer could not be understood, or points where it must not.
    Protocol,
    /// The answer is larger than the client reads.
    TooLarge,
    /// The connection's settings cannot work.
    InvalidConfiguration,
}

impl GraphErrorKind {
    /// The stored form, for instance `consent_missing`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CredentialsRejected => "credentials_rejected",
            Self::TenantNotFound => "tenant_not_found",
            Self::AppNotFound => "app_not_found",
            Self::ConsentMissing => "consent_missing",
            Self::TokenRefused => "token_refused",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::BadRequest => "bad_request",
            Self::NotLicensed => "not_licensed",
            Self::DeltaExpired => "delta_expired",
            Self::Protocol => "protocol",
            Self::TooLarge => "too_large",
            Self::InvalidConfiguration => "invalid_configuration",
        }
    }
}

/// A failed request. Holds no token, secret or address with a token in it, in any form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct GraphError {
    pub kind: GraphErrorKind,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The service's own code: `Authorization_RequestDenied`, `AADSTS7000215`…
    pub code: Option<String>,
    /// What happened, in one line, unwrapped from the service's nested encodings.
    pub message: String,
    /// The service's id of the request, for its support.
    pub request_id: Option<String>,
    /// Our id of the request, which the service logs too.
    pub client_request_id: Option<String>,
    /// When to come back, if the service said so.
    pub retry_after: Option<Duration>,
    /// No byte of the request left this machine.
    pub(crate) unsent: bool,
    pub(crate) outcome_unknown: bool,
}

impl GraphError {
    /// An error with nothing but a kind and a message.
    pub fn new(kind: GraphErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            message: message.into(),
            request_id: None,
            client_request_id: None,
            retry_after: None,
            unsent: false,
            outcome_unknown: false,
        }
    }

    /// Whether a write that must not be repeated may have been done all the same: it was sent, and no answer
    /// tells. Look before sending it again.
    pub fn outcome_unknown(&self) -> bool {
        self.outcome_unknown
    }

    /// Marks the failure of a write that must not be repeated, unless the service refused it.
    pub(crate) fn of_single_write(mut self) -> Self {
        let refused = self
            .status
            .is_some_and(|status| (300..500).contains(&status) && status != 408);
        self.outcome_unknown = !self.unsent && !refused;
        self
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            GraphErrorKind::Throttled
                | GraphErrorKind::Unavailable
                | GraphErrorKind::Network
                | GraphErrorKind::Timeout
        )
    }

    pub(crate) fn protocol(message: impl Into<String>) -> Self {
        Self::new(GraphErrorKind::Protocol, message)
    }

    /// reqwest's own text names the address, whose query may hold a token: only its causes are
    /// kept.
    pub(crate) fn from_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let unsent = error.is_connect() || error.is_builder();
        let kind = if error.is_timeout() {
            GraphErrorKind::Timeout
        } else if error.is_builder() {
            GraphErrorKind::InvalidConfiguration
        } else if error.is_decode() {
            GraphErrorKind::Protocol
        } else {
            GraphErrorKind::Network
        };
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            message = format!("{message}: {inner}");
            cause = inner.source();
        }
        Self {
            unsent,
            ..Self::new(kind, message)
        }
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.message)?;
        let status = self.status.map(|status| status.to_string());
        let facts: Vec<&str> = [status.as_deref(), self.code.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        if !facts.is_empty() {
            write!(out, " ({})", facts.join(", "))?;
        }
        if let Some(id) = &self.request_id {
            write!(out, " [request {id}]")?;
        }
        Ok(())
    }
}
