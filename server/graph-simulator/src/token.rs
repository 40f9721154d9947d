//! The token endpoint: tokens for applications and for signed-in people, and their check on every Graph call.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::delegated;
use crate::error::GraphError;
use crate::guard::lock;
use crate::query::Query;
use crate::tenant::Tenant;

/// Why the token endpoint gives nothing.
#[derive(Debug)]
pub(crate) struct Refused {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

impl Refused {
    fn new(status: u16, error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self {
            status,
            error,
            code,
            text: text.into(),
        }
    }

    /// A code or refresh token that is good for nothing.
    pub(crate) fn grant(code: u32, text: &str) -> Self {
        Self::new(400, "invalid_grant", code, text)
    }
}

/// Answers `POST /{directory_id}/oauth2/v2.0/token`.
pub(crate) fn answer(
    tenant: Option<&Tenant>,
    directory_id: &str,
    form: &str,
) -> (StatusCode, Value) {
    match grant(tenant, directory_id, &Query::parse(form)) {
        Ok(body) => (StatusCode::OK, body),
        Err(refused) => refusal(&refused),
    }
}

fn grant(tenant: Option<&Tenant>, directory_id: &str, form: &Query) -> Result<Value, Refused> {
    let field = |name: &str| form.get(name).unwrap_or_default();
    let Some(tenant) = tenant else {
        let text = format!(
            "Tenant '{directory_id}' not found. Check to make sure you have the correct tenant ID."
        );
        return Err(Refused::new(400, "invalid_request", 90_002, text));
    };
    let grant_type = field("grant_type");
    let known = ["client_credentials", "authorization_code", "refresh_token"];
    if !known.contains(&grant_type) {
        return Err(Refused::new(
            400,
            "unsupported_grant_type",
            70_003,
            "The app requested an unsupported grant type.",
        ));
    }
    if grant_type == "client_credentials" && !field("scope").ends_with("/.default") {
        let text = "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.";
        return Err(Refused::new(400, "invalid_scope", 1_002_012, text));
    }
    check_client(tenant, form)?;
    match grant_type {
        "authorization_code" => delegated::redeem_code(
            tenant,
            field("code"),
            field("redirect_uri"),
            field("code_verifier"),
        ),
        "refresh_token" => delegated::refresh(tenant, field("refresh_token")),
        _ => Ok(json!({
            "token_type": "Bearer",
            "expires_in": tenant.token_seconds(),
            "ext_expires_in": tenant.token_seconds(),
            "access_token": issue(tenant),
        })),
    }
}

fn check_client(tenant: &Tenant, form: &Query) -> Result<(), Refused> {
    let client_id = form.get("client_id").unwrap_or_default();
    if client_id != tenant.client_id {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{}'.",
            tenant.display_name
        );
        return Err(Refused::new(400, "unauthorized_client", 700_016, text));
    }
    let Some(secret) = form.get("client_secret") else {
        let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(Refused::new(401, "invalid_client", 7_000_218, text));
    };
    if secret != tenant.client_secret || lock(&tenant.faults).faults.reject_credentials {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'."
        );
        return Err(Refused::new(401, "invalid_client", 7_000_215, text));
    }
    Ok(())
}

fn refusal(refused: &Refused) -> (StatusCode, Value) {
    let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
    let time = chrono::Utc::now().format("%Y-%m-%d %H:%M:%SZ");
    let Refused {
        status,
        error,
        code,
        text,
    } = refused;
    let body = json!({
        "error": error,
        "error_description": format!("AADSTS{code}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}"),
        "error_codes": [code],
        "timestamp": time.to_string(),
        "trace_id": trace.to_string(),
        "correlation_id": correlation.to_string(),
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    (
        StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST),
        body,
    )
}

fn issue(tenant: &Tenant) -> String {
    let now = chrono::Utc::now().timestamp();
    sign(&json!({
        "aud": "https://graph.microsoft.com",
        "iss": format!("https://sts.windows.net/{}/", tenant.directory_id),
        "iat": now, "nbf": now, "exp": now + tenant.token_seconds(),
        "appid": tenant.client_id,
        "idtyp": "app",
        "oid": tenant.client_id,
        "roles": tenant.roles,
        "tid": tenant.directory_id,
        "uti": tenant.issue().to_string(),
        "ver": "1.0",
    }))
}

/// A token shaped like a JWT whose third part only this simulator can make.
pub(crate) fn sign(claims: &Value) -> String {
    let header = json!({"typ": "JWT", "alg": "none"});
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let mark = signature(&signed);
    format!("{signed}.{mark}")
}

fn signature(signed: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("simulated token {signed}")))
}

/// The claims of a bearer token that this simulator issued and that has not expired.
///
/// # Errors
/// 401 `InvalidAuthenticationToken` otherwise.
pub(crate) fn claims(authorization: Option<&str>) -> Result<Value, GraphError> {
    let token = authorization
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty())
        .ok_or_else(|| GraphError::invalid_token("Access token is empty."))?;
    let malformed = || {
        GraphError::invalid_token(
            "IDX14100: JWT is not well formed, there are no dots (.).\nThe token needs to be in JWS or JWE Compact Serialization Format.",
        )
    };
    let (signed, mark) = token.rsplit_once('.').ok_or_else(malformed)?;
    let (_, payload) = signed.split_once('.').ok_or_else(malformed)?;
    if signature(signed) != mark {
        return Err(GraphError::invalid_token("Signature verification failed."));
    }
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| malformed())?;
    let claims: Value = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
    let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
    if expires <= chrono::Utc::now().timestamp() {
        return Err(GraphError::invalid_token(
            "Lifetime validation failed, the token is expired.",
        ));
    }
    Ok(claims)
}
