//! The person (or the system) on whose behalf a service works, with the rights that go with it.

use std::net::IpAddr;

use domain::{Means, OperationType, Role, Roles, TenantId, UserId, views::runs::RunRow};

use crate::ServiceError;

/// Loaded once a request, from its session or its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user_id: UserId,
    pub name: String,
    pub roles: Roles,
    pub origin: Origin,
}

/// From where, and by what means, something is asked; for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// None for what was not asked over the network.
    pub address: Option<IpAddr>,
    pub means: Means,
}

impl Default for Origin {
    /// A command on the server.
    fn default() -> Self {
        Self {
            address: None,
            means: Means::Command,
        }
    }
}

impl Caller {
    /// The caller's role on a tenant; a tenant without one does not exist for this caller.
    pub fn role_on(&self, tenant: TenantId) -> Result<Role, ServiceError> {
        self.roles.on(tenant).ok_or(ServiceError::NotFound)
    }

    /// Whether the caller may start this operation on this tenant.
    pub fn may_start(
        &self,
        tenant: TenantId,
        operation: OperationType,
    ) -> Result<(), ServiceError> {
        let role = self.role_on(tenant)?;
        if operation.may_be_started_by(role) {
            return Ok(());
        }
        Err(ServiceError::Forbidden(format!(
            "Your role on this tenant ({}) does not allow this; an operator or owner can start it.",
            role.label()
        )))
    }

    /// Whether the caller may start what this run did. Nobody may start an operation that this version does not know.
    pub fn may_start_again(&self, run: &RunRow) -> bool {
        let operation = run.operation_type.parse();
        operation.is_ok_and(|operation| self.may_start(run.tenant_id, operation).is_ok())
    }

    /// Whether the caller may replace the secret with which this tenant's app signs in.
    pub fn may_replace_secret(&self, tenant: TenantId) -> Result<(), ServiceError> {
        if self.role_on(tenant)?.may_replace_secret() {
            return Ok(());
        }
        Err(ServiceError::Forbidden(
            "An owner of this tenant can replace its app's secret.".into(),
        ))
    }

    /// Whether the caller may change who is a member of this tenant.
    pub fn may_manage_members(&self, tenant: TenantId) -> Result<(), ServiceError> {
        let role = self.role_on(tenant)?;
        if role.may_manage_members() {
            return Ok(());
        }
        Err(ServiceError::Forbidden(format!(
            "Your role on this tenant ({}) does not allow this; an owner can manage members.",
            role.label()
        )))
    }

    /// The tenants that the caller sees, as a query's argument.
    pub(crate) fn tenant_ids(&self) -> Vec<i64> {
        self.roles.tenants().map(|tenant| tenant.0).collect()
    }
}
