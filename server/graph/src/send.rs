//! Sending one request: within the tenant's budget, with its token, again when that can help.

use reqwest::{Method, RequestBuilder, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    answer,
    budget::Service,
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    token,
    wait::{WaitReason, Waits, backoff},
};

/// One request, as it may be sent several times.
pub(crate) struct Call {
    method: Method,
    url: String,
    content: Content,
    /// Advanced directory queries need `ConsistencyLevel: eventual`.
    pub eventual: bool,
    /// Sending it twice does no more than sending it once.
    repeatable: bool,
}

enum Content {
    None,
    Json(Value),
    /// A form for the login service, which takes no token.
    Login(Vec<(&'static str, String)>),
}

impl Call {
    /// Everything but a POST may be repeated.
    pub fn new(method: Method, url: String) -> Self {
        Self {
            repeatable: method != Method::POST,
            method,
            url,
            content: Content::None,
            eventual: false,
        }
    }

    /// A POST that sets something to what it says, whatever was there.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    pub fn json(mut self, body: Value) -> Self {
        self.content = Content::Json(body);
        self
    }

    pub fn login(mut self, form: Vec<(&'static str, String)>) -> Self {
        self.content = Content::Login(form);
        self
    }

    fn is_login(&self) -> bool {
        matches!(self.content, Content::Login(_))
    }

    /// A batch here only reads.
    fn is_write(&self) -> bool {
        self.method != Method::GET && !self.is_login() && !self.url.ends_with("/$batch")
    }

    fn is_repeatable(&self) -> bool {
        self.repeatable || !self.is_write()
    }

    fn service(&self, graph: &str) -> Service {
        if self.is_login() {
            return Service::Login;
        }
        let below = self.url.strip_prefix(graph).unwrap_or_default();
        let path = below
            .trim_start_matches('/')
            .split_once('/')
            .map_or("", |(_, path)| path);
        Service::of_path(path)
    }
}

impl TenantGraph {
    /// Sends a request until it is answered, refused for good, or the limits of waiting are reached.
    pub(crate) async fn send(&self, call: Call) -> Result<Value, GraphError> {
        let settings = &self.shared.settings;
        let budget = self.shared.budgets.of(self.connection.tenant_key, settings);
        let service = call.service(&self.connection.endpoints.graph);
        let mut waits = Waits::new(settings, self.observer.as_ref());
        let mut token_was_renewed = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let token = match (call.is_login(), &self.person) {
                (true, _) => None,
                (false, Some(person)) => Some(person.clone()),
                // Boxed, as getting a token sends a request itself.
                (false, None) => Some(Box::pin(self.token()).await?),
            };
            let permit = budget.admit(service, call.is_write(), &mut waits).await?;
            let mut request = self.request(&call);
            if let Some(token) = &token {
                request = request.bearer_auth(token.expose_secret());
            }
            let error = match self.exchange(request, call.is_login()).await {
                Ok(answer) => return Ok(answer),
                Err(error) if call.is_repeatable() => error,
                Err(error) => error.of_single_write(),
            };
            drop(permit);
            if error.status == Some(401)
                && let Some(refused) = &token
                && self.person.is_none()
                && !token_was_renewed
            {
                // Revoked or expired early: a fresh one tells whether it is the token or the right.
                let tokens = &self.shared.tokens;
                tokens
                    .forget_refused(self.connection.tenant_key, refused)
                    .await;
                token_was_renewed = true;
                continue;
            }
            let Some(reason) = worth_another_try(&call, &error) else {
                return Err(error);
            };
            if attempt >= settings.max_attempts {
                return Err(error);
            }
            let wait = error
                .retry_after
                .unwrap_or_else(|| backoff(settings, attempt));
            if reason == WaitReason::Throttled || error.retry_after.is_some() {
                // What stops this request would stop all others to the service.
                budget.pause(service, wait, reason);
            } else {
                waits.wait(wait, reason).await.map_err(|_| error)?;
            }
        }
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        let mut request = self
            .shared
            .http
            .request(call.method.clone(), &call.url)
            .header(header::ACCEPT, "application/json")
            .header("client-request-id", Uuid::new_v4().to_string());
        if call.eventual {
            request = request.header("ConsistencyLevel", "eventual");
        }
        match &call.content {
            Content::None => request,
            Content::Json(body) => request.json(body),
            Content::Login(form) => request.form(form),
        }
    }

    async fn exchange(&self, request: RequestBuilder, login: bool) -> Result<Value, GraphError> {
        let response = request.send().await.map_err(GraphError::from_transport)?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = answer::read_body(response, self.shared.settings.max_body_bytes).await?;
        if status.is_success() {
            return answer::json(&body);
        }
        if login && let Some(refused) = token::refusal(status, &body) {
            return Err(refused);
        }
        Err(answer::error_of(status, &headers, &body))
    }
}

/// Why trying again may help; none if it can't, or if it could do the work twice.
fn worth_another_try(call: &Call, error: &GraphError) -> Option<WaitReason> {
    match error.kind {
        // Nothing was done yet, whatever the method.
        GraphErrorKind::Throttled => Some(WaitReason::Throttled),
        GraphErrorKind::Unavailable
            if call.is_repeatable()
                && error.status != Some(StatusCode::NOT_IMPLEMENTED.as_u16()) =>
        {
            Some(WaitReason::ServiceUnavailable)
        }
        GraphErrorKind::Network | GraphErrorKind::Timeout
            if call.is_repeatable() || error.unsent =>
        {
            Some(WaitReason::Network)
        }
        _ => None,
    }
}
