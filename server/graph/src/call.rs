//! Sends one request, and sends it again while that can help.

use std::future::Future;
use std::time::Duration;

use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use serde_json::Value;
use uuid::Uuid;

use crate::body;
use crate::budget::Service;
use crate::error::{GraphError, GraphErrorKind};
use crate::fault::{self, Headers};
use crate::tenant::TenantGraph;
use crate::token::{self, Token};
use crate::wait::{self, WaitReason, Waits};

/// What may happen twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Reading, or replacing with the same: any passing failure is tried again.
    Freely,
    /// Creating: Graph makes a second object of the same name, so only a request that surely was
    /// not carried out is tried again.
    IfNotCarriedOut,
}

impl Repeat {
    pub(crate) fn of(method: &Method) -> Self {
        if *method == Method::POST {
            Repeat::IfNotCarriedOut
        } else {
            Repeat::Freely
        }
    }

    /// Whether a failure with this status and kind is worth another attempt, and why it waits.
    pub(crate) fn reason(self, error: &GraphError) -> Option<WaitReason> {
        match (error.kind, error.status) {
            (GraphErrorKind::Throttled, _) => Some(WaitReason::Throttled),
            _ if self == Repeat::IfNotCarriedOut => None,
            (GraphErrorKind::Unavailable, Some(500 | 501)) => None,
            (GraphErrorKind::Unavailable, _) => Some(WaitReason::ServiceUnavailable),
            (GraphErrorKind::Network | GraphErrorKind::Timeout, _) => Some(WaitReason::Network),
            _ => None,
        }
    }
}

/// One request to Graph.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) service: Service,
    pub(crate) body: Option<Value>,
    pub(crate) repeat: Repeat,
}

/// A failed attempt.
struct Failed {
    error: GraphError,
    /// No connection was made, so nothing can have been carried out.
    unsent: bool,
}

impl From<GraphError> for Failed {
    fn from(error: GraphError) -> Self {
        Self {
            error,
            unsent: false,
        }
    }
}

impl TenantGraph {
    /// The answer's body, after as many attempts as the settings allow.
    pub(crate) async fn send(&self, call: &Call) -> Result<Value, GraphError> {
        let mut refused = None;
        loop {
            let token = self.token(refused).await?;
            let outcome = self
                .repeating(call.service, call.repeat, || self.attempt(call, &token))
                .await;
            match outcome {
                // A token can be revoked before its time; a fresh one is tried once.
                Err(error) if error.status == Some(401) && refused.is_none() => {
                    refused = Some(token.serial);
                }
                outcome => return outcome,
            }
        }
    }

    async fn token(&self, refused: Option<u64>) -> Result<Token, GraphError> {
        let desk = self.shared().tokens.desk(self.connection());
        let fetch = async {
            let url = token::url(self.connection())?;
            let answer = self
                .repeating(Service::Login, Repeat::Freely, || self.login(url.clone()))
                .await?;
            token::read(&answer, &self.shared().settings)
        };
        desk.token(refused, fetch).await
    }

    async fn repeating<F, A>(
        &self,
        service: Service,
        repeat: Repeat,
        attempt: F,
    ) -> Result<Value, GraphError>
    where
        F: Fn() -> A,
        A: Future<Output = Result<Value, Failed>>,
    {
        let settings = &self.shared().settings;
        let mut waits = Waits::new(settings, self.observer());
        let mut attempts = 0;
        loop {
            let permit = self.budget().admit(service, &mut waits).await?;
            attempts += 1;
            let Failed { error, unsent } = match attempt().await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            drop(permit);
            let reason = match repeat.reason(&error) {
                Some(reason) => reason,
                None if unsent => WaitReason::Network,
                None => return Err(error),
            };
            let wait = error
                .retry_after
                .unwrap_or_else(|| wait::backoff(settings, attempts));
            let named = error.retry_after.is_some();
            // The pause holds for the tenant's other requests even if this one gives up.
            if reason == WaitReason::Throttled || named {
                self.budget().pause(service, wait, reason);
            }
            if attempts >= settings.max_attempts || !waits.allows(wait) {
                return Err(error);
            }
            tracing::debug!(
                tenant = self.connection().tenant_key,
                attempts,
                wait_ms = wait.as_millis(),
                ?reason,
                error = %error,
                "Graph request waits"
            );
            if !(reason == WaitReason::Throttled || named) {
                waits.wait(wait, reason).await?;
            }
        }
    }

    async fn attempt(&self, call: &Call, token: &Token) -> Result<Value, Failed> {
        let ours = Uuid::new_v4().to_string();
        let mut request = self
            .shared()
            .http
            .request(call.method.clone(), call.url.clone())
            .header("authorization", token.authorization.clone())
            .header("client-request-id", &ours)
            .header("return-client-request-id", "true")
            .header("accept", "application/json");
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let mut outcome = self.answer(request, fault::of_graph).await;
        if let Err(failed) = &mut outcome {
            failed.error.client_request_id.get_or_insert(ours);
        }
        tracing::trace!(
            tenant = self.connection().tenant_key,
            method = %call.method,
            path = call.url.path(),
            failed = outcome.is_err(),
            "Graph request"
        );
        outcome
    }

    async fn login(&self, url: Url) -> Result<Value, Failed> {
        let connection = self.connection();
        let scope = format!("{}/.default", connection.endpoints.graph);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", connection.client_id.as_str()),
            ("client_secret", connection.client_secret.expose_secret()),
            ("scope", scope.as_str()),
        ];
        let request = self.shared().http.post(url).form(&form);
        self.answer(request, fault::of_login).await
    }

    async fn answer(
        &self,
        request: reqwest::RequestBuilder,
        read_error: fn(u16, &Headers, &Value) -> GraphError,
    ) -> Result<Value, Failed> {
        let response = request.send().await.map_err(|error| Failed {
            unsent: error.is_connect(),
            error: GraphError::from_transport(error),
        })?;
        let status = response.status();
        let headers = Headers::of_answer(response.headers());
        let bytes = match body::read(response, self.shared().settings.max_body_bytes).await {
            Ok(bytes) => bytes,
            // The status says more than the body of a refused request.
            Err(_) if !status.is_success() => Vec::new(),
            Err(mut error) => {
                error.status = Some(status.as_u16());
                error.request_id = headers.request_id;
                return Err(error.into());
            }
        };
        if status.is_success() {
            return body::json(&bytes).map_err(|mut error| {
                error.status = Some(status.as_u16());
                error.request_id = headers.request_id;
                error.into()
            });
        }
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Err(read_error(status.as_u16(), &headers, &body).into())
    }
}

/// The longest `Retry-After` of several answers, or the doubling wait if none named one.
pub(crate) fn longest(waits: impl Iterator<Item = Option<Duration>>) -> Option<Duration> {
    waits.flatten().max()
}
