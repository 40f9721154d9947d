//! Storing what a person chose.

use domain::preferences::{DateStyle, NotifyAbout, RunColumn, RunColumns, Theme, ZoneChoice};

use crate::{Caller, Db, ServiceError, time_zone};

const LONGEST_NAME: usize = 100;

/// How pages look and answer to keys.
#[derive(Debug, Clone)]
pub struct Look {
    pub theme: Theme,
    pub zone: ZoneChoice,
    /// An IANA name, or empty for none; has to be one where `zone` is the person's own.
    pub own_zone: String,
    pub dates: DateStyle,
    pub shortcuts: bool,
}

/// # Errors
/// `Invalid`, naming the part that can't be used; then nothing is stored.
pub async fn set_look(caller: &Caller, db: &Db, look: &Look) -> Result<(), ServiceError> {
    let own_zone = match look.own_zone.trim() {
        "" if look.zone == ZoneChoice::Browser => {
            let message = "own_zone: say which time zone is yours, such as Europe/Berlin";
            return Err(ServiceError::Invalid(message.into()));
        }
        "" => None,
        name => Some(time_zone::named("own_zone", name)?.name()),
    };
    sqlx::query(
        "insert into preferences (user_id, theme, zone, browser_zone, dates, shortcuts)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (user_id) do update
         set theme = excluded.theme, zone = excluded.zone, browser_zone = excluded.browser_zone,
             dates = excluded.dates, shortcuts = excluded.shortcuts",
    )
    .bind(caller.user_id)
    .bind(look.theme.as_str())
    .bind(look.zone.as_str())
    .bind(own_zone)
    .bind(look.dates.as_str())
    .bind(look.shortcuts)
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// From now on; what was written before stays.
pub async fn set_notify_about(
    caller: &Caller,
    db: &Db,
    about: NotifyAbout,
) -> Result<(), ServiceError> {
    sqlx::query(
        "insert into preferences (user_id, notify_about) values ($1, $2)
         on conflict (user_id) do update set notify_about = excluded.notify_about",
    )
    .bind(caller.user_id)
    .bind(about.as_str())
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// Which columns the caller's runs list has, and their order.
pub async fn set_columns(
    caller: &Caller,
    db: &Db,
    columns: &RunColumns,
) -> Result<(), ServiceError> {
    let words = |columns: &[RunColumn]| -> Vec<_> {
        columns.iter().map(|column| column.as_str()).collect()
    };
    sqlx::query(
        "insert into preferences (user_id, column_order, hidden_columns) values ($1, $2, $3)
         on conflict (user_id) do update
         set column_order = excluded.column_order, hidden_columns = excluded.hidden_columns",
    )
    .bind(caller.user_id)
    .bind(words(columns.order()))
    .bind(words(columns.hidden()))
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// Another name for the caller. Runs keep the name under which they were started.
pub async fn rename(caller: &Caller, db: &Db, name: &str) -> Result<(), ServiceError> {
    let name = name.trim();
    let why = match name.chars().count() {
        0 => "must not be empty",
        length if length > LONGEST_NAME => "use at most 100 characters",
        _ if name.chars().any(char::is_control) => "must be one line of text",
        _ => {
            sqlx::query("update users set name = $2 where id = $1")
                .bind(caller.user_id)
                .bind(name)
                .execute(&db.pool)
                .await?;
            return Ok(());
        }
    };
    Err(ServiceError::Invalid(format!("name: {why}")))
}
