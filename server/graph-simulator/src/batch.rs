//! `$batch`: up to twenty requests in one, each with its own fate.

use std::collections::{HashMap, HashSet};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::address::Version;
use crate::bearer::Bearer;
use crate::call::{Answer, Call, Content, Reply};
use crate::error::GraphError;
use crate::server::{Server, finish};

const MOST: usize = 20;

#[derive(Debug, Deserialize)]
struct Batch {
    requests: Vec<Inner>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: HashMap<String, String>,
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Answers `POST /{version}/$batch`. The second value says that the answer is to be lost, as one within it is.
pub(crate) fn answer(
    server: &Server,
    bearer: &Bearer,
    version: Version,
    origin: &str,
    body: &[u8],
) -> (Answer, bool) {
    let batch = serde_json::from_slice::<Batch>(body)
        .map_err(|_| GraphError::bad_request("Invalid batch payload format."))
        .and_then(|batch| check(&batch).map(|()| batch));
    match batch {
        Ok(batch) => run_all(server, bearer, version, origin, &batch),
        Err(error) => (Err(error), false),
    }
}

fn run_all(
    server: &Server,
    bearer: &Bearer,
    version: Version,
    origin: &str,
    batch: &Batch,
) -> (Answer, bool) {
    let mut any_lost = false;
    let mut statuses: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::new();
    for inner in &batch.requests {
        let failed = inner.depends_on.iter().any(|id| {
            statuses
                .get(&id.to_lowercase())
                .is_none_or(|status| *status >= 400)
        });
        let (answer, lost) = if failed {
            let error = GraphError::new(
                424,
                "FailedDependency",
                "One or more dependent requests failed.",
            );
            (Err(error), false)
        } else {
            match call(bearer, version, origin, inner) {
                Ok(call) => server.answer(&call, true),
                Err(error) => (Err(error), false),
            }
        };
        any_lost |= lost;
        let reply = finish(
            answer,
            &Uuid::new_v4().to_string(),
            &Uuid::new_v4().to_string(),
        );
        statuses.insert(inner.id.to_lowercase(), reply.status);
        responses.push(response(&inner.id, reply));
    }
    // Graph promises no order; clients that rely on one should notice here.
    responses.reverse();
    let reply = Reply::json(200, json!({"responses": responses}));
    (Ok(reply), any_lost)
}

fn check(batch: &Batch) -> Result<(), GraphError> {
    if batch.requests.is_empty() {
        return Err(GraphError::bad_request("Invalid batch payload format."));
    }
    if batch.requests.len() > MOST {
        let text = format!("Number of batch request steps exceeds the maximum value of {MOST}.");
        return Err(GraphError::new(400, "MaximumValueExceeded", text));
    }
    let mut known = HashSet::new();
    for inner in &batch.requests {
        if inner
            .depends_on
            .iter()
            .any(|id| !known.contains(&id.to_lowercase()))
        {
            return Err(GraphError::bad_request(
                "The dependsOn property names a request that is not in front of this one.",
            ));
        }
        if !known.insert(inner.id.to_lowercase()) {
            return Err(GraphError::bad_request(format!(
                "Request id '{}' is not unique in the batch.",
                inner.id
            )));
        }
        let typed = inner
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("content-type"));
        if inner.body.is_some() && !typed {
            return Err(GraphError::bad_request(format!(
                "Request '{}' has a body but no Content-Type header.",
                inner.id
            )));
        }
    }
    Ok(())
}

fn call<'a>(
    bearer: &'a Bearer,
    version: Version,
    origin: &str,
    inner: &Inner,
) -> Result<Call<'a>, GraphError> {
    let method = Method::from_bytes(inner.method.to_uppercase().as_bytes())
        .map_err(|_| GraphError::bad_request(format!("Invalid method '{}'.", inner.method)))?;
    if inner.url.starts_with("http://") || inner.url.starts_with("https://") {
        return Err(GraphError::bad_request(
            "The url of a batched request must be relative.",
        ));
    }
    let headers: HeaderMap = inner
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((
                name.parse::<HeaderName>().ok()?,
                value.parse::<HeaderValue>().ok()?,
            ))
        })
        .collect();
    let body = match &inner.body {
        None => Vec::new(),
        Some(Value::String(text)) => STANDARD
            .decode(text)
            .unwrap_or_else(|_| text.clone().into_bytes()),
        Some(value) => value.to_string().into_bytes(),
    };
    let target = format!("/{}/{}", version.text(), inner.url.trim_start_matches('/'));
    Call::new(bearer, method, &target, origin, &headers, body)
}

fn response(id: &str, reply: Reply) -> Value {
    let mut headers: Map<String, Value> = reply
        .headers
        .into_iter()
        .map(|(name, value)| (header_case(name), json!(value)))
        .collect();
    let mut response = json!({"id": id, "status": reply.status});
    let body = match reply.content {
        Content::Empty => None,
        Content::Json(value) => {
            headers.insert("Content-Type".to_owned(), json!("application/json"));
            Some(value)
        }
        Content::Text(text) => {
            headers.insert("Content-Type".to_owned(), json!("text/plain"));
            Some(json!(STANDARD.encode(text)))
        }
    };
    if let Some(object) = response.as_object_mut() {
        object.insert("headers".to_owned(), Value::Object(headers));
        if let Some(body) = body {
            object.insert("body".to_owned(), body);
        }
    }
    response
}

/// `retry-after` becomes `Retry-After`: inside a batch header names are plain JSON keys, so case is visible.
fn header_case(name: &str) -> String {
    let parts: Vec<String> = name
        .split('-')
        .map(|part| {
            let mut letters = part.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect())
                .unwrap_or_default()
        })
        .collect();
    parts.join("-")
}
