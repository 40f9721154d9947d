//! What a simulated tenant is to be like, before it exists.

use std::time::Duration;

use serde::Serialize;

use crate::area::ALL_ROLES;
use crate::delegated::ALL_SCOPES;

/// A simulated tenant and the credentials that its application accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulatedTenant {
    /// Directory (tenant) id, a UUID.
    pub directory_id: String,
    pub display_name: String,
    pub client_id: String,
    /// Not a secret of anything: this tenant does not exist.
    pub client_secret: String,
    /// Policies at the moment of asking, all kinds together.
    pub policies: usize,
    /// Groups at the moment of asking.
    pub groups: usize,
}

/// Describes a tenant for [`Simulator::add_tenant`](crate::Simulator::add_tenant). Everything has a default:
/// no policies, no groups, all application roles and delegated permissions, tokens for an hour, no throttling.
///
/// The same description gives the same ids every time.
#[derive(Debug, Clone)]
pub struct TenantSpec {
    pub(crate) display_name: String,
    pub(crate) directory_id: Option<String>,
    pub(crate) policies: usize,
    pub(crate) kinds: Vec<String>,
    pub(crate) groups: usize,
    pub(crate) extra_groups: Vec<String>,
    pub(crate) without_groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) token_lifetime: Duration,
    pub(crate) throttled: bool,
}

impl TenantSpec {
    /// An empty tenant. Ids come from the name, so two tenants of one simulator need different names.
    pub fn new(display_name: &str) -> Self {
        Self {
            display_name: display_name.to_owned(),
            directory_id: None,
            policies: 0,
            kinds: Vec::new(),
            groups: 0,
            extra_groups: Vec::new(),
            without_groups: Vec::new(),
            roles: ALL_ROLES.iter().map(|role| (*role).to_owned()).collect(),
            scopes: ALL_SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            token_lifetime: Duration::from_secs(3599),
            throttled: false,
        }
    }

    /// Use this directory id instead of one made from the name.
    pub fn directory_id(mut self, directory_id: &str) -> Self {
        self.directory_id = Some(directory_id.to_owned());
        self
    }

    /// Exactly this many policies, spread over all kinds (or those of [`kinds`](Self::kinds)).
    pub fn policies(mut self, count: usize) -> Self {
        self.policies = count;
        self
    }

    /// Only these kinds, named by the last path segment, e.g. `configurationPolicies`.
    pub fn kinds(mut self, segments: &[&str]) -> Self {
        self.kinds = segments
            .iter()
            .map(|segment| (*segment).to_owned())
            .collect();
        self
    }

    /// This many groups. Three of four have the same name in every tenant, under another id.
    pub fn groups(mut self, count: usize) -> Self {
        self.groups = count;
        self
    }

    /// One more group with this name, even if the name exists already.
    pub fn extra_group(mut self, display_name: &str) -> Self {
        self.extra_groups.push(display_name.to_owned());
        self
    }

    /// Leaves out the group with this name.
    pub fn without_group(mut self, display_name: &str) -> Self {
        self.without_groups.push(display_name.to_owned());
        self
    }

    /// Exactly these application roles.
    pub fn roles(mut self, roles: &[&str]) -> Self {
        self.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self
    }

    /// All roles but those that begin with `prefix`, e.g. `DeviceManagementScripts`.
    pub fn without_role(mut self, prefix: &str) -> Self {
        self.roles.retain(|role| !role.starts_with(prefix));
        self
    }

    /// Exactly these delegated permissions have consent.
    pub fn scopes(mut self, scopes: &[&str]) -> Self {
        self.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    /// How long tokens are good, in whole seconds.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Apply Graph's published limits, conditional access's one request per second among them.
    pub fn real_limits(mut self) -> Self {
        self.throttled = true;
        self
    }
}
