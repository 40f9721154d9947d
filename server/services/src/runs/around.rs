//! What surrounds a run on its page: runs it has to do with, how long such runs usually take, and who joined it.

use chrono::{DateTime, Utc};
use domain::{
    RunId, RunState, TenantId,
    views::runs::{Followers, RelatedRun, RelatedRuns, RunRow, UsualDuration},
};
use sqlx::FromRow;

use crate::{Caller, Db, ServiceError};

#[derive(FromRow)]
struct Record {
    relation: String,
    id: RunId,
    status: String,
    outcome: String,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    initiator_name: String,
}

/// The runs before and after it, the one that it repeats, and those that repeat it; all of its own tenant.
pub(super) async fn related(
    db: &Db,
    run: &RunRow,
    repeats: Option<RunId>,
) -> Result<RelatedRuns, ServiceError> {
    // By (tenant, type, created_at), which is what the index holds; runs of one moment are told apart by their number.
    let found: Vec<Record> = sqlx::query_as(
        "with previous as (
             select id from operation_runs
             where tenant_id = $2 and type = $3 and (created_at, id) < ($4, $1) and created_at <= $4
             order by created_at desc, id desc limit 1
         ), next as (
             select id from operation_runs
             where tenant_id = $2 and type = $3 and (created_at, id) > ($4, $1) and created_at >= $4
             order by created_at, id limit 1
         ), repeated_by as (
             select id from operation_runs where repeats_run_id = $1 order by id desc limit 10
         ), around as (
             select 'previous' as relation, id from previous
             union all select 'next', id from next
             union all select 'repeats', $5 where $5 is not null
             union all select 'repeated_by', id from repeated_by
         )
         select a.relation, r.id, r.status, r.outcome, r.started_at, r.completed_at, r.created_at,
                r.initiator_name
         from around a join operation_runs r on r.id = a.id
         where r.tenant_id = $2 order by r.id",
    )
    .bind(run.id)
    .bind(run.tenant_id)
    .bind(&run.operation_type)
    .bind(run.created_at)
    .bind(repeats)
    .fetch_all(&db.pool)
    .await?;
    let mut related = RelatedRuns::default();
    for record in found {
        let state = RunState::from_columns(
            &record.status,
            &record.outcome,
            record.started_at,
            record.completed_at,
        )
        .map_err(|error| ServiceError::Internal(error.to_string()))?;
        let other = RelatedRun {
            id: record.id,
            initiator_name: record.initiator_name,
            state,
            created_at: record.created_at,
        };
        match record.relation.as_str() {
            "previous" => related.previous = Some(other),
            "next" => related.next = Some(other),
            "repeats" => related.repeats = Some(other),
            _ => related.repeated_by.push(other),
        }
    }
    Ok(related)
}

/// How long the latest fifty of this operation on this tenant that succeeded took, without `run` itself; nothing before
/// there are three to go by.
pub(super) async fn usual(
    db: &Db,
    run: RunId,
    tenant: TenantId,
    operation_type: &str,
) -> Result<Option<UsualDuration>, ServiceError> {
    let (runs, median, p95): (i64, Option<f64>, Option<f64>) = sqlx::query_as(
        "select count(*), percentile_cont(0.5) within group (order by seconds),
                percentile_cont(0.95) within group (order by seconds)
         from (
             select extract(epoch from completed_at - started_at)::float8 as seconds
             from operation_runs
             where tenant_id = $1 and type = $2 and outcome = 'succeeded' and started_at is not null and id <> $3
             order by completed_at desc limit 50
         ) as latest",
    )
    .bind(tenant)
    .bind(operation_type)
    .bind(run)
    .fetch_one(&db.pool)
    .await?;
    Ok(median
        .zip(p95)
        .filter(|_| runs >= 3)
        .map(|(median_seconds, p95_seconds)| UsualDuration {
            runs,
            median_seconds,
            p95_seconds,
        }))
}

/// Names for those who see the tenant too; whoever left it is not told of any more.
pub(super) async fn followers(
    db: &Db,
    caller: &Caller,
    run: RunId,
) -> Result<Followers, ServiceError> {
    let joined = sqlx::query_as(
        "select u.name, f.followed_at
         from operation_run_followers f join users u on u.id = f.user_id
             join operation_runs r on r.id = f.run_id
             join memberships m on m.user_id = f.user_id and m.tenant_id = r.tenant_id
         where f.run_id = $1 order by f.followed_at, u.id limit 50",
    )
    .bind(run)
    .fetch_all(&db.pool)
    .await?;
    // By itself, as the reader may have come after those who are named.
    let reader: bool = sqlx::query_scalar(
        "select exists (select from operation_run_followers where run_id = $1 and user_id = $2)",
    )
    .bind(run)
    .bind(caller.user_id)
    .fetch_one(&db.pool)
    .await?;
    Ok(Followers { reader, joined })
}
