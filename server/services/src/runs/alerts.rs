//! Runs that did not succeed, for a place outside that is told of them.

use domain::{RunId, views::run_list::ExportedRun};

use super::{
    export::exported,
    row::{RunRecord, select_runs},
};
use crate::{Db, ServiceError};

/// Runs told in one go.
const AT_ONCE: i64 = 50;

/// A place outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertPlace {
    Web,
    Mail,
}

impl AlertPlace {
    fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mail => "mail",
        }
    }
}

/// Runs that this place is to be told of now, of all tenants. Each comes again, later each time, until [`alerted`] or an hour has
/// passed. Any number of processes may ask at once: a run goes to one of them.
pub async fn to_alert(db: &Db, place: AlertPlace) -> Result<Vec<ExportedRun>, ServiceError> {
    let due: Vec<RunId> = sqlx::query_scalar(
        "update run_alerts a
         set tries = a.tries + 1, next_try_at = now() + least(interval '10 seconds' * power(2, a.tries), interval '10 minutes')
         from (
             select run_id from run_alerts where place = $2 and next_try_at <= now() and created_at > now() - interval '1 hour'
             order by run_id limit $1 for update skip locked
         ) due
         where a.run_id = due.run_id and a.place = $2
         returning a.run_id",
    )
    .bind(AT_ONCE)
    .bind(place.as_str())
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

/// This place was told of these.
pub async fn alerted(db: &Db, place: AlertPlace, runs: &[RunId]) -> Result<(), ServiceError> {
    sqlx::query("delete from run_alerts where run_id = any($1) and place = $2")
        .bind(runs)
        .bind(place.as_str())
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
