//! Workers by their last sign of life, and what each of them is doing.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    RunId,
    views::{queues::WorkerRow, runs::RunRow},
};
use sqlx::FromRow;

use crate::{
    Caller, Db, ServiceError,
    runs::{self, QUEUE, WORKER_SILENCE},
};

#[derive(FromRow)]
struct Record {
    name: String,
    last_seen_at: DateTime<Utc>,
    alive: bool,
}

/// Those of the last day; more than a hundred starts a day are not listed one by one.
pub(super) async fn list(caller: &Caller, db: &Db) -> Result<Vec<WorkerRow>, ServiceError> {
    let found: Vec<Record> = sqlx::query_as(
        "select id as name, last_seen as last_seen_at, last_seen > now() - make_interval(secs => $2) as alive
         from apalis.workers
         where worker_type = $1 and last_seen > now() - interval '1 day'
         order by last_seen desc, id limit 100",
    )
    .bind(QUEUE)
    .bind(WORKER_SILENCE.as_secs_f64())
    .fetch_all(&db.pool)
    .await?;
    let held: Vec<(String, RunId)> = sqlx::query_as(
        "select j.lock_by, r.id from operation_runs r join apalis.jobs j on j.id = r.job_id
         where r.status = 'running' and r.lease_token is not null and j.lock_by is not null
         order by r.id limit 1000",
    )
    .fetch_all(&db.pool)
    .await?;
    let ids: Vec<RunId> = held.iter().map(|(_, run)| *run).collect();
    let mut seen: HashMap<RunId, RunRow> = runs::these(caller, db, &ids)
        .await?
        .into_iter()
        .map(|run| (run.id, run))
        .collect();
    Ok(found
        .into_iter()
        .map(|record| {
            let its = held.iter().filter(|(worker, _)| *worker == record.name);
            let (mut doing, mut others) = (Vec::new(), 0);
            for (_, run) in its {
                match seen.remove(run) {
                    Some(run) => doing.push(run),
                    None => others += 1,
                }
            }
            WorkerRow {
                name: record.name,
                last_seen_at: record.last_seen_at,
                alive: record.alive,
                doing,
                others,
            }
        })
        .collect())
}
