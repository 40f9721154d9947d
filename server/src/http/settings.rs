//! The forms of the settings page, and those of a tenant's time zone and secret: taken here, as their answers are whole
//! new pages.

use app::AppError;
use axum::{
    Extension, Form,
    extract::{FromRequestParts, Path, State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    TenantId,
    preferences::{DateStyle, RunColumn, RunColumns, Theme},
};
use secrecy::SecretString;
use serde::Deserialize;
use services::{
    Caller, Db, ServiceError,
    access::{self, PasswordChange, SessionKey},
    settings::{self, Look},
    tenants,
};

use super::{WebState, refusal::refusal, session::Cookies};

const PAGE: &str = "/settings";
/// The theme's cookie, for pages before somebody signs in.
pub(super) const THEME_COOKIE: &str = "theme";

pub(super) fn routes() -> axum::Router<WebState> {
    use axum::routing::post;

    axum::Router::new()
        .route("/settings/look", post(look))
        .route("/settings/notifications", post(notifications))
        .route("/settings/columns", post(columns))
        .route("/settings/name", post(name))
        .route("/settings/password", post(password))
        .route("/settings/sessions", post(sessions))
        .route("/tenants/{id}/time-zone", post(time_zone))
        .route("/tenants/{id}/client-secret", post(client_secret))
}

/// A form's fields; `Invalid` for a body that is none.
type Sent<T> = Result<Form<T>, FormRejection>;

fn fields<T>(sent: Sent<T>) -> Result<T, ServiceError> {
    let unreadable = |error: FormRejection| ServiceError::Invalid(error.body_text());
    Ok(sent.map_err(unreadable)?.0)
}

/// Whoever sends the form.
struct SignedIn(Caller);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let caller = parts.extensions.get::<Option<Caller>>().cloned().flatten();
        caller
            .map(Self)
            .ok_or_else(|| refusal(AppError::NotSignedIn))
    }
}

/// Goes back to the page, which says what came of it. A program that did not ask for a page gets the refusal itself.
fn back(
    page: &str,
    headers: &HeaderMap,
    saved: &str,
    result: Result<(), ServiceError>,
) -> Response {
    let accepts = headers.get(header::ACCEPT);
    let wants_page = accepts
        .and_then(|accepts| accepts.to_str().ok())
        .is_some_and(|accepts| accepts.contains("text/html"));
    match result {
        Ok(()) => Redirect::to(&format!("{page}?saved={saved}")).into_response(),
        Err(ServiceError::Invalid(why)) if wants_page => {
            // Refusals begin with the field that they are about.
            let field = why.split_once(':').map_or("form", |(field, _)| field);
            let field = match field
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            {
                true => field,
                false => "form",
            };
            Redirect::to(&format!("{page}?refused={field}")).into_response()
        }
        Err(error) => refusal(error),
    }
}

/// A choice that the form's own buttons always make well.
fn chosen<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &str,
    word: &str,
) -> Result<T, ServiceError> {
    word.parse()
        .map_err(|why| ServiceError::Invalid(format!("{field}: {why}")))
}

#[derive(Deserialize)]
struct LookForm {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    zone: String,
    #[serde(default)]
    own_zone: String,
    dates: Option<String>,
    /// Absent where the box was not ticked.
    shortcuts: Option<String>,
}

async fn look(
    State(db): State<Db>,
    State(cookies): State<Cookies>,
    SignedIn(caller): SignedIn,
    headers: HeaderMap,
    form: Sent<LookForm>,
) -> Response {
    let save = async {
        let form = fields(form)?;
        let look = Look {
            theme: chosen("theme", &form.theme)?,
            zone: chosen("zone", &form.zone)?,
            own_zone: form.own_zone,
            dates: match form.dates {
                Some(dates) => chosen("dates", &dates)?,
                None => DateStyle::default(),
            },
            shortcuts: form.shortcuts.is_some(),
        };
        settings::set_look(&caller, &db, &look).await?;
        Ok(look.theme)
    };
    match save.await {
        Ok(theme) => with_theme(back(PAGE, &headers, "look", Ok(())), theme, cookies),
        Err(error) => back(PAGE, &headers, "look", Err(error)),
    }
}

fn with_theme(mut response: Response, theme: Theme, cookies: Cookies) -> Response {
    let secure = if cookies.https { "; Secure" } else { "" };
    let cookie =
        format!("{THEME_COOKIE}={theme}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Deserialize)]
struct NotificationsForm {
    #[serde(default)]
    notify_about: String,
}

async fn notifications(
    State(db): State<Db>,
    SignedIn(caller): SignedIn,
    headers: HeaderMap,
    form: Sent<NotificationsForm>,
) -> Response {
    let save = async {
        let about = chosen("notify_about", &fields(form)?.notify_about)?;
        settings::set_notify_about(&caller, &db, about).await
    };
    back(PAGE, &headers, "notifications", save.await)
}

/// The columns in their order, those that are ticked, and one that is to be moved.
async fn columns(
    State(db): State<Db>,
    SignedIn(caller): SignedIn,
    headers: HeaderMap,
    form: Sent<Vec<(String, String)>>,
) -> Response {
    let save = async {
        let fields = fields(form)?;
        let named = |field: &str| -> Result<Vec<RunColumn>, ServiceError> {
            let of_field = fields.iter().filter(|(name, _)| name == field);
            of_field.map(|(_, word)| chosen("columns", word)).collect()
        };
        let mut hidden = RunColumn::ALL.to_vec();
        let shown = named("shown")?;
        hidden.retain(|column| !shown.contains(column));
        let mut columns = RunColumns::new(&named("order")?, hidden);
        for column in named("earlier")? {
            columns = columns.earlier(column);
        }
        for column in named("later")? {
            columns = columns.later(column);
        }
        settings::set_columns(&caller, &db, &columns).await
    };
    back(PAGE, &headers, "columns", save.await)
}

#[derive(Deserialize)]
struct NameForm {
    #[serde(default)]
    name: String,
}

async fn name(
    State(db): State<Db>,
    SignedIn(caller): SignedIn,
    headers: HeaderMap,
    form: Sent<NameForm>,
) -> Response {
    let save = async { settings::rename(&caller, &db, &fields(form)?.name).await };
    back(PAGE, &headers, "name", save.await)
}

#[derive(Deserialize)]
struct PasswordForm {
    current: SecretString,
    new: SecretString,
}

async fn password(
    State(db): State<Db>,
    SignedIn(caller): SignedIn,
    Extension(session): Extension<Option<SessionKey>>,
    headers: HeaderMap,
    form: Sent<PasswordForm>,
) -> Response {
    let save = async {
        let form = fields(form)?;
        let changed =
            access::change_password(&caller, &db, session.as_ref(), form.current, form.new);
        match changed.await? {
            PasswordChange::Changed => Ok(()),
            PasswordChange::Refused => Err(ServiceError::Invalid(
                "current: the current password is another".into(),
            )),
            PasswordChange::Throttled => Err(ServiceError::Invalid(
                "throttled: too many wrong passwords; wait a quarter of an hour".into(),
            )),
        }
    };
    back(PAGE, &headers, "password", save.await)
}

async fn sessions(
    State(db): State<Db>,
    SignedIn(caller): SignedIn,
    Extension(session): Extension<Option<SessionKey>>,
    headers: HeaderMap,
) -> Response {
    let ended = access::sign_out_elsewhere(&caller, &db, session.as_ref()).await;
    back(PAGE, &headers, "sessions", ended)
}

#[derive(Deserialize)]
struct TimeZoneForm {
    #[serde(default)]
    time_zone: String,
}

async fn time_zone(
    State(db): State<Db>,
    SignedIn(caller): SignedIn,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    form: Sent<TimeZoneForm>,
) -> Response {
    let Ok(tenant) = tenant.parse::<TenantId>() else {
        return refusal(AppError::NotFound);
    };
    let save = async {
        let form = fields(form)?;
        tenants::set_time_zone(&caller, &db, tenant, &form.time_zone).await
    };
    let page = format!("/tenants/{tenant}");
    back(&page, &headers, "time_zone", save.await)
}

#[derive(Deserialize)]
struct ClientSecretForm {
    #[serde(default)]
    client_secret: SecretString,
}

async fn client_secret(
    State(web): State<WebState>,
    SignedIn(caller): SignedIn,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    form: Sent<ClientSecretForm>,
) -> Response {
    let Ok(tenant) = tenant.parse::<TenantId>() else {
        return refusal(AppError::NotFound);
    };
    let save = async {
        let secret = fields(form)?.client_secret;
        tenants::replace_client_secret(&caller, &web.db, web.key.as_deref(), tenant, &secret).await
    };
    let page = format!("/tenants/{tenant}");
    back(&page, &headers, "client_secret", save.await)
}
