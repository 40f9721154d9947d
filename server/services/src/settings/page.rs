//! The settings page: what a person has chosen, and where this person is signed in.

use chrono::{DateTime, Utc};
use domain::{
    preferences::{RunColumn, RunColumns, UnknownChoice},
    views::settings::{Preferences, SessionRow, Settings},
};
use sqlx::FromRow;

use crate::{Caller, Db, ServiceError, access::SessionKey};

#[derive(FromRow)]
struct Record {
    theme: String,
    zone: String,
    browser_zone: Option<String>,
    dates: String,
    shortcuts: bool,
    notify_about: String,
    column_order: Vec<String>,
    hidden_columns: Vec<String>,
}

/// What the caller has chosen, or the defaults.
pub(crate) async fn preferences(caller: &Caller, db: &Db) -> Result<Preferences, ServiceError> {
    let record: Option<Record> = sqlx::query_as(
        "select theme, zone, browser_zone, dates, shortcuts, notify_about, column_order, hidden_columns
         from preferences where user_id = $1",
    )
    .bind(caller.user_id)
    .fetch_optional(&db.pool)
    .await?;
    let Some(record) = record else {
        return Ok(Preferences {
            shortcuts: true,
            ..Preferences::default()
        });
    };
    let unknown = |error: UnknownChoice| ServiceError::Internal(format!("preferences: {error}"));
    let columns = |words: Vec<String>| -> Result<Vec<RunColumn>, ServiceError> {
        words
            .iter()
            .map(|column| column.parse().map_err(unknown))
            .collect()
    };
    Ok(Preferences {
        theme: record.theme.parse().map_err(unknown)?,
        zone: record.zone.parse().map_err(unknown)?,
        own_zone: record.browser_zone,
        dates: record.dates.parse().map_err(unknown)?,
        shortcuts: record.shortcuts,
        notify_about: record.notify_about.parse().map_err(unknown)?,
        run_columns: RunColumns::new(
            &columns(record.column_order)?,
            columns(record.hidden_columns)?,
        ),
    })
}

#[derive(FromRow)]
struct Session {
    browser: Option<String>,
    begun_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    this: bool,
}

/// The caller's settings; `session` is the one that asks.
pub async fn page(
    caller: &Caller,
    db: &Db,
    session: Option<&SessionKey>,
) -> Result<Settings, ServiceError> {
    let (name, email): (String, String) =
        sqlx::query_as("select name, email from users where id = $1")
            .bind(caller.user_id)
            .fetch_one(&db.pool)
            .await?;
    let sessions: Vec<Session> = sqlx::query_as(
        "select browser, created_at as begun_at, expires_at as ends_at, token_hash is not distinct from $2 as this
         from sessions where user_id = $1 and expires_at > now()
         order by created_at desc, token_hash limit 20",
    )
    .bind(caller.user_id)
    .bind(session.map(SessionKey::hash))
    .fetch_all(&db.pool)
    .await?;
    Ok(Settings {
        name,
        email,
        preferences: preferences(caller, db).await?,
        sessions: sessions
            .into_iter()
            .map(|session| SessionRow {
                browser: session.browser,
                begun_at: session.begun_at,
                ends_at: session.ends_at,
                this: session.this,
            })
            .collect(),
        as_of: db.now().await?,
    })
}
