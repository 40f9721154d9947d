//! One run with everything that its page shows, the reason why it waits included.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    FailureSummary, RestoreId, RunId, Status,
    views::runs::{RunDetail, RunRow, TimelineStep, Waiting},
};
use serde_json::Value;
use sqlx::{FromRow, types::Json};

use super::{
    around, handover, list,
    queue::{QUEUE, WORKER_SILENCE},
    sweep::{BEGUN_WITHIN_HOURS, SWEEP_EVERY},
};
use crate::{Caller, Db, ServiceError, inventory::kind_label};

#[derive(FromRow)]
struct Details {
    failure_summary: Option<Json<FailureSummary>>,
    steps: Json<Vec<TimelineStep>>,
    heartbeat_at: Option<DateTime<Utc>>,
    lease_expires_at: Option<DateTime<Utc>>,
    attempt: i32,
    run_identity_hash: String,
    context: Option<Value>,
    retry_at: Option<DateTime<Utc>>,
    throttled_until: Option<DateTime<Utc>>,
    parked: bool,
    has_job: bool,
    queued_at: Option<DateTime<Utc>>,
    restore: Option<RestoreId>,
    repeats: Option<RunId>,
    directory_id: String,
    as_of: DateTime<Utc>,
}

/// One run's page. Another tenant's run does not exist for the caller.
pub async fn detail(caller: &Caller, db: &Db, run: RunId) -> Result<RunDetail, ServiceError> {
    let row = list::one(caller, db, run).await?;
    let details: Details = sqlx::query_as(
        "select failure_summary, steps, heartbeat_at, lease_expires_at, attempt, run_identity_hash, context,
                retry_at, throttled_until, repeats_run_id as repeats, parked_at is not null as parked, job_id is not null as has_job, queued_at,
                (select r.id from restore_runs r where r.shadow_run_id = operation_runs.id) as restore,
                (select t.directory_id from tenants t where t.id = operation_runs.tenant_id) as directory_id, now() as as_of
         from operation_runs where id = $1 and tenant_id = $2",
    )
    .bind(run)
    .bind(row.tenant_id)
    .fetch_one(&db.pool)
    .await?;
    let waiting = waiting(db, &row, &details).await?;
    let related = around::related(db, &row, details.repeats).await?;
    let usual = around::usual(db, row.id, row.tenant_id, &row.operation_type).await?;
    let followers = around::followers(db, caller, run).await?;
    let context = details.context.unwrap_or_default();
    let failed = failed_kinds(db, &row).await?;
    let may_start = caller.may_start_again(&row);
    let handovers = match may_start {
        true => handover::handovers(db, run).await?,
        false => Vec::new(),
    };
    Ok(RunDetail {
        failures: details
            .failure_summary
            .map(|summary| summary.0.groups().to_vec())
            .unwrap_or_default(),
        waiting,
        followers,
        usual,
        related,
        handovers,
        steps: marked(details.steps.0, &failed),
        last_sign_of_life: details.heartbeat_at,
        lost_at: details
            .lease_expires_at
            .map(|expires| expires + announced_delay()),
        given_up_at: details
            .queued_at
            .filter(|_| row.state.status() == Status::Queued)
            .map(|since| since + TimeDelta::hours(BEGUN_WITHIN_HOURS.into()) + announced_delay()),
        attempt: details.attempt,
        identity_hash: details.run_identity_hash,
        inputs: context
            .pointer("/identity/inputs")
            .cloned()
            .unwrap_or_default(),
        request_ids: handover::request_ids(context.get("request_ids")),
        context,
        directory_id: details.directory_id,
        failed_kinds: failed.into_keys().collect(),
        may_start,
        may_replace_secret: caller.may_replace_secret(row.tenant_id).is_ok(),
        as_of: details.as_of,
        run: row,
    })
}

/// From the moment when a run is overdue to the one when it has certainly been swept: two sweeps.
fn announced_delay() -> TimeDelta {
    TimeDelta::from_std(SWEEP_EVERY * 2).unwrap_or_default()
}

/// Kinds of policies with how many of their items failed. Items of a restore's execution count by their policies' kinds.
async fn failed_kinds(db: &Db, row: &RunRow) -> Result<BTreeMap<String, i64>, ServiceError> {
    if row.counts.is_none_or(|counts| counts.failed == 0) {
        return Ok(BTreeMap::new());
    }
    let found: Vec<(String, i64)> = sqlx::query_as(
        "select kind, count(*) from operation_run_items
         where run_id = $1 and state = 'failed' and kind is not null group by kind",
    )
    .bind(row.id)
    .fetch_all(&db.pool)
    .await?;
    let labelled = found
        .into_iter()
        .map(|(kind, count)| (kind_label(&kind).to_owned(), count));
    Ok(labelled.collect())
}

/// The steps, each with how many of its items failed. Of a kind that several tries came to, the last one tells.
fn marked(mut steps: Vec<TimelineStep>, failed: &BTreeMap<String, i64>) -> Vec<TimelineStep> {
    for (kind, count) in failed {
        if let Some(step) = steps.iter_mut().rev().find(|step| step.label == *kind) {
            step.failed_items = *count;
        }
    }
    steps
}

async fn waiting(
    db: &Db,
    row: &RunRow,
    details: &Details,
) -> Result<Option<Waiting>, ServiceError> {
    let as_of = details.as_of;
    Ok(match row.state.status() {
        Status::Completed => None,
        Status::Running => {
            let retry = details.retry_at.map(|at| Waiting::Retry { at });
            let throttled = details
                .throttled_until
                .filter(|until| *until > as_of)
                .map(|until| Waiting::Throttled { until });
            retry.or(throttled)
        }
        Status::Queued if !details.has_job => details
            .restore
            .map(|restore| Waiting::Execution { restore }),
        Status::Queued => {
            let busy = match details.parked {
                true => tenant_busy(db, row).await?,
                false => None,
            };
            if busy.is_some() {
                return Ok(busy);
            }
            // Parked without any, too: until the next sweep, once the others have ended or were lost.
            let last_seen = worker_last_seen(db).await?;
            let silence = last_seen.map(|at| (as_of - at).to_std().unwrap_or_default());
            match silence.is_some_and(|silence| silence < WORKER_SILENCE) {
                true => Some(Waiting::InQueue {
                    ahead: queued_before(db, row.id).await?,
                }),
                false => Some(Waiting::NoWorker { last_seen }),
            }
        }
    })
}

async fn tenant_busy(db: &Db, row: &RunRow) -> Result<Option<Waiting>, ServiceError> {
    let blocker: Option<(RunId, String, f64)> = sqlx::query_as(
        "select id, type, extract(epoch from now() - started_at)::float8 from operation_runs
         where tenant_id = $1 and status = 'running' and lease_expires_at > now() order by id limit 1",
    )
    .bind(row.tenant_id)
    .fetch_optional(&db.pool)
    .await?;
    let Some((run, operation_type, lasted)) = blocker else {
        return Ok(None);
    };
    let usual = around::usual(db, run, row.tenant_id, &operation_type).await?;
    let left = usual.map(|usual| (usual.median_seconds - lasted).round() as i64);
    Ok(Some(Waiting::TenantBusy {
        run,
        operation_type,
        usually_left: left.filter(|left| *left > 0),
    }))
}

/// When a worker of our queue last showed a sign of life.
async fn worker_last_seen(db: &Db) -> Result<Option<DateTime<Utc>>, ServiceError> {
    Ok(
        sqlx::query_scalar("select max(last_seen) from apalis.workers where worker_type = $1")
            .bind(QUEUE)
            .fetch_one(&db.pool)
            .await?,
    )
}

/// How many runs were queued before this one; a thousand at most are counted. A number, not whose they are.
async fn queued_before(db: &Db, run: RunId) -> Result<i64, ServiceError> {
    Ok(sqlx::query_scalar(
        "select count(*) from (
             select from operation_runs where status = 'queued' and parked_at is null and job_id is not null and id < $1
             limit 1000
         ) as before",
    )
    .bind(run)
    .fetch_one(&db.pool)
    .await?)
}
