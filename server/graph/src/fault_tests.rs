//! Error bodies seen on live tenants, and what becomes of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::json;

use super::*;

fn graph(status: u16, code: &str, message: &str) -> GraphError {
    of_graph(
        status,
        &Headers::default(),
        &json!({"error": {"code": code, "message": message}}),
    )
}

#[test]
fn a_doubly_encoded_intune_message_becomes_its_sentence() {
    let wrapped = "{\r\n  \"_version\": 3,\r\n  \"Message\": \"An error has occurred - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: 153136c9-0000-0000-0000-000000000000 - Url: https://fef.msud01.manage.microsoft.com/x?api-version=5020\",\r\n  \"CustomApiErrorPhrase\": \"\",\r\n  \"RetryAfter\": null,\r\n  \"ErrorSourceService\": \"\",\r\n  \"HttpHeaders\": \"{}\"\r\n}";
    let error = graph(400, "BadRequest", wrapped);
    assert_eq!(error.message, "An error has occurred");
    assert_eq!(error.kind, GraphErrorKind::BadRequest);
    assert_eq!(error.code.as_deref(), Some("BadRequest"));
}

#[test]
fn a_message_encoded_twice_over_is_unwrapped_twice() {
    let inner = json!({"Message": "SecretReferenceValueId invalid for create."}).to_string();
    let outer = json!({"Message": inner}).to_string();
    assert_eq!(
        graph(400, "NotSupported", &outer).message,
        "SecretReferenceValueId invalid for create."
    );
}

#[test]
fn a_plain_message_is_kept_in_one_line() {
    let error = graph(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges\r\n to complete the operation.",
    );
    assert_eq!(
        error.message,
        "Insufficient privileges to complete the operation."
    );
    assert_eq!(error.kind, GraphErrorKind::Forbidden);
    assert!(!error.is_transient());
}

#[test]
fn the_request_ids_come_from_the_headers_or_the_body() {
    let body = json!({"error": {"code": "x", "message": "y", "innerError": {
        "request-id": "body-id", "client-request-id": "body-client"}}});
    let error = of_graph(400, &Headers::default(), &body);
    assert_eq!(error.request_id.as_deref(), Some("body-id"));
    assert_eq!(error.client_request_id.as_deref(), Some("body-client"));
    let headers = Headers {
        request_id: Some("header-id".to_owned()),
        ..Headers::default()
    };
    let error = of_graph(400, &headers, &body);
    assert_eq!(error.request_id.as_deref(), Some("header-id"));
}

#[test]
fn a_tenant_without_intune_is_not_licensed() {
    for status in [400, 403] {
        let error = graph(status, "x", "Request not applicable to target tenant.");
        assert_eq!(error.kind, GraphErrorKind::NotLicensed);
    }
}

#[test]
fn throttling_is_recognised_by_its_words_when_the_status_hides_it() {
    assert_eq!(
        graph(400, "x", "Too many requests").kind,
        GraphErrorKind::Throttled
    );
    assert!(graph(409, "x", "Resource temporarily unavailable").is_transient());
}

#[test]
fn an_empty_or_odd_body_still_says_what_happened() {
    let error = of_graph(502, &Headers::default(), &Value::Null);
    assert_eq!(error.message, "Graph answered 502 (Bad Gateway)");
    assert_eq!(error.kind, GraphErrorKind::Unavailable);
    let long = graph(400, "x", &"ä ".repeat(5_000));
    assert!(long.message.chars().count() <= LONGEST_MESSAGE + 1);
}

#[test]
fn the_login_services_codes_decide_the_kind() {
    use GraphErrorKind as Kind;
    for (number, kind) in [
        (7000215, Kind::CredentialsRejected),
        (7000222, Kind::CredentialsRejected),
        (90002, Kind::TenantNotFound),
        (700016, Kind::AppNotFound),
        (65001, Kind::ConsentMissing),
        (50034, Kind::TokenRefused),
    ] {
        let body = json!({
            "error": "unauthorized_client",
            "error_description": format!("AADSTS{number}: What went wrong.\r\nTrace ID: t\r\nCorrelation ID: c"),
            "error_codes": [number], "trace_id": "t", "correlation_id": "c",
        });
        let error = of_login(400, &Headers::default(), &body);
        assert_eq!(error.kind, kind, "{number}");
        assert_eq!(error.message, format!("AADSTS{number}: What went wrong."));
        assert_eq!(error.code, Some(format!("AADSTS{number}")));
        assert_eq!(error.request_id.as_deref(), Some("t"));
    }
}

#[test]
fn the_number_is_read_from_the_sentence_when_the_list_is_missing() {
    let body = json!({"error": "invalid_client",
        "error_description": "AADSTS7000222: The provided client secret keys are expired. Trace ID: 1"});
    let error = of_login(401, &Headers::default(), &body);
    assert_eq!(error.kind, GraphErrorKind::CredentialsRejected);
    assert_eq!(
        error.message,
        "AADSTS7000222: The provided client secret keys are expired."
    );
}
