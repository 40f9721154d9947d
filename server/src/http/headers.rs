//! Security headers on every answer, and the nonce that lets this page's own scripts run.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use leptos::nonce::Nonce;

use super::links;

/// Where else than here this page's forms may lead, as an origin.
#[derive(Clone)]
pub(super) struct FormTarget(pub String);

/// Adds what every answer carries. The nonce is new for each request.
pub(super) async fn add(State(https): State<bool>, mut request: Request, next: Next) -> Response {
    let nonce = STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>());
    // The token of an invitation stands in the address: no page, of this site or another, is to get it as a referrer.
    // Not `no-referrer`, with which browsers hide the origin of a form too.
    let referrer = match links::has_token(request.uri().path()) {
        true => "strict-origin",
        false => "same-origin",
    };
    request
        .extensions_mut()
        .insert(Nonce::from_value(nonce.clone()));
    let mut response = next.run(request).await;
    let form_target = match response.extensions_mut().remove::<FormTarget>() {
        Some(FormTarget(origin)) => format!(" {origin}"),
        None => String::new(),
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'{form_target}; base-uri 'none'; \
         frame-ancestors 'none'; manifest-src 'self'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, referrer),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        let a_year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, a_year);
    }
    private_unless_said(headers);
    response
}

/// What a page shows is for one person: no cache may keep it. Assets say otherwise themselves.
fn private_unless_said(headers: &mut HeaderMap) {
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}
