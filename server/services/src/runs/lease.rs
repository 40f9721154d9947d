//! A worker's hold on a run: claimed once, kept alive by heartbeats, given back for a later try or lost.

use std::time::Duration;

use domain::{
    FailureGroup, IdentityHash, Outcome, RunId, Status, TenantId, identity::Inputs, sanitize,
};
use serde_json::json;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    items, queue, slots,
    update::{self, RunUpdate, UpdateError},
};
use crate::{Db, ServiceError};

/// How long a run stays with a worker that shows no sign of life.
pub const LEASE: Duration = Duration::from_secs(30);
/// How often a worker shows one.
pub const HEARTBEAT: Duration = Duration::from_secs(8);

/// When a run between two tries looks again whether its tenant has room.
const WHILE_BUSY: Duration = Duration::from_secs(2);

/// Proof that a worker has a run. Every write of the worker goes through it and fails once the run is lost.
#[derive(Debug, Clone)]
pub struct Lease {
    pub run_id: RunId,
    pub tenant_id: TenantId,
    pub operation_type: String,
    pub inputs: Inputs,
    pub identity_hash: IdentityHash,
    /// Which try this is, from 1.
    pub attempt: u32,
    token: Uuid,
}

/// What came of trying to get a run.
#[derive(Debug)]
pub enum Claim {
    Acquired(Lease),
    /// It has ended; there is nothing to do.
    Ended,
    /// Another worker has it.
    Held,
    /// Its tenant is busy; it is put back into the queue when a run of that tenant ends.
    Parked,
}

#[derive(sqlx::FromRow)]
struct Claimed {
    operation_type: String,
    inputs: Option<Json<Inputs>>,
    identity_hash: IdentityHash,
    attempt: i32,
}

/// Gets the run for a worker, unless it has ended, is held, or its tenant has `per_tenant` runs running already.
pub async fn claim(db: &Db, run: RunId, per_tenant: i64) -> Result<Claim, ServiceError> {
    let mut tx = db.pool.begin().await?;
    let tenant: Option<TenantId> =
        sqlx::query_scalar("select tenant_id from operation_runs where id = $1")
            .bind(run)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(tenant_id) = tenant else {
        return Ok(Claim::Ended);
    };
    slots::lock(&mut tx, tenant_id).await?;
    let (status, held, too_early): (String, bool, bool) = sqlx::query_as(
        "select status, lease_token is not null, coalesce(retry_at > now() + interval '500 milliseconds', false)
         from operation_runs where id = $1 for update",
    )
    .bind(run)
    .fetch_one(&mut *tx)
    .await?;
    if status == Status::Completed.as_str() {
        return Ok(Claim::Ended);
    }
    // A lease that has expired is the sweep's to end, so that the end comes once and from one place.
    // A try that waits for its time has a job of its own for that; this is an older one, delivered again.
    if held || too_early {
        return Ok(Claim::Held);
    }
    if slots::in_use(&mut tx, tenant_id, run).await? >= per_tenant {
        if status == Status::Running.as_str() {
            // Between two tries it can't be parked, so it comes again.
            queue::enqueue(&mut tx, run, WHILE_BUSY.as_secs_f64()).await?;
            tx.commit().await?;
            return Ok(Claim::Parked);
        }
        sqlx::query("update operation_runs set parked_at = now() where id = $1")
            .bind(run)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        return Ok(Claim::Parked);
    }
    let token = Uuid::new_v4();
    let claimed: Claimed = sqlx::query_as(
        "update operation_runs
         set status = 'running', lease_token = $2, lease_expires_at = now() + make_interval(secs => $3),
             heartbeat_at = now(), attempt = attempt + 1, retry_at = null,
             -- Another try counts anew; what made the earlier one end stays told.
             summary_counts = null,
             steps = case when attempt = 0 then steps
                 else steps || jsonb_build_array(jsonb_build_object('label', 'Try ' || (attempt + 1), 'at', now())) end,
             context = case when attempt = 0 then context
                 else coalesce(context, '{}') || jsonb_build_object('parts_from', jsonb_array_length(steps) + 1) end,
             failure_summary = case when attempt > 0 then (
                 select jsonb_agg(f) from jsonb_array_elements(failure_summary) f
                 where f ->> 'message' like '%(retrying)') end
         where id = $1
         returning type as operation_type, context #> '{identity,inputs}' as inputs,
                   run_identity_hash as identity_hash, attempt",
    )
    .bind(run)
    .bind(token)
    .bind(LEASE.as_secs_f64())
    .fetch_one(&mut *tx)
    .await?;
    items::forget(&mut tx, run).await?;
    tx.commit().await?;
    Ok(Claim::Acquired(Lease {
        run_id: run,
        tenant_id,
        operation_type: claimed.operation_type,
        inputs: claimed.inputs.map(|inputs| inputs.0).unwrap_or_default(),
        identity_hash: claimed.identity_hash,
        attempt: u32::try_from(claimed.attempt).unwrap_or(u32::MAX),
        token,
    }))
}

/// The context of a run that a worker has.
pub(crate) async fn context(db: &Db, lease: &Lease) -> Result<Inputs, ServiceError> {
    let context: Option<Json<Inputs>> =
        sqlx::query_scalar("select context from operation_runs where id = $1")
            .bind(lease.run_id)
            .fetch_one(&db.pool)
            .await?;
    Ok(context.map(|context| context.0).unwrap_or_default())
}

impl Lease {
    /// Shows a sign of life. False once the run is no longer this worker's.
    pub async fn extend(&self, db: &Db) -> Result<bool, ServiceError> {
        let extended = sqlx::query(
            "update operation_runs
             set lease_expires_at = now() + make_interval(secs => $3), heartbeat_at = now()
             where id = $1 and lease_token = $2",
        )
        .bind(self.run_id)
        .bind(self.token)
        .bind(LEASE.as_secs_f64())
        .execute(&db.pool)
        .await?;
        Ok(extended.rows_affected() == 1)
    }

    /// Reports progress.
    pub async fn report(&self, db: &Db, update: RunUpdate) -> Result<(), UpdateError> {
        let mut tx = db.pool.begin().await?;
        let token = Some(self.token);
        update::update_in(&mut tx, self.run_id, token, Status::Running, None, update).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes that a part of the work has begun.
    pub async fn begin_step(&self, db: &Db, label: &str) -> Result<(), UpdateError> {
        let noted = sqlx::query(
            "update operation_runs
             set steps = steps || jsonb_build_array(jsonb_build_object('label', $3::text, 'at', now()))
             where id = $1 and lease_token = $2",
        )
        .bind(self.run_id)
        .bind(self.token)
        .bind(label)
        .execute(&db.pool)
        .await?;
        if noted.rows_affected() == 1 {
            Ok(())
        } else {
            Err(UpdateError::LeaseLost)
        }
    }

    /// Notes that Microsoft asked to wait that long; zero when it goes on.
    pub async fn throttled(&self, db: &Db, wait: Duration) -> Result<(), ServiceError> {
        sqlx::query(
            "update operation_runs
             set throttled_until = case when $3 > 0 then now() + make_interval(secs => $3) end
             where id = $1 and lease_token = $2",
        )
        .bind(self.run_id)
        .bind(self.token)
        .bind(wait.as_secs_f64())
        .execute(&db.pool)
        .await?;
        Ok(())
    }

    /// Ends the run.
    pub async fn complete(
        &self,
        db: &Db,
        outcome: Outcome,
        update: RunUpdate,
    ) -> Result<(), UpdateError> {
        let mut tx = db.pool.begin().await?;
        self.complete_in(&mut tx, outcome, update).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The same within the caller's transaction.
    pub(crate) async fn complete_in(
        &self,
        tx: &mut PgConnection,
        outcome: Outcome,
        update: RunUpdate,
    ) -> Result<(), UpdateError> {
        let (token, status) = (Some(self.token), Status::Completed);
        update::update_in(tx, self.run_id, token, status, Some(outcome), update).await
    }

    /// Gives the run back for another try after a pause, noting what made that necessary. The pause is in the database, so it outlives this worker.
    pub async fn retry_after(
        &self,
        db: &Db,
        pause: Duration,
        failure: Option<FailureGroup>,
    ) -> Result<(), UpdateError> {
        let mut tx = db.pool.begin().await?;
        let told = json!({
            "label": match failure {
                Some(_) => format!("Try {} failed", self.attempt),
                None => format!("Try {} was given back: its worker was stopped", self.attempt),
            },
            "failure": failure.as_ref().map(|failure| sanitize::message(failure.message.trim_end_matches(" (retrying)"))),
        });
        let update = RunUpdate {
            failures: failure.into_iter().collect(),
            ..RunUpdate::default()
        };
        slots::lock(&mut tx, self.tenant_id).await?;
        let token = Some(self.token);
        update::update_in(&mut tx, self.run_id, token, Status::Running, None, update).await?;
        sqlx::query(
            "update operation_runs
             set lease_token = null, lease_expires_at = null, throttled_until = null,
                 retry_at = now() + make_interval(secs => $2),
                 -- It is no part of the work.
                 context = coalesce(context, '{}') || jsonb_build_object('parts_from',
                     coalesce((context ->> 'parts_from')::integer, 0) + 1),
                 steps = steps || jsonb_build_array(jsonb_build_object('at', now()) || $3)
             where id = $1",
        )
        .bind(self.run_id)
        .bind(pause.as_secs_f64())
        .bind(Json(told))
        .execute(&mut *tx)
        .await?;
        queue::enqueue(&mut tx, self.run_id, pause.as_secs_f64()).await?;
        slots::free_one(&mut tx, self.tenant_id).await?;
        tx.commit().await?;
        Ok(())
    }
}
