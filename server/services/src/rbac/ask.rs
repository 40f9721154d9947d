//! Asking Graph as the person: with a token that is good, renewed when it ends, given up when Microsoft refuses it.

use domain::{FailureCode, FailureGroup, sanitize, views::rbac::FoundGroup};
use graph::{DelegatedToken, GraphError, GraphErrorKind, Group, PersonGraph, TenantConnection};

use super::{
    Visit,
    keeper::{Access, Held},
};
use crate::{
    directory::kind_label,
    operations::OperationError,
    tenants::{self, ConnectionError},
};

/// Why nothing could be asked.
pub(super) enum NoGraph {
    /// There is no access, or no longer.
    NoAccess,
    Failed(FailureGroup),
}

impl Visit<'_> {
    /// The tenant's connection with its secret opened; the failure says what stands in the way.
    pub(super) async fn connection(&self) -> Result<TenantConnection, FailureGroup> {
        let Some(key) = self.access.key() else {
            let message = "This server was started without the key that opens client secrets.";
            return Err(FailureGroup::new(FailureCode::SecretUnreadable, message));
        };
        let connection = tenants::connection(self.db, key, self.tenant).await;
        connection.map_err(|error: ConnectionError| failure(error))
    }

    /// Graph with the session's token; renews one that is about to end, or any if `renew` is set.
    pub(super) async fn person(
        &self,
        held: &mut Held,
        renew: bool,
    ) -> Result<PersonGraph, NoGraph> {
        let Access::Good { token, .. } = &mut held.access else {
            return Err(NoGraph::NoAccess);
        };
        let connection = self.connection().await.map_err(NoGraph::Failed)?;
        if renew || !token.is_fresh() {
            match self.renewed(&connection, token).await? {
                Some(renewed) => *token = renewed,
                None => {
                    held.access = Access::RanOut;
                    return Err(NoGraph::NoAccess);
                }
            }
        }
        Ok(self.access.graph().person(connection, token))
    }

    async fn renewed(
        &self,
        connection: &TenantConnection,
        token: &DelegatedToken,
    ) -> Result<Option<DelegatedToken>, NoGraph> {
        let tenant = self.access.graph().tenant(connection.clone());
        match tenant.renew(token).await {
            Ok(renewed) => Ok(renewed),
            Err(error) if error.kind == GraphErrorKind::TokenRefused => Ok(None),
            Err(error) => Err(NoGraph::Failed(failure(error))),
        }
    }
}

/// Whether Graph refused the token itself, so that nothing was done.
pub(super) fn refused_token(error: &GraphError) -> bool {
    error.status == Some(401)
}

/// A failure in the words of the registry.
pub(super) fn failure(error: impl Into<OperationError>) -> FailureGroup {
    sanitize::failure(match error.into() {
        OperationError::Failed { failure, .. } => failure,
        OperationError::LeaseLost => {
            FailureGroup::new(FailureCode::InternalError, "The work was given up.")
        }
    })
}

pub(super) fn found(group: Group) -> FoundGroup {
    FoundGroup {
        kind: kind_label(
            &group.group_types,
            group.security_enabled,
            group.mail_enabled,
        ),
        id: group.id,
        name: group.display_name,
        description: group.description,
    }
}
