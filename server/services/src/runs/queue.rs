//! The queue's envelope around a run: jobs are put into apalis' table in the caller's own transaction.

use std::time::Duration;

use domain::RunId;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{Db, ServiceError};

/// The queue that all runs go through. Set explicitly: by default apalis names it after a Rust type.
pub const QUEUE: &str = "operation-runs";

/// A worker that has shown no sign of life for so long counts as gone; they do every few seconds.
pub(crate) const WORKER_SILENCE: Duration = Duration::from_secs(30);

/// What a job carries: the run's id and nothing else. The run's row holds the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunJob {
    pub run_id: RunId,
}

/// Puts a job for this run into the queue, to begin after `delay_seconds`. Workers hear of it at commit.
///
/// Plain SQL instead of apalis' own push, for the database's clock and our transaction. The id must be a ULID and
/// metadata must stay null, or the fetch of that row fails for ever. One try a job: retries are jobs of their own.
pub(super) async fn enqueue(
    tx: &mut PgConnection,
    run: RunId,
    delay_seconds: f64,
) -> Result<(), sqlx::Error> {
    let job_id: String = sqlx::query_scalar(
        "insert into apalis.jobs (id, job_type, job, max_attempts, run_at)
         values (apalis.generate_ulid()::text, $1, convert_to($2::text, 'UTF8'), 1, now() + make_interval(secs => $3))
         returning id",
    )
    .bind(QUEUE)
    .bind(serde_json::json!({ "run_id": run }).to_string())
    .bind(delay_seconds)
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query("update operation_runs set job_id = $2, queued_at = coalesce(queued_at, now()) where id = $1")
        .bind(run)
        .bind(job_id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Removes jobs that ended a week ago and workers that have been silent for a day; apalis keeps both for ever.
pub async fn tidy_queue(db: &Db) -> Result<(), ServiceError> {
    sqlx::query(
        "delete from apalis.jobs where id in (
             select id from apalis.jobs
             where job_type = $1 and status in ('Done', 'Failed', 'Killed') and done_at < now() - interval '7 days'
             limit 5000
         )",
    )
    .bind(QUEUE)
    .execute(&db.pool)
    .await?;
    sqlx::query(
        "delete from apalis.workers w
         where w.worker_type = $1 and w.last_seen < now() - interval '1 day'
           and not exists (select from apalis.jobs j where j.lock_by = w.id)",
    )
    .bind(QUEUE)
    .execute(&db.pool)
    .await?;
    Ok(())
}
