//! How the runs of each day of the last weeks ended.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{Outcome, views::overview::Day};

use crate::{Caller, Db, ServiceError};

const DAYS: u64 = 28;

pub(super) async fn last_weeks(
    caller: &Caller,
    db: &Db,
    as_of: DateTime<Utc>,
) -> Result<Vec<Day>, ServiceError> {
    let today = as_of.date_naive();
    let first = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
    let found: Vec<(NaiveDate, String, i64)> = sqlx::query_as(
        "select day, outcome, sum(runs)::bigint from operation_run_days
         where tenant_id = any($1) and day >= $2 group by day, outcome",
    )
    .bind(caller.tenant_ids())
    .bind(first)
    .fetch_all(&db.pool)
    .await?;
    let of = |day: NaiveDate, outcome: Outcome| {
        let same = |one: &&(NaiveDate, String, i64)| one.0 == day && one.1 == outcome.as_str();
        found.iter().find(same).map_or(0, |(_, _, runs)| *runs)
    };
    Ok(first
        .iter_days()
        .take(DAYS as usize)
        .map(|day| Day {
            day,
            succeeded: of(day, Outcome::Succeeded),
            partially_succeeded: of(day, Outcome::PartiallySucceeded),
            failed: of(day, Outcome::Failed),
        })
        .collect())
}
