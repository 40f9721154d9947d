//! Access setup's way to Microsoft's sign-in and back. What it brings stays in this process's memory.

use axum::{
    Extension, Form, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::TenantId;
use secrecy::SecretString;
use serde::Deserialize;
use services::{
    Caller, ServiceError,
    access::SessionKey,
    rbac::{self, Returned, Visit},
    tenants,
};

use super::{WebState, headers::FormTarget, refusal::refusal};

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/tenants/{tenant}/rbac/sign-in", post(sign_in))
        .route("/tenants/{tenant}/rbac/callback", get(callback))
        .route("/tenants/{tenant}/rbac/sign-out", post(sign_out))
}

/// Who asks, as the layer around all routes found out.
type Who = (Extension<Option<Caller>>, Extension<Option<SessionKey>>);

#[derive(Deserialize)]
struct SignInForm {
    /// The path to go on to.
    #[serde(default)]
    back: String,
}

async fn sign_in(
    State(state): State<WebState>,
    who: Who,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    let (Extension(caller), Extension(session)) = who;
    let visit = match visit(&state, caller.as_ref(), session.as_ref(), &tenant) {
        Ok(visit) => visit,
        Err(error) => return refusal(error),
    };
    let redirect_uri = format!(
        "{}{}/callback",
        origin(&state, &headers),
        rbac::path(visit.tenant)
    );
    match rbac::begin_sign_in(visit, redirect_uri, &form.back).await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => refusal(error),
    }
}

#[derive(Deserialize)]
struct CallbackQuery {
    #[serde(default)]
    state: String,
    code: Option<SecretString>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn callback(
    State(state): State<WebState>,
    who: Who,
    Path(tenant): Path<String>,
    Query(query): Query<CallbackQuery>,
) -> Response {
    let (Extension(caller), Extension(session)) = who;
    let visit = match visit(&state, caller.as_ref(), session.as_ref(), &tenant) {
        Ok(visit) => visit,
        Err(error) => return refusal(error),
    };
    let returned = Returned {
        state: query.state,
        code: query.code,
        error: query.error,
        error_description: query.error_description,
    };
    // Led on in any case, so that the code does not stay in the address.
    match rbac::finish_sign_in(visit, returned).await {
        Ok(next) => Redirect::to(&next).into_response(),
        Err(ServiceError::Invalid(_)) => {
            Redirect::to(&format!("{}?sign_in=again", rbac::path(visit.tenant))).into_response()
        }
        Err(error) => refusal(error),
    }
}

async fn sign_out(State(state): State<WebState>, who: Who, Path(tenant): Path<String>) -> Response {
    let (Extension(caller), Extension(session)) = who;
    let visit = match visit(&state, caller.as_ref(), session.as_ref(), &tenant) {
        Ok(visit) => visit,
        Err(error) => return refusal(error),
    };
    match rbac::sign_out(visit) {
        Ok(()) => Redirect::to(&rbac::path(visit.tenant)).into_response(),
        Err(error) => refusal(error),
    }
}

fn visit<'a>(
    state: &'a WebState,
    caller: Option<&'a Caller>,
    session: Option<&'a SessionKey>,
    tenant: &str,
) -> Result<Visit<'a>, ServiceError> {
    let caller = caller.ok_or(ServiceError::NotFound)?;
    let tenant: TenantId = tenant.parse().map_err(|_| ServiceError::NotFound)?;
    Ok(Visit {
        caller,
        db: &state.db,
        access: &state.delegated,
        session,
        tenant,
    })
}

/// The address that browsers know this server by. Microsoft leads back only to addresses that are registered, so a
/// made-up `Host` leads nowhere.
pub(super) fn origin(state: &WebState, headers: &HeaderMap) -> String {
    if let Some(public) = &state.public_url {
        return public.clone();
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}")
}

/// Lets the page's form lead to the tenant's login service: browsers hold `form-action` against redirects too.
pub(super) async fn allow_sign_in_form(
    State(state): State<WebState>,
    request: Request,
    next: Next,
) -> Response {
    let tenant = page_of(request.uri().path(), "").and_then(|tenant| tenant.parse().ok());
    let caller = request.extensions().get::<Option<Caller>>().cloned();
    let mut response = next.run(request).await;
    if let (Some(tenant), Some(Some(caller))) = (tenant, caller)
        && let Ok(Some(origin)) = tenants::login_origin(&caller, &state.db, tenant).await
    {
        response.extensions_mut().insert(FormTarget(origin));
    }
    response
}

/// The page that a callback's address belongs to: where somebody goes on who has to sign in here first, as the code
/// must not get into another address.
pub(super) fn page_of_callback(path: &str) -> Option<String> {
    page_of(path, "/callback").map(|tenant| format!("/tenants/{tenant}/rbac"))
}

/// The tenant's part of `/tenants/{tenant}/rbac` with `end` behind it.
fn page_of<'a>(path: &'a str, end: &str) -> Option<&'a str> {
    let tenant = path
        .strip_prefix("/tenants/")?
        .strip_suffix(end)?
        .strip_suffix("/rbac")?;
    (!tenant.contains('/')).then_some(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_and_its_callback_are_known_by_their_address() {
        assert_eq!(page_of("/tenants/7/rbac", ""), Some("7"));
        assert_eq!(page_of("/tenants/7/rbac/callback", ""), None);
        assert_eq!(
            page_of_callback("/tenants/7/rbac/callback").as_deref(),
            Some("/tenants/7/rbac")
        );
        assert_eq!(page_of_callback("/tenants/7/rbac"), None);
        assert_eq!(page_of_callback("/runs"), None);
    }
}
