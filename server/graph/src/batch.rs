//! Many small requests in few: `$batch`, twenty at a time, each inner failure dealt with alone.

use std::collections::HashMap;

use base64::Engine;
use reqwest::Method;
use serde_json::{Value, json};

use crate::budget::Service;
use crate::call::{Call, Repeat};
use crate::error::{GraphError, GraphErrorKind};
use crate::fault::{self, Headers};
use crate::tenant::{ApiVersion, TenantGraph};
use crate::wait::{self, WaitReason, Waits};

const MOST_AT_ONCE: usize = 20;

/// One request of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchRequest {
    /// The caller's id, unique among the requests given together.
    pub id: String,
    pub method: Method,
    /// The path and query from the leading slash, without the version.
    pub url: String,
    pub body: Option<Value>,
}

/// What became of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchResponse {
    /// The request's id.
    pub id: String,
    /// The HTTP status, 0 if the batch held no answer for this request.
    pub status: u16,
    pub outcome: Result<Value, GraphError>,
}

impl TenantGraph {
    /// Sends the requests in batches and gives the answers in their order. A request that is
    /// throttled inside a batch is sent again in a later one. `Err` only when a batch as a whole
    /// fails.
    pub async fn batch(
        &self,
        version: ApiVersion,
        requests: Vec<BatchRequest>,
    ) -> Result<Vec<BatchResponse>, GraphError> {
        let mut responses = Vec::with_capacity(requests.len());
        for chunk in requests.chunks(MOST_AT_ONCE) {
            responses.append(&mut self.chunk(version, chunk).await?);
        }
        Ok(responses)
    }

    async fn chunk(
        &self,
        version: ApiVersion,
        requests: &[BatchRequest],
    ) -> Result<Vec<BatchResponse>, GraphError> {
        let settings = &self.shared().settings;
        let mut waits = Waits::new(settings, self.observer());
        let mut done: HashMap<usize, BatchResponse> = HashMap::new();
        let mut open: Vec<usize> = (0..requests.len()).collect();
        let mut round = 0;
        while !open.is_empty() {
            round += 1;
            let mut answers = self.round(version, requests, &open).await?;
            let mut again = Vec::new();
            let mut longest = None;
            for place in open {
                let answer = answers
                    .remove(&place)
                    .unwrap_or_else(|| unanswered(&requests[place]));
                let reason = answer
                    .outcome
                    .as_ref()
                    .err()
                    .and_then(|error| Repeat::of(&requests[place].method).reason(error));
                if let (Some(reason), Err(error)) = (reason, &answer.outcome) {
                    longest = longest.max(error.retry_after);
                    again.push((place, reason));
                }
                done.insert(place, answer);
            }
            let Some(&(_, reason)) = again.first() else {
                break;
            };
            let wait = longest.unwrap_or_else(|| wait::backoff(settings, round));
            if round >= settings.max_attempts || !waits.allows(wait) {
                break;
            }
            let service = Service::of_path(&requests[again[0].0].url);
            if reason == WaitReason::Throttled {
                self.budget().pause(service, wait, reason);
            }
            waits.wait(wait, reason).await?;
            open = again.into_iter().map(|(place, _)| place).collect();
        }
        let mut responses: Vec<(usize, BatchResponse)> = done.into_iter().collect();
        responses.sort_by_key(|(place, _)| *place);
        Ok(responses.into_iter().map(|(_, answer)| answer).collect())
    }

    async fn round(
        &self,
        version: ApiVersion,
        requests: &[BatchRequest],
        open: &[usize],
    ) -> Result<HashMap<usize, BatchResponse>, GraphError> {
        let Some(first) = open.first() else {
            return Ok(HashMap::new());
        };
        let repeat = if open
            .iter()
            .all(|place| Repeat::of(&requests[*place].method) == Repeat::Freely)
        {
            Repeat::Freely
        } else {
            Repeat::IfNotCarriedOut
        };
        let call = Call {
            method: Method::POST,
            url: self.url(version, "/$batch")?,
            service: Service::of_path(&requests[*first].url),
            body: Some(envelope(requests, open)),
            repeat,
        };
        let mut answer = self.send(&call).await?;
        let Some(Value::Array(inner)) = answer.get_mut("responses").map(Value::take) else {
            return Err(GraphError::protocol("the batch's answer holds no responses"));
        };
        // Answers come in any order; ours are matched by the place we numbered them with.
        Ok(inner
            .into_iter()
            .filter_map(|item| {
                let place: usize = item.get("id")?.as_str()?.parse().ok()?;
                open.contains(&place)
                    .then(|| (place, response(&requests[place], item)))
            })
            .collect())
    }
}

fn envelope(requests: &[BatchRequest], open: &[usize]) -> Value {
    let inner: Vec<Value> = open
        .iter()
        .map(|place| {
            let request = &requests[*place];
            let mut entry = json!({
                "id": place.to_string(),
                "method": request.method.as_str(),
                "url": request.url,
            });
            if let Some(body) = &request.body {
                entry["headers"] = json!({"Content-Type": "application/json"});
                entry["body"] = body.clone();
            }
            entry
        })
        .collect();
    json!({"requests": inner})
}

fn response(request: &BatchRequest, mut item: Value) -> BatchResponse {
    let status = item
        .get("status")
        .and_then(Value::as_u64)
        .and_then(|status| u16::try_from(status).ok())
        .unwrap_or(0);
    let body = decoded(item.get_mut("body").map(Value::take).unwrap_or_default());
    let outcome = if (200..300).contains(&status) {
        Ok(body)
    } else {
        let headers = Headers::of_batch(item.get("headers").unwrap_or(&Value::Null));
        Err(fault::of_graph(status, &headers, &body))
    };
    BatchResponse {
        id: request.id.clone(),
        status,
        outcome,
    }
}

/// A body that the service did not take for JSON comes as base64 text.
fn decoded(body: Value) -> Value {
    let Value::String(text) = &body else {
        return body;
    };
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or(body)
}

fn unanswered(request: &BatchRequest) -> BatchResponse {
    BatchResponse {
        id: request.id.clone(),
        status: 0,
        outcome: Err(GraphError::new(
            GraphErrorKind::Protocol,
            "the batch's answer leaves this request out",
        )),
    }
}
