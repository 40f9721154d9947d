//! What an answer means: its body within the limit, and errors unwrapped from whatever they are wrapped in.

use reqwest::{Response, StatusCode, header::HeaderMap};
use serde_json::Value;

use crate::{
    error::{GraphError, GraphErrorKind},
    wait::retry_after,
};

/// Reads a body up to `limit` bytes after decompression.
pub(crate) async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, GraphError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(GraphError::from_transport)? {
        if body.len() + chunk.len() > limit {
            let message = format!("the answer is larger than {limit} bytes");
            return Err(GraphError::new(GraphErrorKind::TooLarge, message));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The JSON of a good answer; null for an empty one (204).
pub(crate) fn json(body: &[u8]) -> Result<Value, GraphError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|_| GraphError::protocol("the answer is not JSON"))
}

/// An answer that is not good, as an error.
pub(crate) fn error_of(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> GraphError {
    let header = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
    let parsed = serde_json::from_slice(body).unwrap_or(Value::Null);
    let mut error = error_in(status, &parsed);
    error.request_id = header("request-id").or(error.request_id);
    error.client_request_id = header("client-request-id").or(error.client_request_id);
    error.retry_after =
        header("retry-after").and_then(|value| retry_after(&value, chrono::Utc::now()));
    error
}

/// The error in a body, as it stands in an answer of its own or within a batch.
pub(crate) fn error_in(status: StatusCode, body: &Value) -> GraphError {
    let inner = &body["error"];
    let code = inner["code"].as_str().filter(|code| !code.is_empty());
    let message = match inner["message"].as_str() {
        Some(message) => unwrapped(message),
        None => format!("answered with status {}", status.as_u16()),
    };
    let ids = ["innerError", "innererror"]
        .iter()
        .find_map(|name| inner.get(name))
        .unwrap_or(&Value::Null);
    let id = |name: &str| ids[name].as_str().map(str::to_owned);
    let mut error = GraphError::new(kind_of(status, code.unwrap_or_default(), &message), message);
    error.status = Some(status.as_u16());
    error.code = code.map(str::to_owned);
    error.request_id = id("request-id");
    error.client_request_id = id("client-request-id");
    error
}

/// Intune puts JSON text into `message`; its `Message` ends in support ids and an internal address.
fn unwrapped(message: &str) -> String {
    let inner = serde_json::from_str::<Value>(message)
        .ok()
        .and_then(|inner| inner["Message"].as_str().map(str::to_owned));
    let text = inner.as_deref().unwrap_or(message);
    let text = text
        .split(" - Operation ID (for customer support)")
        .next()
        .unwrap_or(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn kind_of(status: StatusCode, code: &str, message: &str) -> GraphErrorKind {
    let says = |text: &str| message.to_ascii_lowercase().contains(text);
    let expired = ["resyncrequired", "syncstatenotfound"]
        .iter()
        .any(|known| code.eq_ignore_ascii_case(known));
    match status.as_u16() {
        410 => GraphErrorKind::DeltaExpired,
        400 if expired => GraphErrorKind::DeltaExpired,
        400 | 403 if says("not applicable to target tenant") => GraphErrorKind::NotLicensed,
        429 => GraphErrorKind::Throttled,
        400 | 403 if says("too many requests") => GraphErrorKind::Throttled,
        401 => GraphErrorKind::TokenRefused,
        403 => GraphErrorKind::Forbidden,
        404 => GraphErrorKind::NotFound,
        408 => GraphErrorKind::Timeout,
        500.. => GraphErrorKind::Unavailable,
        _ => GraphErrorKind::BadRequest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &Value) -> GraphError {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        error_of(status, &HeaderMap::new(), body.to_string().as_bytes())
    }

    #[test]
    fn an_error_that_is_encoded_twice_is_unwrapped_to_its_sentence() {
        let inner = serde_json::json!({
            "_version": 3,
            "Message": "SecretReferenceValueId invalid for create. - Operation ID (for customer support): 0000 - Activity ID: 1531 - Url: https://fef.example/?api-version=5020",
            "RetryAfter": null,
        });
        let body = serde_json::json!({"error": {"code": "NotSupported", "message": inner.to_string(),
            "innerError": {"request-id": "r1", "client-request-id": "c1"}}});
        let error = error(400, &body);
        assert_eq!(error.message, "SecretReferenceValueId invalid for create.");
        assert_eq!(
            (error.code.as_deref(), error.kind),
            (Some("NotSupported"), GraphErrorKind::BadRequest)
        );
        assert_eq!(
            (
                error.request_id.as_deref(),
                error.client_request_id.as_deref()
            ),
            (Some("r1"), Some("c1"))
        );
    }

    #[test]
    fn each_status_has_its_meaning() {
        let body = |code: &str, message: &str| serde_json::json!({"error": {"code": code, "message": message}});
        for (status, code, message, kind) in [
            (
                403,
                "Forbidden",
                "Application is not authorized",
                GraphErrorKind::Forbidden,
            ),
            (
                403,
                "",
                "Request not applicable to target tenant.",
                GraphErrorKind::NotLicensed,
            ),
            (400, "resyncRequired", "", GraphErrorKind::DeltaExpired),
            (410, "syncStateNotFound", "", GraphErrorKind::DeltaExpired),
            (429, "TooManyRequests", "", GraphErrorKind::Throttled),
            (404, "ResourceNotFound", "", GraphErrorKind::NotFound),
            (503, "", "", GraphErrorKind::Unavailable),
        ] {
            assert_eq!(
                error(status, &body(code, message)).kind,
                kind,
                "{status} {code} {message}"
            );
        }
        assert_eq!(
            error_of(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>").kind,
            GraphErrorKind::Unavailable
        );
    }
}
