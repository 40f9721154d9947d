//! Runs that did not succeed, for a place outside that is told of them.

use domain::{RunId, views::run_list::ExportedRun};

use super::{
    export::exported,
    row::{RunRecord, select_runs},
};
use crate::{Db, ServiceError};

/// Runs told in one go.
const AT_ONCE: i64 = 50;

/// Runs that are to be told now, of all tenants. Each comes again, later each time, until [`alerted`] or an hour has
/// passed. Any number of processes may ask at once: a run goes to one of them.
pub async fn to_alert(db: &Db) -> Result<Vec<ExportedRun>, ServiceError> {
    let due: Vec<RunId> = sqlx::query_scalar(
        "update run_alerts a
         set tries = a.tries + 1, next_try_at = now() + least(interval '10 seconds' * power(2, a.tries), interval '10 minutes')
         from (
             select run_id from run_alerts where next_try_at <= now() and created_at > now() - interval '1 hour'
             order by run_id limit $1 for update skip locked
         ) due
         where a.run_id = due.run_id
         returning a.run_id",
    )
    .bind(AT_ONCE)
    .fetch_all(&db.pool)
    .await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<RunRecord> = sqlx::query_as(select_runs!("where r.id = any($1) order by r.id"))
        .bind(&due)
        .fetch_all(&db.pool)
        .await?;
    let rows: Result<_, _> = found
        .into_iter()
        .map(|record| record.into_row(None))
        .collect();
    Ok(exported(db, rows?).await?)
}

/// These were told.
pub async fn alerted(db: &Db, runs: &[RunId]) -> Result<(), ServiceError> {
    sqlx::query("delete from run_alerts where run_id = any($1)")
        .bind(runs)
        .execute(&db.pool)
        .await?;
    Ok(())
}

/// Forgets what is not told any more: nobody wanted to know, or could be told for an hour.
pub async fn tidy_alerts(db: &Db) -> Result<(), ServiceError> {
    sqlx::query("delete from run_alerts where created_at <= now() - interval '1 hour'")
        .execute(&db.pool)
        .await?;
    Ok(())
}
