//! Application tokens: fetched with the client secret, kept in memory only, renewed early.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::time::Instant;

use crate::budget::lock;
use crate::client::TenantConnection;
use crate::error::{GraphError, GraphErrorKind};
use crate::settings::GraphSettings;

/// A token ready to send. Its header value is marked sensitive and prints as such.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) authorization: HeaderValue,
    /// Tells this token from the one fetched after it.
    pub(crate) serial: u64,
    renew_at: Instant,
}

/// The tokens of all tenants.
#[derive(Default)]
pub(crate) struct Tokens {
    slots: Mutex<HashMap<i64, Slot>>,
    hasher: RandomState,
}

struct Slot {
    /// Changed credentials must not go on with the token of the old ones.
    credentials: u64,
    desk: Arc<Desk>,
}

/// One tenant's token. Whoever holds the lock is the only one asking the login service.
#[derive(Default)]
pub(crate) struct Desk {
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    serial: u64,
    failure: Option<(Instant, GraphError)>,
}

impl Tokens {
    pub(crate) fn desk(&self, connection: &TenantConnection) -> Arc<Desk> {
        let credentials = self.hasher.hash_one((
            &connection.endpoints,
            &connection.directory_id,
            &connection.client_id,
            connection.client_secret.expose_secret(),
        ));
        let mut slots = lock(&self.slots);
        let slot = slots
            .entry(connection.tenant_key)
            .and_modify(|slot| {
                if slot.credentials != credentials {
                    slot.credentials = credentials;
                    slot.desk = Arc::default();
                }
            })
            .or_insert_with(|| Slot {
                credentials,
                desk: Arc::default(),
            });
        Arc::clone(&slot.desk)
    }

    pub(crate) fn forget(&self, tenant_key: i64) {
        lock(&self.slots).remove(&tenant_key);
    }
}

impl Desk {
    /// The cached token, or one from `fetch`. Requests that come while it is being fetched wait
    /// for that one answer, and share its failure too.
    pub(crate) async fn token<F>(
        &self,
        refused: Option<u64>,
        fetch: F,
    ) -> Result<Token, GraphError>
    where
        F: Future<Output = Result<Token, GraphError>>,
    {
        let came = Instant::now();
        let mut state = self.state.lock().await;
        if let Some(token) = &state.token
            && Some(token.serial) != refused
            && Instant::now() < token.renew_at
        {
            return Ok(token.clone());
        }
        if let Some((at, failure)) = &state.failure
            && *at > came
        {
            return Err(failure.clone());
        }
        state.token = None;
        match fetch.await {
            Ok(mut token) => {
                state.serial += 1;
                token.serial = state.serial;
                state.failure = None;
                state.token = Some(token.clone());
                Ok(token)
            }
            Err(error) => {
                state.failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
}

/// Where a tenant's tokens come from.
pub(crate) fn url(connection: &TenantConnection) -> Result<Url, GraphError> {
    let directory = connection.directory_id.trim();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    if directory.is_empty() || !directory.chars().all(plain) {
        return Err(GraphError::new(
            GraphErrorKind::InvalidConfiguration,
            "the directory id is neither an id nor a domain name",
        ));
    }
    Url::parse(&format!(
        "{}/{directory}/oauth2/v2.0/token",
        connection.endpoints.login
    ))
    .map_err(|error| {
        GraphError::new(
            GraphErrorKind::InvalidConfiguration,
            format!("the login address is not usable: {error}"),
        )
    })
}

/// Reads the login service's answer.
pub(crate) fn read(answer: &Value, settings: &GraphSettings) -> Result<Token, GraphError> {
    let text = answer
        .get("access_token")
        .and_then(Value::as_str)
        .ok_or_else(|| GraphError::protocol("the login service's answer holds no token"))?;
    let mut authorization = HeaderValue::from_str(&format!("Bearer {text}"))
        .map_err(|_| GraphError::protocol("the login service's token is not a header value"))?;
    authorization.set_sensitive(true);
    // Seen as a number and, from older services, as text.
    let lifetime = answer
        .get("expires_in")
        .and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()))
        .map_or(Duration::ZERO, Duration::from_secs);
    let margin = settings.token_margin.min(lifetime / 10);
    Ok(Token {
        authorization,
        serial: 0,
        renew_at: Instant::now() + lifetime.saturating_sub(margin),
    })
}
