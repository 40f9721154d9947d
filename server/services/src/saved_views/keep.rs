//! Saving, changing and deleting a view. Only its owner may.

use domain::{
    SavedViewId,
    views::saved_views::{LONGEST_NAME, MOST_VIEWS, ViewScope},
};
use sqlx::PgConnection;

use crate::{Caller, Db, ServiceError};

/// The most characters of a query string that is kept.
const LONGEST_FILTERS: usize = 1_000;

/// Keeps these filters under a name. `filters` is the list's query string as the list itself writes it.
///
/// # Errors
/// `Invalid` for a name that is empty, too long or taken, for filters that are none, and past the most that one may keep.
pub async fn save(
    caller: &Caller,
    db: &Db,
    name: &str,
    filters: &str,
    scope: ViewScope,
) -> Result<SavedViewId, ServiceError> {
    let name = usable_name(name)?;
    if filters.is_empty() {
        return Err(ServiceError::Invalid(
            "filters: choose at least one filter before saving a view".into(),
        ));
    }
    if filters.chars().count() > LONGEST_FILTERS || filters.contains('\0') {
        return Err(ServiceError::Invalid(
            "filters: these are longer than a view may be".into(),
        ));
    }
    let mut tx = db.pool.begin().await?;
    // Two at once may not both be the last that fits.
    lock(&mut tx, caller).await?;
    let kept: i64 = sqlx::query_scalar("select count(*) from saved_views where owner_id = $1")
        .bind(caller.user_id)
        .fetch_one(&mut *tx)
        .await?;
    if kept >= MOST_VIEWS {
        return Err(ServiceError::Invalid(format!(
            "name: you keep {MOST_VIEWS} views already; delete one first"
        )));
    }
    let view = sqlx::query_scalar(
        "insert into saved_views (owner_id, name, filters, scope) values ($1, $2, $3, $4) returning id",
    )
    .bind(caller.user_id)
    .bind(name)
    .bind(filters)
    .bind(scope.as_str())
    .fetch_one(&mut *tx)
    .await
    .map_err(|error| named(error, name))?;
    tx.commit().await?;
    Ok(view)
}

/// What an owner may change of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Name(String),
    Scope(ViewScope),
    /// Whether it opens where no filter is given; at most one does.
    Default(bool),
}

/// # Errors
/// `NotFound` for a view that is not the caller's; `Invalid` as for [`save`].
pub async fn change(
    caller: &Caller,
    db: &Db,
    view: SavedViewId,
    change: &Change,
) -> Result<(), ServiceError> {
    let mut tx = db.pool.begin().await?;
    let done = match change {
        Change::Name(name) => {
            let name = usable_name(name)?;
            sqlx::query("update saved_views set name = $3 where id = $1 and owner_id = $2")
                .bind(view)
                .bind(caller.user_id)
                .bind(name)
                .execute(&mut *tx)
                .await
                .map_err(|error| named(error, name))?
        }
        Change::Scope(scope) => {
            sqlx::query("update saved_views set scope = $3 where id = $1 and owner_id = $2")
                .bind(view)
                .bind(caller.user_id)
                .bind(scope.as_str())
                .execute(&mut *tx)
                .await?
        }
        Change::Default(is_default) => {
            // Of two at once, the later one sees what the earlier one made the default.
            lock(&mut tx, caller).await?;
            // First off, then on: the index allows one at any moment.
            sqlx::query("update saved_views set is_default = false where owner_id = $1 and is_default and id <> $2")
                .bind(caller.user_id)
                .bind(view)
                .execute(&mut *tx)
                .await?;
            sqlx::query("update saved_views set is_default = $3 where id = $1 and owner_id = $2")
                .bind(view)
                .bind(caller.user_id)
                .bind(is_default)
                .execute(&mut *tx)
                .await?
        }
    };
    if done.rows_affected() == 0 {
        return Err(ServiceError::NotFound);
    }
    tx.commit().await?;
    Ok(())
}

/// Deletes a view of the caller's own.
pub async fn delete(caller: &Caller, db: &Db, view: SavedViewId) -> Result<(), ServiceError> {
    let done = sqlx::query("delete from saved_views where id = $1 and owner_id = $2")
        .bind(view)
        .bind(caller.user_id)
        .execute(&db.pool)
        .await?;
    match done.rows_affected() {
        0 => Err(ServiceError::NotFound),
        _ => Ok(()),
    }
}

/// Lets one transaction at a time decide over all of a person's views.
pub(super) async fn lock(tx: &mut PgConnection, caller: &Caller) -> Result<(), sqlx::Error> {
    sqlx::query("select from users where id = $1 for no key update")
        .bind(caller.user_id)
        .execute(tx)
        .await?;
    Ok(())
}

fn usable_name(name: &str) -> Result<&str, ServiceError> {
    let name = name.trim();
    let refused = |why: &str| Err(ServiceError::Invalid(format!("name: {why}")));
    if name.is_empty() {
        return refused("give the view one");
    }
    if name.chars().count() > LONGEST_NAME {
        return refused(&format!("it is longer than {LONGEST_NAME} letters"));
    }
    if name.chars().any(char::is_control) {
        return refused("it holds a character that can't be shown");
    }
    Ok(name)
}

/// A name that the same person uses already is told in words.
fn named(error: sqlx::Error, name: &str) -> ServiceError {
    let taken = error
        .as_database_error()
        .and_then(|error| error.constraint())
        .is_some_and(|constraint| constraint == "saved_views_name_unique");
    match taken {
        true => ServiceError::Invalid(format!(
            "name: you have a view named “{name}” already; choose another name"
        )),
        false => error.into(),
    }
}
