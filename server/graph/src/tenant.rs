//! One tenant's Graph: single reads, and the way to its listings.

use std::fmt;
use std::sync::Arc;

use reqwest::{Method, Url};
use serde_json::Value;

use crate::budget::{Budget, Service};
use crate::call::{Call, Repeat};
use crate::client::{Shared, TenantConnection};
use crate::error::{GraphError, GraphErrorKind};
use crate::groups::GroupPages;
use crate::kinds::PolicyKind;
use crate::policies::PolicyPages;
use crate::wait::{WaitNotice, WaitObserver};

/// Which of Graph's two surfaces answers: Intune's objects are complete in beta only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiVersion {
    V1,
    Beta,
}

impl ApiVersion {
    /// The segment in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            ApiVersion::V1 => "v1.0",
            ApiVersion::Beta => "beta",
        }
    }
}

/// The organization behind a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The directory's id.
    pub id: String,
    pub display_name: String,
    pub default_domain: Option<String>,
}

/// Requests to one tenant. Cheap to clone; clones share the tenant's token and budget.
#[derive(Clone)]
pub struct TenantGraph {
    shared: Arc<Shared>,
    connection: Arc<TenantConnection>,
    budget: Arc<Budget>,
    observer: Option<WaitObserver>,
}

impl TenantGraph {
    pub(crate) fn new(shared: Arc<Shared>, connection: TenantConnection) -> Self {
        let budget = shared.budgets.of(connection.tenant_key, &shared.settings);
        Self {
            shared,
            connection: Arc::new(connection),
            budget,
            observer: None,
        }
    }

    /// The same tenant, telling `observer` of each wait for throttling, an unavailable service or
    /// the network. The observer must not block.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Fn(WaitNotice) + Send + Sync>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The tenant's organization.
    pub async fn organization(&self) -> Result<Organization, GraphError> {
        let answer = self
            .get_json(
                ApiVersion::V1,
                "/organization?$select=id,displayName,verifiedDomains",
            )
            .await?;
        let found = answer
            .pointer("/value/0")
            .ok_or_else(|| GraphError::protocol("the answer holds no organization"))?;
        let text = |name: &str| found.get(name).and_then(Value::as_str).map(str::to_owned);
        let domains = found.get("verifiedDomains").and_then(Value::as_array);
        let default_domain = domains
            .into_iter()
            .flatten()
            .find(|domain| domain.get("isDefault") == Some(&Value::Bool(true)))
            .and_then(|domain| domain.get("name"))
            .and_then(Value::as_str)
            .map(str::to_owned);
        Ok(Organization {
            id: text("id").ok_or_else(|| GraphError::protocol("the organization has no id"))?,
            display_name: text("displayName").unwrap_or_default(),
            default_domain,
        })
    }

    /// One read of `path` (with its query, from the leading slash). A collection's first page
    /// only.
    pub async fn get_json(&self, version: ApiVersion, path: &str) -> Result<Value, GraphError> {
        let url = self.url(version, path)?;
        self.get(url, Service::of_path(path)).await
    }

    /// A kind's policies, page by page, each complete.
    pub fn policies(&self, kind: &'static PolicyKind) -> PolicyPages {
        PolicyPages::new(self.clone(), kind)
    }

    /// The directory's groups: all of them, or those changed since `resume`, an earlier delta
    /// link.
    pub fn groups_delta(&self, resume: Option<String>) -> GroupPages {
        GroupPages::new(self.clone(), resume)
    }

    pub(crate) async fn get(&self, url: Url, service: Service) -> Result<Value, GraphError> {
        self.send(&Call {
            method: Method::GET,
            url,
            service,
            body: None,
            repeat: Repeat::Freely,
        })
        .await
    }

    pub(crate) fn url(&self, version: ApiVersion, path: &str) -> Result<Url, GraphError> {
        if !path.starts_with('/') {
            return Err(GraphError::new(
                GraphErrorKind::InvalidConfiguration,
                "a path must begin with a slash",
            ));
        }
        Url::parse(&format!(
            "{}/{}{path}",
            self.connection.endpoints.graph,
            version.as_str()
        ))
        .map_err(|error| {
            GraphError::new(
                GraphErrorKind::InvalidConfiguration,
                format!("not a usable Graph address: {error}"),
            )
        })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn connection(&self) -> &TenantConnection {
        &self.connection
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    pub(crate) fn observer(&self) -> Option<&WaitObserver> {
        self.observer.as_ref()
    }
}

impl fmt::Debug for TenantGraph {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TenantGraph")
            .field("tenant_key", &self.connection.tenant_key)
            .finish_non_exhaustive()
    }
}
