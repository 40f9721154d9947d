//! The client: one for the process, and from it one handle for each tenant.

use std::{sync::Arc, time::Duration};

use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;

use crate::{
    budget::Budgets,
    cloud::Endpoints,
    error::{GraphError, GraphErrorKind},
    groups::GroupPages,
    kinds::{ApiVersion, PolicyKind},
    policies::{Depth, PolicyPages},
    send::Call,
    settings::GraphSettings,
    token::Tokens,
    wait::WaitObserver,
};

/// How to reach one tenant. The secret is not shown by `Debug`.
#[derive(Debug, Clone)]
pub struct TenantConnection {
    /// The caller's own key of the tenant; tokens and budgets are kept under it.
    pub tenant_key: i64,
    /// The directory's id or one of its domains.
    pub directory_id: String,
    pub endpoints: Endpoints,
    pub client_id: String,
    pub client_secret: SecretString,
}

/// What all tenants share: connections, tokens in memory, and each tenant's budget. Cheap to clone.
#[derive(Clone)]
pub struct GraphClient(Arc<Shared>);

pub(crate) struct Shared {
    pub http: reqwest::Client,
    pub settings: GraphSettings,
    pub tokens: Tokens,
    pub budgets: Budgets,
}

impl GraphClient {
    /// Needs a TLS provider of the process, if one is not installed it installs *ring*.
    pub fn new(settings: GraphSettings) -> Result<Self, GraphError> {
        let _somebody_was_first = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.request_timeout)
            .user_agent(settings.user_agent.as_str())
            // A redirect would carry the token to wherever it leads.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(GraphError::from_transport)?;
        Ok(Self(Arc::new(Shared {
            http,
            settings,
            tokens: Tokens::default(),
            budgets: Budgets::default(),
        })))
    }

    /// A handle on one tenant.
    pub fn tenant(&self, connection: TenantConnection) -> TenantGraph {
        TenantGraph {
            shared: self.0.clone(),
            connection: Arc::new(connection),
            observer: None,
            person: None,
        }
    }

    /// Drops the cached token of a tenant, for instance after its secret was changed.
    pub fn forget_token(&self, tenant_key: i64) {
        self.0.tokens.forget(tenant_key);
    }
}

/// One tenant's Graph. Cheap to clone.
#[derive(Clone)]
pub struct TenantGraph {
    pub(crate) shared: Arc<Shared>,
    pub(crate) connection: Arc<TenantConnection>,
    pub(crate) observer: Option<WaitObserver>,
    /// A person's token, used instead of the application's.
    pub(crate) person: Option<SecretString>,
}

/// The organization behind a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: String,
    pub display_name: String,
    pub default_domain: Option<String>,
}

impl TenantGraph {
    /// Tells `observer` of every wait from here on.
    #[must_use]
    pub fn with_observer(mut self, observer: WaitObserver) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The directory that this handle is for, as it was configured.
    pub fn directory_id(&self) -> &str {
        &self.connection.directory_id
    }

    /// How long its listings may lack what was created.
    pub fn listing_lag(&self) -> Duration {
        self.shared.settings.listing_lag
    }

    pub async fn organization(&self) -> Result<Organization, GraphError> {
        let body = self.get_json(ApiVersion::V1, "/organization").await?;
        let first = &body["value"][0];
        let text = |member: &str| first[member].as_str().map(str::to_owned);
        let domains = first["verifiedDomains"].as_array();
        let default = domains
            .into_iter()
            .flatten()
            .find(|one| one["isDefault"] == true);
        Ok(Organization {
            id: text("id").ok_or_else(|| GraphError::protocol("the organization has no id"))?,
            display_name: text("displayName").unwrap_or_default(),
            default_domain: default
                .and_then(|one| one["name"].as_str())
                .map(str::to_owned),
        })
    }

    /// One resource or one page, by its path below the version, with its query.
    pub async fn get_json(&self, version: ApiVersion, path: &str) -> Result<Value, GraphError> {
        self.send(Call::new(Method::GET, self.url(version, path)))
            .await
    }

    /// All policies of a kind, complete with their content, page by page.
    pub fn policies(&self, kind: &'static PolicyKind) -> PolicyPages {
        PolicyPages::new(self.clone(), kind, Depth::Content)
    }

    /// All groups, or what changed since the delta link that an earlier reading ended with.
    pub fn groups_delta(&self, resume: Option<String>) -> GroupPages {
        GroupPages::new(self.clone(), resume)
    }

    pub(crate) fn url(&self, version: ApiVersion, path: &str) -> String {
        let graph = &self.connection.endpoints.graph;
        format!(
            "{graph}/{}/{}",
            version.as_str(),
            path.trim_start_matches('/')
        )
    }

    /// A link that an answer gave, if it leads to the same service: it will be asked with the token.
    pub(crate) fn checked_link(&self, link: &str) -> Result<String, GraphError> {
        let graph = &self.connection.endpoints.graph;
        let parsed = |text: &str| reqwest::Url::parse(text).map(|url| url.origin()).ok();
        match (parsed(link), parsed(graph)) {
            (Some(target), Some(own)) if target == own => Ok(link.to_owned()),
            _ => Err(GraphError::new(
                GraphErrorKind::Protocol,
                "an answer linked to another host than the tenant's Graph; the link was not followed",
            )),
        }
    }
}
