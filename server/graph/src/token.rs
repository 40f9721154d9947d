//! App-only tokens: fetched once for all who need one, kept in memory only, renewed early.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    budget::lock,
    client::{TenantConnection, TenantGraph},
    error::{GraphError, GraphErrorKind},
    send::Call,
};

/// The cached tokens of all tenants.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<i64, Slot>>);

/// One tenant's token. Whoever holds the lock fetches; the others wait and find it there.
type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

struct Token {
    value: SecretString,
    renew_at: Instant,
    /// Other credentials need another token.
    of: TenantConnection,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: u64,
}

impl Tokens {
    fn slot(&self, tenant_key: i64) -> Slot {
        lock(&self.0).entry(tenant_key).or_default().clone()
    }

    pub fn forget(&self, tenant_key: i64) {
        lock(&self.0).remove(&tenant_key);
    }

    /// Drops the token that was refused, unless somebody else has replaced it meanwhile.
    pub async fn forget_refused(&self, tenant_key: i64, refused: &SecretString) {
        let slot = self.slot(tenant_key);
        let mut cached = slot.lock().await;
        let same = |token: &Token| token.value.expose_secret() == refused.expose_secret();
        if cached.as_ref().is_some_and(same) {
            *cached = None;
        }
    }
}

impl TenantGraph {
    /// A token that is good for a while yet.
    pub(crate) async fn token(&self) -> Result<SecretString, GraphError> {
        let slot = self.shared.tokens.slot(self.connection.tenant_key);
        let mut cached = slot.lock().await;
        if let Some(token) = cached.as_ref()
            && token.renew_at > Instant::now()
            && same(&token.of, &self.connection)
        {
            return Ok(token.value.clone());
        }
        let asked_at = Instant::now();
        let granted = self.fetch_token().await?;
        let life = Duration::from_secs(granted.expires_in);
        let margin = self.shared.settings.token_margin.min(life / 10);
        let value = granted.access_token;
        *cached = Some(Token {
            value: value.clone(),
            renew_at: asked_at + life.saturating_sub(margin),
            of: (*self.connection).clone(),
        });
        Ok(value)
    }

    async fn fetch_token(&self) -> Result<Granted, GraphError> {
        let TenantConnection {
            endpoints,
            client_id,
            client_secret,
            ..
        } = &*self.connection;
        let form = vec![
            ("client_id", client_id.clone()),
            ("scope", format!("{}/.default", endpoints.graph)),
            ("client_secret", client_secret.expose_secret().to_owned()),
            ("grant_type", "client_credentials".to_owned()),
        ];
        let call = Call::new(Method::POST, self.login_url("token")?).login(form);
        serde_json::from_value(self.send(call).await?)
            .map_err(|_| GraphError::protocol("the login service's answer holds no token"))
    }

    /// An address of the tenant's login service.
    pub(crate) fn login_url(&self, end: &str) -> Result<String, GraphError> {
        let TenantConnection {
            directory_id,
            endpoints,
            ..
        } = &*self.connection;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if directory_id.is_empty() || !directory_id.chars().all(plain) {
            let message = "the tenant's id is neither a directory id nor a domain";
            return Err(GraphError::new(
                GraphErrorKind::InvalidConfiguration,
                message,
            ));
        }
        Ok(format!(
            "{}/{directory_id}/oauth2/v2.0/{end}",
            endpoints.login
        ))
    }
}

fn same(a: &TenantConnection, b: &TenantConnection) -> bool {
    (&a.directory_id, &a.endpoints, &a.client_id) == (&b.directory_id, &b.endpoints, &b.client_id)
        && a.client_secret.expose_secret() == b.client_secret.expose_secret()
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_codes: Vec<u64>,
    trace_id: Option<String>,
}

/// The login service's refusal; none if the body is something else.
pub(crate) fn refusal(status: StatusCode, body: &[u8]) -> Option<GraphError> {
    let refused: Refused = serde_json::from_slice(body).ok()?;
    let kind = match refused.error_codes.first() {
        Some(7_000_215 | 7_000_222 | 7_000_216) => GraphErrorKind::CredentialsRejected,
        Some(700_016) => GraphErrorKind::AppNotFound,
        Some(90_002 | 900_021 | 900_023) => GraphErrorKind::TenantNotFound,
        Some(65_001) => GraphErrorKind::ConsentMissing,
        _ if status == StatusCode::TOO_MANY_REQUESTS => GraphErrorKind::Throttled,
        _ if status.is_server_error() => GraphErrorKind::Unavailable,
        _ if refused.error == "invalid_client" => GraphErrorKind::CredentialsRejected,
        _ => GraphErrorKind::TokenRefused,
    };
    // The first line says what is wrong; the others repeat ids.
    let line = refused.error_description.lines().next().unwrap_or_default();
    let mut error = GraphError::new(
        kind,
        if line.is_empty() {
            &refused.error
        } else {
            line
        },
    );
    error.status = Some(status.as_u16());
    error.code = Some(match refused.error_codes.first() {
        Some(code) => format!("AADSTS{code}"),
        None => refused.error,
    });
    error.request_id = refused.trace_id;
    Some(error)
}

/// What a token says of itself; nothing where it is none that can be read.
pub(crate) fn claims_in(token: &SecretString) -> Option<Value> {
    let payload = token.expose_secret().split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
