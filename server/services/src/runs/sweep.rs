//! The sweep: ends runs whose worker is gone and wakes runs that nothing else would wake.

use std::time::Duration;

use domain::{FailureCode, FailureGroup, RunId, TenantId};
use sqlx::AssertSqlSafe;

use super::{queue, slots, update};
use crate::{Db, ServiceError};

/// How often every process sweeps.
pub const SWEEP_EVERY: Duration = Duration::from_secs(3);

/// A run that no worker has begun by then is not wanted any more: nobody expects yesterday's deletion.
pub(super) const BEGUN_WITHIN_HOURS: i32 = 24;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Runs that ended as failed because their worker was gone.
    pub lost: usize,
    /// Runs that ended as failed because none had begun them.
    pub given_up: usize,
    /// Runs that were put into the queue again.
    pub woken: usize,
}

/// Sweeps once. Any number of processes may do so at the same time.
pub async fn sweep(db: &Db, per_tenant: i64) -> Result<Swept, ServiceError> {
    let mut swept = Swept {
        lost: end_all(db, Overdue::Lost).await?,
        given_up: end_all(db, Overdue::NotStarted).await?,
        woken: 0,
    };
    // A shadow whose restore nobody has executed yet has no job, and must not get one.
    let stranded: Vec<RunId> = sqlx::query_scalar(
        "select r.id from operation_runs r
         where r.status in ('queued', 'running') and r.lease_token is null and r.parked_at is null
           and r.job_id is not null
           and greatest(r.updated_at, r.retry_at) < now() - interval '15 seconds'
           and not exists (
               select from apalis.jobs j
               where j.id = r.job_id and j.status in ('Pending', 'Queued', 'Running')
           )
         order by r.id limit 100",
    )
    .fetch_all(&db.pool)
    .await?;
    for run in stranded {
        match wake(db, run).await {
            Ok(woken) => swept.woken += usize::from(woken),
            Err(error) => tracing::error!(run_id = %run, %error, "a run could not be woken"),
        }
    }
    let waiting: Vec<TenantId> = sqlx::query_scalar(
        "select tenant_id from operation_runs
         where status in ('queued', 'running') and (parked_at is not null or lease_expires_at > now())
         group by tenant_id
         having count(parked_at) > 0 and count(lease_expires_at) < $1",
    )
    .bind(per_tenant)
    .fetch_all(&db.pool)
    .await?;
    for tenant in waiting {
        match free_one(db, tenant).await {
            Ok(()) => swept.woken += 1,
            Err(error) => {
                tracing::error!(tenant_id = %tenant, %error, "a tenant's next run could not be woken");
            }
        }
    }
    Ok(swept)
}

async fn free_one(db: &Db, tenant: TenantId) -> Result<(), ServiceError> {
    let mut tx = db.pool.begin().await?;
    slots::lock(&mut tx, tenant).await?;
    slots::free_one(&mut tx, tenant).await?;
    tx.commit().await?;
    Ok(())
}

/// Why a run is ended by a sweep.
#[derive(Debug, Clone, Copy)]
enum Overdue {
    Lost,
    NotStarted,
}

impl Overdue {
    /// Which runs it holds for, in SQL.
    fn condition(self) -> String {
        match self {
            Self::Lost => "status = 'running' and lease_expires_at < now()".to_owned(),
            Self::NotStarted => format!(
                "status = 'queued' and queued_at < now() - interval '{BEGUN_WITHIN_HOURS} hours'"
            ),
        }
    }

    fn failure(self) -> FailureGroup {
        match self {
            Self::Lost => FailureGroup::new(
                FailureCode::WorkerLost,
                "The worker gave no sign of life; what it had finished before is kept.",
            ),
            Self::NotStarted => FailureGroup::new(
                FailureCode::QueueNotStarted,
                format!(
                    "It waited {BEGUN_WITHIN_HOURS} hours for a worker; nothing of it was done."
                ),
            ),
        }
    }
}

/// Ends every run that is overdue in this way, and tells how many this process ended.
async fn end_all(db: &Db, overdue: Overdue) -> Result<usize, ServiceError> {
    let statement = format!(
        "select id from operation_runs where {} order by id",
        overdue.condition()
    );
    let found: Vec<RunId> = sqlx::query_scalar(AssertSqlSafe(statement))
        .fetch_all(&db.pool)
        .await?;
    let mut ended = 0;
    for run in found {
        match end(db, run, overdue).await {
            Ok(done) => ended += usize::from(done),
            // One that can't be ended must not keep the others from their end.
            Err(error) => {
                tracing::error!(run_id = %run, %error, "an overdue run could not be ended")
            }
        }
    }
    Ok(ended)
}

async fn end(db: &Db, run: RunId, overdue: Overdue) -> Result<bool, ServiceError> {
    let mut tx = db.pool.begin().await?;
    let tenant: Option<TenantId> =
        sqlx::query_scalar("select tenant_id from operation_runs where id = $1")
            .bind(run)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(tenant) = tenant else {
        return Ok(false);
    };
    slots::lock(&mut tx, tenant).await?;
    // Looked at again under the lock: a worker may have shown up, or another process may have been quicker.
    let statement = format!(
        "select true from operation_runs where id = $1 and {} for update",
        overdue.condition()
    );
    let still: Option<bool> = sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(run)
        .fetch_optional(&mut *tx)
        .await?;
    if still.is_none() {
        return Ok(false);
    }
    let failure = overdue.failure();
    tracing::warn!(run_id = %run, code = %failure.code, "ended an overdue run");
    update::complete_as_failed(&mut tx, run, failure).await?;
    tx.commit().await?;
    Ok(true)
}

async fn wake(db: &Db, run: RunId) -> Result<bool, ServiceError> {
    let mut tx = db.pool.begin().await?;
    let still: Option<bool> = sqlx::query_scalar(
        "select true from operation_runs
         where id = $1 and status in ('queued', 'running') and lease_token is null
         for update skip locked",
    )
    .bind(run)
    .fetch_optional(&mut *tx)
    .await?;
    if still.is_some() {
        queue::enqueue(&mut tx, run, 0.0).await?;
        tx.commit().await?;
        tracing::warn!(run_id = %run, "put a run into the queue again: its job was gone");
    }
    Ok(still.is_some())
}
