//! The queue's depth, its workers, and the tenants that wait. Reads apalis' tables by bounded statements only: most of
//! their rows are of jobs that ended long ago, and no index finds those by status.

mod workers;

use chrono::{DateTime, Utc};
use domain::{
    Role, TenantId,
    views::queues::{Capped, QueuesPage, WaitingTenant},
};
use sqlx::FromRow;

use crate::{Caller, Db, ServiceError};

/// Where counting stops.
const MOST: i64 = 1000;

#[derive(FromRow)]
struct Depth {
    ready: i64,
    oldest_ready_at: Option<DateTime<Utc>>,
    parked: i64,
    running: i64,
    retrying: i64,
    ended: i64,
    failed: i64,
    as_of: DateTime<Utc>,
}

/// Whether the caller may start operations on any tenant, and so see how they wait.
pub fn may_see(caller: &Caller) -> bool {
    let starts = |tenant: TenantId| {
        caller
            .role_on(tenant)
            .is_ok_and(|role| role >= Role::Operator)
    };
    caller.roles.tenants().any(starts)
}

/// Everything of the page.
///
/// # Errors
/// `Forbidden` for someone who may start operations on no tenant.
pub async fn queues(caller: &Caller, db: &Db) -> Result<QueuesPage, ServiceError> {
    if !may_see(caller) {
        return Err(ServiceError::Forbidden(
            "The queues are for operators and owners of a tenant; your roles are read only.".into(),
        ));
    }
    let depth: Depth = sqlx::query_as(
        "with active as materialized (
             select status, created_at, parked_at, retry_at, lease_token, job_id from operation_runs
             where status in ('queued', 'running') order by id limit 5000
         ), ended as materialized (
             select outcome from operation_runs
             where status = 'completed' and completed_at > now() - interval '1 hour'
             order by completed_at desc limit 5000
         )
         select (select count(*) from active where status = 'queued' and parked_at is null and job_id is not null) as ready,
                (select min(created_at) from active where status = 'queued' and parked_at is null and job_id is not null) as oldest_ready_at,
                (select count(*) from active where parked_at is not null) as parked,
                (select count(*) from active where status = 'running' and lease_token is not null) as running,
                (select count(*) from active where status = 'running' and lease_token is null and retry_at is not null) as retrying,
                (select count(*) from ended) as ended,
                (select count(*) from ended where outcome = 'failed') as failed,
                now() as as_of",
    )
    .fetch_one(&db.pool)
    .await?;
    let capped = |count: i64| Capped {
        count: count.min(MOST),
        more: count > MOST,
    };
    Ok(QueuesPage {
        ready: capped(depth.ready),
        oldest_ready_at: depth.oldest_ready_at,
        parked: capped(depth.parked),
        running: capped(depth.running),
        retrying: capped(depth.retrying),
        ended: capped(depth.ended),
        failed: capped(depth.failed),
        workers: workers::list(caller, db).await?,
        tenants: waiting_tenants(caller, db).await?,
        as_of: depth.as_of,
    })
}

#[derive(FromRow)]
struct Waiting {
    tenant: TenantId,
    name: String,
    parked: i64,
    running: i64,
    throttled_until: Option<DateTime<Utc>>,
}

async fn waiting_tenants(caller: &Caller, db: &Db) -> Result<Vec<WaitingTenant>, ServiceError> {
    let found: Vec<Waiting> = sqlx::query_as(
        "select r.tenant_id as tenant, t.name, count(r.parked_at) as parked,
                count(*) filter (where r.status = 'running') as running,
                max(r.throttled_until) filter (where r.throttled_until > now()) as throttled_until
         from operation_runs r join tenants t on t.id = r.tenant_id
         where r.status in ('queued', 'running') and r.tenant_id = any($1)
         group by r.tenant_id, t.name
         having count(r.parked_at) > 0 or max(r.throttled_until) > now()
         order by count(r.parked_at) desc, lower(t.name), r.tenant_id limit 100",
    )
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    Ok(found
        .into_iter()
        .map(|one| WaitingTenant {
            tenant: one.tenant,
            name: one.name,
            parked: one.parked,
            running: one.running,
            throttled_until: one.throttled_until,
        })
        .collect())
}
