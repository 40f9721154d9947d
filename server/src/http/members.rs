//! The forms of membership whose answer is the page itself: inviting, which shows a link once, and accepting an invitation.

use app::members::answer::FormAnswer;
use axum::{
    Extension, Form, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use domain::{Role, TenantId};
use secrecy::SecretString;
use serde::Deserialize;
use services::{
    Caller, ServiceError,
    access::{self, NewUser, Origin},
};

use super::{
    WebState,
    pages::{Renderer, renderer},
    rbac::origin,
    session::with_cookie,
};

const INVITATIONS: &str = "/invitations/";

/// Whether an address has the token of an invitation in it.
pub(super) fn has_token(path: &str) -> bool {
    path.starts_with(INVITATIONS)
}

/// A path for the log: a token would let in whoever reads it there.
pub(super) fn without_token(path: &str) -> &str {
    match has_token(path) {
        true => "/invitations/…",
        false => path,
    }
}

pub(super) fn routes(state: &WebState) -> Router<WebState> {
    let pages = renderer(state);
    Router::new()
        .route("/tenants/{id}/members", post(invite))
        .route("/invitations/{token}", post(accept))
        .layer(Extension(pages))
}

#[derive(Deserialize)]
struct InviteForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

/// The page of members again, with the link of the new invitation: it is not stored, so nothing could show it later.
async fn invite(
    State(state): State<WebState>,
    Extension(pages): Extension<Renderer>,
    Extension(caller): Extension<Option<Caller>>,
    Path(tenant): Path<String>,
    parts: Parts,
    Form(form): Form<InviteForm>,
) -> Response {
    let answer = match invited(&state, caller, &tenant, &form).await {
        Ok(token) => FormAnswer {
            link: Some(format!(
                "{}{INVITATIONS}{token}",
                origin(&state, &parts.headers)
            )),
            ..FormAnswer::default()
        },
        Err(error) => match refused(error) {
            Ok(answer) => FormAnswer {
                role: form.role,
                ..answer
            },
            Err(response) => return *response,
        },
    };
    page_with(&pages, parts, answer).await
}

async fn invited(
    state: &WebState,
    caller: Option<Caller>,
    tenant: &str,
    form: &InviteForm,
) -> Result<String, ServiceError> {
    let caller = caller.ok_or(ServiceError::NotFound)?;
    let tenant: TenantId = tenant.parse().map_err(|_| ServiceError::NotFound)?;
    let role: Role = form
        .role
        .parse()
        .map_err(|error| ServiceError::Invalid(format!("role: {error}")))?;
    let made = access::invite(&caller, &state.db, tenant, &form.email, role).await?;
    Ok(made.token)
}

#[derive(Deserialize)]
struct AcceptForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    password: Option<SecretString>,
}

/// Makes whoever is signed in a member; otherwise creates the account that the form describes, and signs it in.
async fn accept(
    State(state): State<WebState>,
    Extension(pages): Extension<Renderer>,
    Extension(caller): Extension<Option<Caller>>,
    Extension(asked_from): Extension<Origin>,
    Path(token): Path<String>,
    parts: Parts,
    Form(form): Form<AcceptForm>,
) -> Response {
    let joined = match &caller {
        Some(caller) => access::accept(caller, &state.db, &token)
            .await
            .map(|tenant| (tenant, None)),
        None => {
            let new = NewUser {
                email: form.email.clone(),
                name: form.name.clone(),
                password: form.password.unwrap_or_default(),
            };
            access::join(&state.db, &asked_from, &token, new)
                .await
                .map(|joined| (joined.tenant, Some(joined.session)))
        }
    };
    match joined {
        Ok((tenant, session)) => {
            let on = Redirect::to(&format!("/tenants/{tenant}"));
            match session {
                Some(session) => with_cookie(on, &state.cookies.of_session(&session)),
                None => on.into_response(),
            }
        }
        Err(error) => match refused(error) {
            Ok(answer) => {
                let answer = FormAnswer {
                    name: form.name,
                    ..answer
                };
                page_with(&pages, parts, answer).await
            }
            Err(response) => *response,
        },
    }
}

/// What the page says of a refusal. Trouble of our own has no page: the form may be sent again.
fn refused(error: ServiceError) -> Result<FormAnswer, Box<Response>> {
    let status = match &error {
        ServiceError::Invalid(_) => StatusCode::BAD_REQUEST,
        ServiceError::Forbidden(_) => StatusCode::FORBIDDEN,
        ServiceError::NotFound => StatusCode::NOT_FOUND,
        ServiceError::Database(_) | ServiceError::Internal(_) => {
            return Err(Box::new(super::refusal::refusal(error)));
        }
    };
    Ok(FormAnswer {
        problem: Some(error.to_string()),
        status: status.as_u16(),
        ..FormAnswer::default()
    })
}

async fn page_with(pages: &Renderer, mut parts: Parts, answer: FormAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).ok();
    parts.method = Method::GET;
    parts.headers = without_body(parts.headers);
    parts.extensions.insert(answer);
    let mut page = pages(Request::from_parts(parts, Body::empty())).await;
    if let (StatusCode::OK, Some(status)) = (page.status(), status) {
        *page.status_mut() = status;
    }
    page
}

/// The form was read; the page has none.
fn without_body(mut headers: HeaderMap) -> HeaderMap {
    headers.remove(axum::http::header::CONTENT_LENGTH);
    headers.remove(axum::http::header::CONTENT_TYPE);
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_gets_an_invitations_path_without_its_token() {
        assert_eq!(without_token("/invitations/abc"), "/invitations/…");
        assert_eq!(without_token("/tenants/7/members"), "/tenants/7/members");
    }
}
