//! "Notify me too": hearing of the end of a run that somebody else started.

use domain::{RunId, Status};

use super::list;
use crate::{Caller, Db, ServiceError};

/// Adds the caller to those who hear of the run's end. Whoever started it hears of it anyway; asking twice changes nothing.
///
/// # Errors
/// `NotFound` for a run that the caller does not see, `Invalid` for one that has ended.
pub async fn follow(caller: &Caller, db: &Db, run: RunId) -> Result<(), ServiceError> {
    let row = list::one(caller, db, run).await?;
    if row.mine {
        return Ok(());
    }
    let mut tx = db.pool.begin().await?;
    // Under the run's lock, so that nobody joins between the end and its notifications, and is never told.
    let status: String =
        sqlx::query_scalar("select status from operation_runs where id = $1 for share")
            .bind(run)
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(ServiceError::NotFound)?;
    if status == Status::Completed.as_str() {
        return Err(ServiceError::Invalid(
            "This run has ended already; there is nothing more to be told.".into(),
        ));
    }
    sqlx::query(
        "insert into operation_run_followers (run_id, user_id) values ($1, $2) on conflict do nothing",
    )
    .bind(run)
    .bind(caller.user_id)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes the caller off again.
pub async fn unfollow(caller: &Caller, db: &Db, run: RunId) -> Result<(), ServiceError> {
    list::one(caller, db, run).await?;
    sqlx::query("delete from operation_run_followers where run_id = $1 and user_id = $2")
        .bind(run)
        .bind(caller.user_id)
        .execute(&db.pool)
        .await?;
    Ok(())
}
