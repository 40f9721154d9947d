//! `$batch`: up to twenty reads in one request, each with an answer and a throttling of its own.

use std::{collections::HashMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    answer::error_in,
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    kinds::ApiVersion,
    send::Call,
    wait::{WaitReason, Waits, backoff, retry_after},
};

/// The most requests that one batch may hold.
pub(crate) const LARGEST: usize = 20;
/// How often requests within a batch that were throttled are sent again.
const ROUNDS: u32 = 10;

/// One read within a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRequest {
    /// The caller's own name for it; unique within the call.
    pub id: String,
    /// Path below the version, with its query.
    pub path: String,
}

/// The answer to one request of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchResponse {
    pub id: String,
    pub result: Result<Value, GraphError>,
}

#[derive(Deserialize)]
struct Answers {
    responses: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
}

impl TenantGraph {
    /// Reads many resources; the answers come in the order of the requests. Only a failure of a whole batch fails the call.
    pub async fn batch(
        &self,
        version: ApiVersion,
        requests: Vec<BatchRequest>,
    ) -> Result<Vec<BatchResponse>, GraphError> {
        let mut answers = Vec::with_capacity(requests.len());
        for chunk in requests.chunks(LARGEST) {
            answers.extend(self.one_batch(version, chunk).await?);
        }
        Ok(answers)
    }

    async fn one_batch(
        &self,
        version: ApiVersion,
        requests: &[BatchRequest],
    ) -> Result<Vec<BatchResponse>, GraphError> {
        let settings = &self.shared.settings;
        let mut waits = Waits::new(settings, self.observer.as_ref());
        let mut done: HashMap<&str, Result<Value, GraphError>> = HashMap::new();
        for round in 1..=ROUNDS {
            let open: Vec<&BatchRequest> = requests
                .iter()
                .filter(|request| !matches!(done.get(request.id.as_str()), Some(result) if !again(result)))
                .collect();
            if open.is_empty() {
                break;
            }
            if round > 1 {
                let asked_for = open
                    .iter()
                    .filter_map(|request| longest_wait(done.get(request.id.as_str())?));
                let wait = asked_for
                    .max()
                    .unwrap_or_else(|| backoff(settings, round - 1));
                if waits.wait(wait, WaitReason::Throttled).await.is_err() {
                    break;
                }
            }
            let answers = self.post_batch(version, &open).await?;
            for request in open {
                let answer = answers.get(&request.id).cloned();
                let missing = || {
                    Err(GraphError::protocol(
                        "a batch left a request without an answer",
                    ))
                };
                done.insert(&request.id, answer.unwrap_or_else(missing));
            }
        }
        let missing = || {
            Err(GraphError::protocol(
                "a batch left a request without an answer",
            ))
        };
        Ok(requests
            .iter()
            .map(|request| BatchResponse {
                id: request.id.clone(),
                result: done.remove(request.id.as_str()).unwrap_or_else(missing),
            })
            .collect())
    }

    async fn post_batch(
        &self,
        version: ApiVersion,
        requests: &[&BatchRequest],
    ) -> Result<HashMap<String, Result<Value, GraphError>>, GraphError> {
        let requests: Vec<Value> = requests
            .iter()
            .map(|request| json!({ "id": request.id, "method": "GET", "url": request.path }))
            .collect();
        let call = Call::new(Method::POST, self.url(version, "/$batch"));
        let body = self
            .send(call.json(json!({ "requests": requests })))
            .await?;
        let answers: Answers = serde_json::from_value(body)
            .map_err(|_| GraphError::protocol("the answer to a batch is not one"))?;
        Ok(answers
            .responses
            .into_iter()
            .map(|answer| (answer.id.clone(), result_of(answer)))
            .collect())
    }
}

fn result_of(answer: Answer) -> Result<Value, GraphError> {
    let body = match answer.body {
        // Some services send the inner body as base64.
        Value::String(text) => STANDARD
            .decode(&text)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or(Value::String(text)),
        body => body,
    };
    let status = StatusCode::from_u16(answer.status)
        .map_err(|_| GraphError::protocol("a batch answered with an impossible status"))?;
    if status.is_success() {
        return Ok(body);
    }
    let mut error = error_in(status, &body);
    error.retry_after = answer
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))
        .and_then(|(_, value)| match value {
            Value::String(text) => retry_after(text, chrono::Utc::now()),
            Value::Number(seconds) => seconds.as_u64().map(Duration::from_secs),
            _ => None,
        });
    Err(error)
}

fn again(result: &Result<Value, GraphError>) -> bool {
    let kind = result.as_ref().err().map(|error| error.kind);
    matches!(
        kind,
        Some(GraphErrorKind::Throttled | GraphErrorKind::Unavailable)
    )
}

fn longest_wait(result: &Result<Value, GraphError>) -> Option<Duration> {
    result.as_ref().err()?.retry_after
}
