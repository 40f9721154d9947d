//! Who asks: the session cookie or the bearer token of a request, signing in, and signing out.

use app::{AppError, ui::live::WrittenAt};
use axum::{
    Extension, Form, Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::{Means, preferences::Looks};
use secrecy::SecretString;
use serde::Deserialize;
use services::{
    Caller, Db, ServiceError,
    access::{self, Origin, SessionKey},
    rbac::DelegatedAccess,
    settings,
};

use super::{WebState, client, links, rbac, settings::THEME_COOKIE};

/// How the session's cookie is set.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    /// Over https the cookie is `Secure` and its name promises that no other host set it.
    pub https: bool,
}

impl Cookies {
    fn name(self) -> &'static str {
        if self.https {
            "__Host-session"
        } else {
            "session"
        }
    }

    /// The cookie that signs in.
    pub(super) fn of_session(self, token: &str) -> String {
        self.header(token, access::SESSION_LIFETIME.as_secs())
    }

    fn header(self, token: &str, seconds: u64) -> String {
        let secure = if self.https { "; Secure" } else { "" };
        let name = self.name();
        // Lax, so that links from mails and chats arrive signed in; mutations are guarded by the origin check.
        format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }

    /// The session token that a request carries.
    fn token(self, headers: &HeaderMap) -> Option<String> {
        cookie(headers, self.name())
    }
}

/// What the cookie of this name holds.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
}

/// How this request's page has to look. Server functions write no page and do not ask.
async fn looks(
    state: &WebState,
    caller: Option<&Caller>,
    headers: &HeaderMap,
) -> Result<Looks, ServiceError> {
    let languages = headers.get(header::ACCEPT_LANGUAGE);
    let languages = languages.and_then(|value| value.to_str().ok());
    match caller {
        Some(caller) => settings::looks(caller, &state.db, languages).await,
        None => {
            let theme = cookie(headers, THEME_COOKIE);
            let theme = settings::theme_named(theme.as_deref());
            Ok(Looks::anonymous(theme, settings::dates_of(languages)))
        }
    }
}

/// Finds the caller of a request and sends away who is not signed in: pages to sign in, programs with 401.
pub(super) async fn caller(
    State(state): State<WebState>,
    mut request: Request,
    next: Next,
) -> Response {
    // Before anything is read for a page, the caller's roles included.
    let place = state.changes.place();
    let address = client::address(&request, state.trusted_proxies);
    let mut caller = match find(&state, request.headers()).await {
        Ok(caller) => caller,
        Err(error) => return unavailable(&error),
    };
    if let Some(caller) = &mut caller {
        caller.origin.address = address;
    }
    let path = request.uri().path();
    let for_programs = path.starts_with("/api/") || path == "/events";
    let open = path == "/login" || path == "/logout" || links::has_token(path);
    if caller.is_none() && !open {
        if for_programs || bearer(request.headers()).is_some() {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
            let why = Json(AppError::NotSignedIn);
            return (StatusCode::UNAUTHORIZED, challenge, why).into_response();
        }
        let wanted = rbac::page_of_callback(path).unwrap_or_else(|| {
            let wanted = request.uri().path_and_query();
            wanted.map_or("/", |uri| uri.as_str()).to_owned()
        });
        return Redirect::to(&format!("/login?next={}", encoded(&wanted))).into_response();
    }
    if !for_programs && request.method() == Method::GET {
        let written_at = WrittenAt(place.to_string());
        request.extensions_mut().insert(written_at);
        match looks(&state, caller.as_ref(), request.headers()).await {
            Ok(looks) => _ = request.extensions_mut().insert(looks),
            Err(error) => return unavailable(&error),
        }
    }
    let session = state.session_of(request.headers());
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(session);
    request.extensions_mut().insert(Origin {
        address,
        means: Means::Session,
    });
    next.run(request).await
}

impl WebState {
    /// The session that a request is made in; none for a program, which has none.
    fn session_of(&self, headers: &HeaderMap) -> Option<SessionKey> {
        match bearer(headers) {
            Some(_) => None,
            None => self
                .cookies
                .token(headers)
                .map(|token| SessionKey::of(&token)),
        }
    }
}

async fn find(state: &WebState, headers: &HeaderMap) -> Result<Option<Caller>, ServiceError> {
    if let Some(token) = bearer(headers) {
        return access::by_token(&state.db, token).await;
    }
    match state.cookies.token(headers) {
        Some(token) => access::by_session(&state.db, &token).await,
        None => Ok(None),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim)
}

fn unavailable(error: &ServiceError) -> Response {
    tracing::error!(?error, "could not tell who asks");
    let text = "TenantAtlas can't reach its database. Try again in a moment.\n";
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// Percent-encodes a path for a query, leaving only what can't be misread there.
fn encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    email: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in(
    State(db): State<Db>,
    State(cookies): State<Cookies>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    let next = own_path(&form.next);
    let again = |why: &str| {
        Redirect::to(&format!("/login?error={why}&next={}", encoded(next))).into_response()
    };
    match access::sign_in_from(&db, &origin, &form.email, form.password).await {
        Ok(access::SignIn::Welcome(token)) => {
            note_browser(&db, &token, &headers).await;
            let cookie = cookies.of_session(&token);
            with_cookie(Redirect::to(next), &cookie)
        }
        Ok(access::SignIn::Refused) => again("credentials"),
        Ok(access::SignIn::Throttled) => again("throttled"),
        Err(error) => unavailable(&error),
    }
}

/// For the person's own list of sessions; a session without it is as good.
async fn note_browser(db: &Db, token: &str, headers: &HeaderMap) {
    let told = headers
        .get(header::USER_AGENT)
        .and_then(|told| told.to_str().ok());
    if let Some(told) = told
        && let Err(error) = access::note_browser(db, token, told).await
    {
        tracing::warn!(?error, "a session's browser could not be noted");
    }
}

pub(super) async fn sign_out(
    State(db): State<Db>,
    State(cookies): State<Cookies>,
    State(delegated): State<DelegatedAccess>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
) -> Response {
    if let Some(token) = cookies.token(&headers) {
        delegated.forget_session(&SessionKey::of(&token));
        if let Err(error) = access::sign_out(&db, &origin, &token).await {
            return unavailable(&error);
        }
    }
    with_cookie(Redirect::to("/login"), &cookies.header("", 0))
}

pub(super) fn with_cookie(redirect: Redirect, cookie: &str) -> Response {
    let mut response = redirect.into_response();
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// The path to go on to, if it is one of this site's; `/` for anything that could lead elsewhere.
fn own_path(next: &str) -> &str {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t'])
        && !next.chars().any(char::is_control);
    if own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_sites_own_paths_are_gone_on_to() {
        assert_eq!(own_path("/runs/42?x=1"), "/runs/42?x=1");
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "runs",
        ] {
            assert_eq!(own_path(foreign), "/", "{foreign}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others_and_secure_over_https() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=1; session=abc; b=2"),
        );
        assert_eq!(
            Cookies { https: false }.token(&headers).as_deref(),
            Some("abc")
        );
        assert_eq!(Cookies { https: true }.token(&headers), None);
        let header = Cookies { https: true }.header("abc", 60);
        assert!(header.starts_with("__Host-session=abc;"));
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(header.contains(part), "{header}");
        }
    }

    #[test]
    fn a_wanted_page_survives_the_way_through_the_query() {
        assert_eq!(
            encoded("/runs?status=failed&x=ü"),
            "/runs%3Fstatus%3Dfailed%26x%3D%C3%BC"
        );
    }
}
