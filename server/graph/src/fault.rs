//! Turns a refused request's status, headers and body into a [`GraphError`].

use chrono::Utc;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::error::{GraphError, GraphErrorKind};
use crate::wait;

const LONGEST_MESSAGE: usize = 600;

/// Reads an error of Graph itself. `retry_after` and the ids come from the headers if they are
/// there, else from the body.
pub(crate) fn of_graph(status: u16, headers: &Headers, body: &Value) -> GraphError {
    let error = body.get("error").unwrap_or(&Value::Null);
    let code = error.get("code").and_then(Value::as_str);
    let message = error
        .get("message")
        .and_then(Value::as_str)
        .map(unwrapped)
        .filter(|message| !message.is_empty())
        .unwrap_or_else(|| plain_status(status));
    let inner = error
        .get("innerError")
        .or_else(|| error.get("innererror"))
        .unwrap_or(&Value::Null);
    let inner_id = |name: &str| inner.get(name).and_then(Value::as_str).map(str::to_owned);
    GraphError {
        kind: kind_of(status, code.unwrap_or_default(), &message),
        status: Some(status),
        code: code
            .filter(|code| !code.is_empty())
            .map(|code| one_line(code)),
        message,
        request_id: headers
            .request_id
            .clone()
            .or_else(|| inner_id("request-id")),
        client_request_id: headers
            .client_request_id
            .clone()
            .or_else(|| inner_id("client-request-id")),
        retry_after: headers
            .retry_after
            .as_deref()
            .and_then(|value| wait::retry_after(value, Utc::now())),
    }
}

/// The headers an error is read with, of a whole answer or of one inside a batch.
#[derive(Debug, Default, Clone)]
pub(crate) struct Headers {
    pub(crate) request_id: Option<String>,
    pub(crate) client_request_id: Option<String>,
    pub(crate) retry_after: Option<String>,
}

impl Headers {
    pub(crate) fn of_answer(headers: &HeaderMap) -> Self {
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Self {
            request_id: text("request-id"),
            client_request_id: text("client-request-id"),
            retry_after: text("retry-after"),
        }
    }

    /// Header names inside a batch keep whatever case the service wrote them in.
    pub(crate) fn of_batch(headers: &Value) -> Self {
        let text = |wanted: &str| {
            headers.as_object()?.iter().find_map(|(name, value)| {
                if !name.eq_ignore_ascii_case(wanted) {
                    return None;
                }
                match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                }
            })
        };
        Self {
            request_id: text("request-id"),
            client_request_id: text("client-request-id"),
            retry_after: text("retry-after"),
        }
    }
}

fn kind_of(status: u16, code: &str, message: &str) -> GraphErrorKind {
    let said = message.to_ascii_lowercase();
    if said.contains("request not applicable to target tenant") {
        return GraphErrorKind::NotLicensed;
    }
    // Some Intune services answer these with an unrelated status.
    if said.contains("too many requests") || code.eq_ignore_ascii_case("TooManyRequests") {
        return GraphErrorKind::Throttled;
    }
    if said.contains("resource temporarily unavailable") {
        return GraphErrorKind::Unavailable;
    }
    match status {
        401 => GraphErrorKind::TokenRefused,
        403 => GraphErrorKind::Forbidden,
        404 => GraphErrorKind::NotFound,
        408 => GraphErrorKind::Timeout,
        429 => GraphErrorKind::Throttled,
        500..=599 => GraphErrorKind::Unavailable,
        400..=499 => GraphErrorKind::BadRequest,
        _ => GraphErrorKind::Protocol,
    }
}

/// Intune puts a JSON document into `message`, sometimes twice over, and hangs the ids of its own
/// services and an internal address onto the sentence. Only the sentence is for people.
fn unwrapped(message: &str) -> String {
    let mut text = message.trim().to_owned();
    for _ in 0..3 {
        let Ok(Value::Object(inner)) = serde_json::from_str::<Value>(&text) else {
            break;
        };
        let sentence = ["CustomApiErrorPhrase", "Message", "message"]
            .iter()
            .filter_map(|name| inner.get(*name).and_then(Value::as_str))
            .find(|sentence| !sentence.trim().is_empty());
        match sentence {
            Some(sentence) => text = sentence.trim().to_owned(),
            None => break,
        }
    }
    if let Some(end) = text.find(" - Operation ID (for customer support)") {
        text.truncate(end);
    }
    one_line(&text)
}

/// One line of bounded length.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(LONGEST_MESSAGE) {
        line.truncate(end);
        line.push('…');
    }
    line
}

fn plain_status(status: u16) -> String {
    let reason = reqwest::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("no reason given");
    format!("Graph answered {status} ({reason})")
}

/// Reads an error of the login service, whose sentence begins with an `AADSTS` code and ends with
/// trace ids.
pub(crate) fn of_login(status: u16, headers: &Headers, body: &Value) -> GraphError {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let description = text("error_description").unwrap_or_default();
    let sentence = description
        .split(['\r', '\n'])
        .next()
        .unwrap_or_default()
        .split(" Trace ID:")
        .next()
        .unwrap_or_default();
    let number = body
        .pointer("/error_codes/0")
        .and_then(Value::as_u64)
        .or_else(|| {
            sentence
                .strip_prefix("AADSTS")?
                .split(|letter: char| !letter.is_ascii_digit())
                .next()?
                .parse()
                .ok()
        });
    GraphError {
        kind: kind_of_login(status, number, text("error").unwrap_or_default()),
        status: Some(status),
        code: number
            .map(|number| format!("AADSTS{number}"))
            .or_else(|| text("error").map(one_line)),
        message: if sentence.is_empty() {
            format!("the login service answered {status}")
        } else {
            one_line(sentence)
        },
        request_id: text("trace_id").map(one_line),
        client_request_id: text("correlation_id").map(one_line),
        retry_after: headers
            .retry_after
            .as_deref()
            .and_then(|value| wait::retry_after(value, Utc::now())),
    }
}

fn kind_of_login(status: u16, number: Option<u64>, error: &str) -> GraphErrorKind {
    match (number, status) {
        // Wrong, expired and missing client secret.
        (Some(7_000_215 | 7_000_222 | 7_000_216 | 7_000_218), _) => {
            GraphErrorKind::CredentialsRejected
        }
        // Unknown, malformed and non-existent directory.
        (Some(90_002 | 900_021 | 900_023), _) => GraphErrorKind::TenantNotFound,
        (Some(700_016), _) => GraphErrorKind::AppNotFound,
        // No consent yet, and the application has no service principal in the directory.
        (Some(65_001 | 7_000_229), _) => GraphErrorKind::ConsentMissing,
        (Some(90_033), _) => GraphErrorKind::Unavailable,
        (_, 429) => GraphErrorKind::Throttled,
        (_, 500..=599) => GraphErrorKind::Unavailable,
        _ if error == "temporarily_unavailable" => GraphErrorKind::Unavailable,
        _ if error == "invalid_client" => GraphErrorKind::CredentialsRejected,
        _ => GraphErrorKind::TokenRefused,
    }
}

#[cfg(test)]
#[path = "fault_tests.rs"]
mod tests;
