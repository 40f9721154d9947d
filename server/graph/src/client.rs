//! The process-wide client: one pool of connections, the tokens and the tenants' budgets.

use std::sync::Arc;

use reqwest::redirect::Policy;
use secrecy::SecretString;

use crate::budget::Budgets;
use crate::cloud::Endpoints;
use crate::error::{GraphError, GraphErrorKind};
use crate::settings::GraphSettings;
use crate::tenant::TenantGraph;
use crate::token::Tokens;

/// How to reach one tenant as an application.
#[derive(Debug, Clone)]
pub struct TenantConnection {
    /// The product's own key of the tenant: tokens and budgets are kept by it.
    pub tenant_key: i64,
    /// The directory's id, or one of its domain names.
    pub directory_id: String,
    pub endpoints: Endpoints,
    pub client_id: String,
    pub client_secret: SecretString,
}

/// Talks to Graph for all tenants. Cheap to clone; one per process, so that budgets are shared.
#[derive(Clone)]
pub struct GraphClient {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) settings: GraphSettings,
    pub(crate) tokens: Tokens,
    pub(crate) budgets: Budgets,
}

impl GraphClient {
    /// Fails if the machine has no trusted root certificates or the settings cannot work.
    pub fn new(settings: GraphSettings) -> Result<Self, GraphError> {
        // Another part of the process may have installed a provider first; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.request_timeout)
            // Graph does not redirect, and a token must not follow anybody elsewhere.
            .redirect(Policy::none())
            .build()
            .map_err(|error| {
                let mut error = GraphError::from_transport(error);
                error.kind = GraphErrorKind::InvalidConfiguration;
                error
            })?;
        Ok(Self {
            shared: Arc::new(Shared {
                http,
                settings,
                tokens: Tokens::default(),
                budgets: Budgets::default(),
            }),
        })
    }

    /// The view of one tenant.
    pub fn tenant(&self, connection: TenantConnection) -> TenantGraph {
        TenantGraph::new(Arc::clone(&self.shared), connection)
    }

    /// Drops the cached token, for instance after the credentials changed.
    pub fn forget_token(&self, tenant_key: i64) {
        self.shared.tokens.forget(tenant_key);
    }
}
