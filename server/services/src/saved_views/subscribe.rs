//! "Tell me about new ones": hearing of the runs that end and that a view holds.

use domain::{SavedViewId, views::runs::RunQuery};

use super::read::visible;
use crate::{Caller, Db, ServiceError};

/// How many views one person may be told of.
const MOST: i64 = 20;

/// Reads the query string that a view keeps; none for one that this version does not understand.
pub type ReadFilters = fn(&str) -> Option<RunQuery>;

/// Tells the caller from now on. Asking twice changes nothing.
///
/// # Errors
/// `NotFound` for a view that the caller is not offered; `Invalid` for one that holds no run that has ended, and past the
/// most views that one may be told of.
pub async fn subscribe(
    caller: &Caller,
    db: &Db,
    view: SavedViewId,
    read: ReadFilters,
) -> Result<(), ServiceError> {
    let view = visible(caller, db, view).await?;
    let view = view.ok_or(ServiceError::NotFound)?;
    if !read(&view.filters).is_some_and(|query| query.may_hold_ended()) {
        return Err(ServiceError::Invalid(
            "view: it holds no run that has ended, and that is what you would be told of".into(),
        ));
    }
    let mut tx = db.pool.begin().await?;
    // Two at once may not both be the last that fits.
    super::keep::lock(&mut tx, caller).await?;
    let others: i64 = sqlx::query_scalar(
        "select count(*) from view_subscriptions where user_id = $1 and view_id <> $2",
    )
    .bind(caller.user_id)
    .bind(view.id)
    .fetch_one(&mut *tx)
    .await?;
    if others >= MOST {
        return Err(ServiceError::Invalid(format!(
            "view: you are told of {MOST} views already; stop one first"
        )));
    }
    sqlx::query(
        "insert into view_subscriptions (view_id, user_id) values ($1, $2) on conflict do nothing",
    )
    .bind(view.id)
    .bind(caller.user_id)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Tells the caller no more; of a view that is not there, or not shared any more, nothing was told anyway.
pub async fn unsubscribe(caller: &Caller, db: &Db, view: SavedViewId) -> Result<(), ServiceError> {
    sqlx::query("delete from view_subscriptions where view_id = $1 and user_id = $2")
        .bind(view)
        .bind(caller.user_id)
        .execute(&db.pool)
        .await?;
    Ok(())
}
