//! `/{directory_id}/oauth2/v2.0/authorize`: the page on which a person signs in, and the way back with a code or an error.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::delegated::{Grant, SIGN_IN_SCOPES};
use crate::guard::lock;
use crate::query::{Query, encode};
use crate::tenant::Tenant;

/// The parameters that the page's form carries on.
const CARRIED: &[&str] = &[
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

/// What is wrong with a request whose redirect address is known: told there.
struct Fault {
    error: &'static str,
    description: String,
}

fn fault(error: &'static str, description: impl Into<String>) -> Fault {
    Fault {
        error,
        description: description.into(),
    }
}

/// Shows the sign-in page.
pub(crate) fn page(tenant: Option<&Tenant>, directory_id: &str, query: &str) -> Response {
    let query = Query::parse(query);
    answer(tenant, directory_id, &query, |tenant, _| {
        form(tenant, &query)
    })
}

/// What the page's buttons do: `answer=sign-in` or `answer=cancel`.
pub(crate) fn decide(tenant: Option<&Tenant>, directory_id: &str, body: &str) -> Response {
    let query = Query::parse(body);
    answer(tenant, directory_id, &query, |tenant, grant| {
        if query.get("answer") != Some("sign-in") {
            let cancelled = fault(
                "access_denied",
                "AADSTS65004: User declined to consent to access the app.",
            );
            return back(&query, &error_parts(&cancelled));
        }
        let code = lock(&tenant.delegations).make_code(
            grant,
            query.get("redirect_uri").unwrap_or_default(),
            query.get("code_challenge").unwrap_or_default(),
        );
        back(&query, &[("code", code)])
    })
}

fn answer(
    tenant: Option<&Tenant>,
    directory_id: &str,
    query: &Query,
    then: impl FnOnce(&Tenant, Grant) -> Response,
) -> Response {
    let Some(tenant) = tenant else {
        return refused(&format!(
            "AADSTS90002: Tenant '{directory_id}' not found. Check to make sure you have the correct tenant ID."
        ));
    };
    let client = query.get("client_id").unwrap_or_default();
    if client != tenant.client_id {
        return refused(&format!(
            "AADSTS700016: Application with identifier '{client}' was not found in the directory '{}'.",
            tenant.display_name
        ));
    }
    let redirect = query.get("redirect_uri").unwrap_or_default();
    let usable = redirect.starts_with("https://") || redirect.starts_with("http://");
    if !usable {
        return refused(
            "AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured for the application.",
        );
    }
    match check(tenant, query) {
        Ok(grant) => then(tenant, grant),
        Err(fault) => back(query, &error_parts(&fault)),
    }
}

fn check(tenant: &Tenant, query: &Query) -> Result<Grant, Fault> {
    if query.get("response_type") != Some("code") {
        return Err(fault(
            "unsupported_response_type",
            "AADSTS700054: response_type is not enabled for the application.",
        ));
    }
    let challenge = query.get("code_challenge").unwrap_or_default();
    if !(43..=128).contains(&challenge.len()) {
        return Err(fault(
            "invalid_request",
            "AADSTS501491: Invalid size of Code_Challenge parameter.",
        ));
    }
    if query.get("code_challenge_method") != Some("S256") {
        return Err(fault(
            "invalid_request",
            "AADSTS9002313: Invalid request. Request is malformed or invalid.",
        ));
    }
    let (sign_in, resource): (Vec<&str>, Vec<&str>) = query
        .get("scope")
        .unwrap_or_default()
        .split_whitespace()
        .partition(|scope| SIGN_IN_SCOPES.contains(scope));
    let consented = tenant.consented_scopes();
    let mut scopes = Vec::new();
    for scope in resource {
        let name = scope.rsplit('/').next().unwrap_or(scope);
        match name {
            ".default" => scopes.extend(consented.iter().cloned()),
            name if consented.iter().any(|one| one == name) => scopes.push(name.to_owned()),
            _ => scopes.clear(),
        }
        if scopes.is_empty() {
            return Err(fault(
                "consent_required",
                format!(
                    "AADSTS65001: The user or administrator has not consented to use the application with ID '{}'. Send an interactive authorization request for this user and resource.",
                    tenant.client_id
                ),
            ));
        }
    }
    if scopes.is_empty() && sign_in.is_empty() {
        return Err(fault(
            "invalid_request",
            "AADSTS900144: The request body must contain the following parameter: 'scope'.",
        ));
    }
    Ok(Grant {
        scopes,
        sign_in_scopes: sign_in.into_iter().map(str::to_owned).collect(),
    })
}

fn error_parts(fault: &Fault) -> Vec<(&'static str, String)> {
    vec![
        ("error", fault.error.to_owned()),
        ("error_description", fault.description.clone()),
    ]
}

/// Leads back to the application with these parts and its state.
fn back(query: &Query, parts: &[(&'static str, String)]) -> Response {
    let redirect = query.get("redirect_uri").unwrap_or_default();
    let state = query.get("state").map(|state| ("state", state.to_owned()));
    let parts: Vec<String> = parts
        .iter()
        .cloned()
        .chain(state)
        .map(|(name, value)| format!("{name}={}", encode(&value)))
        .collect();
    let mark = if redirect.contains('?') { '&' } else { '?' };
    let location = format!("{redirect}{mark}{}", parts.join("&"));
    (
        StatusCode::FOUND,
        [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, "no-store, no-cache".to_owned()),
        ],
    )
        .into_response()
}

fn form(tenant: &Tenant, query: &Query) -> Response {
    let carried: String = CARRIED
        .iter()
        .filter_map(|name| Some((name, query.get(name)?)))
        .map(|(name, value)| {
            format!(
                r#"<input type="hidden" name="{name}" value="{}">"#,
                escaped(value)
            )
        })
        .collect();
    let name = escaped(&tenant.display_name);
    document(
        StatusCode::OK,
        &format!("Sign in to {name}"),
        &format!(
            r#"<p>Simulated Microsoft sign-in. The application asks for access as you.</p>
<p><strong>{name} Administrator</strong></p>
<form method="post">{carried}
<button name="answer" value="sign-in">Sign in</button>
<button name="answer" value="cancel">Cancel</button>
</form>"#
        ),
    )
}

/// An error that Microsoft shows instead of leading anywhere.
fn refused(text: &str) -> Response {
    document(
        StatusCode::BAD_REQUEST,
        "Sorry, but we’re having trouble signing you in.",
        &format!("<p>{}</p>", escaped(text)),
    )
}

fn document(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"#
    );
    (
        status,
        [(header::CACHE_CONTROL, "no-store, no-cache")],
        Html(html),
    )
        .into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
