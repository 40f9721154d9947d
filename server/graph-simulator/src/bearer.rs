//! Whose token a Graph request carries, and what it opens.

use std::sync::Arc;

use serde_json::Value;

use crate::area::Area;
use crate::guard::lock;
use crate::tenant::Tenant;

/// The bearer of an accepted token.
#[derive(Debug)]
pub(crate) struct Bearer {
    pub(crate) tenant: Arc<Tenant>,
    /// An application's roles or a person's scopes.
    permissions: Vec<String>,
    is_person: bool,
}

impl Bearer {
    /// A person's token has `scp`, an application's has `roles`.
    pub(crate) fn new(tenant: Arc<Tenant>, claims: &Value) -> Self {
        let scopes = claims.get("scp").and_then(Value::as_str);
        let roles = claims.get("roles").and_then(Value::as_array);
        let permissions = match scopes {
            Some(scopes) => scopes.split_whitespace().map(str::to_owned).collect(),
            None => roles
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        };
        Self {
            tenant,
            permissions,
            is_person: scopes.is_some(),
        }
    }

    /// Whether the token opens the area for reading or, with `write`, for changing.
    pub(crate) fn opens(&self, area: Area, write: bool) -> bool {
        if !self.is_person {
            return area.allows(&self.permissions, write);
        }
        let faults = lock(&self.tenant.faults);
        let left: Vec<String> = self
            .permissions
            .iter()
            .filter(|scope| !faults.withdraws(scope))
            .cloned()
            .collect();
        area.allows(&left, write)
    }
}
