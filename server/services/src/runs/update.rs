//! Moving a run forward: progress while it is active, one end, and nothing after it.

use domain::{
    FailureCode, FailureGroup, FailureSummary, Outcome, RunId, Status, SummaryCounts, TenantId,
    TerminalOutcome, sanitize,
};
use serde_json::{Map, Value};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    items::{self, EndedItem},
    slots,
};
use crate::{Db, ServiceError, notifications, restores};

/// What a writer knows about a run.
#[derive(Debug, Clone, Default)]
pub struct RunUpdate {
    /// Running totals; a lower count than the stored one is late and changes nothing.
    pub counts: Option<SummaryCounts>,
    /// Failures since the last update.
    pub failures: Vec<FailureGroup>,
    /// Items that have ended since the last update; the counts count them.
    pub items: Vec<EndedItem>,
    /// Members to add to the run's context.
    pub context: Map<String, Value>,
}

/// Why a run was not updated. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("the run does not exist")]
    NotFound,
    #[error("a run that is {from} can't become {to}")]
    IllegalMove { from: Status, to: Status },
    #[error("a run that is {status} can't have the outcome {outcome}")]
    IllegalOutcome { status: Status, outcome: Outcome },
    #[error("the outcome {0} is reserved")]
    ReservedOutcome(Outcome),
    /// Somebody else has the run by now, or it was declared lost.
    #[error("the writer's lease on the run has ended")]
    LeaseLost,
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("{0}")]
    Stored(String),
}

impl From<UpdateError> for ServiceError {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::NotFound => Self::NotFound,
            UpdateError::Database(error) => Self::Database(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Moves a run forward or reports progress.
///
/// `outcome` is needed for `completed` and refused otherwise. Counts are merged, failures sanitized and grouped. The
/// notification of the end is written in the same transaction.
pub async fn update_run(
    db: &Db,
    run: RunId,
    status: Status,
    outcome: Option<Outcome>,
    update: RunUpdate,
) -> Result<(), UpdateError> {
    let mut tx = db.pool.begin().await?;
    update_in(&mut tx, run, None, status, outcome, update).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a run as failed at once, with a stable code and the sanitized message of the error.
pub async fn fail_run(
    db: &Db,
    run: RunId,
    code: FailureCode,
    error: &dyn std::fmt::Display,
) -> Result<(), UpdateError> {
    let mut tx = db.pool.begin().await?;
    complete_as_failed(&mut tx, run, FailureGroup::new(code, error.to_string())).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn complete_as_failed(
    tx: &mut PgConnection,
    run: RunId,
    failure: FailureGroup,
) -> Result<(), UpdateError> {
    // A worker reports now and then; what it had done since stands with the policies.
    let counts = restores::counted_of_shadow(tx, run).await?;
    if counts.is_some() {
        items::of_restore(tx, run).await?;
    }
    let update = RunUpdate {
        counts,
        failures: vec![failure],
        ..RunUpdate::default()
    };
    let failed = Some(TerminalOutcome::Failed.into());
    update_in(tx, run, None, Status::Completed, failed, update).await
}

#[derive(sqlx::FromRow)]
struct Stored {
    status: String,
    lease_token: Option<Uuid>,
    summary_counts: Option<Json<SummaryCounts>>,
    failure_summary: Option<Json<FailureSummary>>,
}

impl Stored {
    fn status(&self, run: RunId) -> Result<Status, UpdateError> {
        self.status
            .parse()
            .map_err(|_| UpdateError::Stored(format!("run {run} has an unknown status")))
    }
}

/// Moves a run forward. With a `lease`, only its holder may.
pub(super) async fn update_in(
    tx: &mut PgConnection,
    run: RunId,
    lease: Option<Uuid>,
    status: Status,
    outcome: Option<Outcome>,
    update: RunUpdate,
) -> Result<(), UpdateError> {
    let outcome = checked_outcome(status, outcome)?;
    let (tenant, stored) = locked(tx, run, status).await?;
    let from = stored.status(run)?;
    if !from.may_become(status) {
        return Err(UpdateError::IllegalMove { from, to: status });
    }
    if lease.is_some() && lease != stored.lease_token {
        return Err(UpdateError::LeaseLost);
    }
    items::store(tx, run, &update.items).await?;
    let known = stored.summary_counts.map(|counts| counts.0);
    let counts = match (known, update.counts) {
        (Some(known), Some(later)) => Some(known.merge(later)),
        (known, later) => later.map(SummaryCounts::with_consistent_total).or(known),
    };
    let failures = stored
        .failure_summary
        .map(|summary| summary.0)
        .unwrap_or_default()
        .with(update.failures.into_iter().map(sanitize::failure));
    let content = Content {
        counts,
        failures,
        context: update.context,
    };
    write(tx, run, tenant, (status, outcome), content).await
}

/// Brings a shadow run to what its restore says, as far as a run can still go there.
///
/// Counts and failures are the restore's, so they replace what stood here. While a worker holds the run it reports
/// progress itself, and an ended run is final: neither is touched.
pub(crate) async fn mirror_in(
    tx: &mut PgConnection,
    run: RunId,
    (status, outcome): (Status, Outcome),
    counts: Option<SummaryCounts>,
    failures: FailureSummary,
) -> Result<(), UpdateError> {
    let (tenant, stored) = locked(tx, run, status).await?;
    let from = stored.status(run)?;
    let still_worked_on = stored.lease_token.is_some() && status != Status::Completed;
    if from == Status::Completed || !from.may_become(status) || still_worked_on {
        return Ok(());
    }
    let same_counts = stored.summary_counts.map(|counts| counts.0) == counts;
    let same_failures = stored
        .failure_summary
        .map(|failures| failures.0)
        .unwrap_or_default()
        == failures;
    if from == status && same_counts && same_failures {
        return Ok(());
    }
    let content = Content {
        counts,
        failures,
        context: Map::new(),
    };
    write(tx, run, tenant, (status, outcome), content).await
}

/// Removes the shadow of a restore that went back to before its preview; nothing of it was ever done.
pub(crate) async fn withdraw_in(tx: &mut PgConnection, run: RunId) -> Result<(), sqlx::Error> {
    sqlx::query("delete from operation_runs where id = $1 and status = 'queued'")
        .bind(run)
        .execute(tx)
        .await?;
    Ok(())
}

/// The run's row under its lock, with its tenant's slots locked before if the run is about to end: the claim takes
/// them in that order.
async fn locked(
    tx: &mut PgConnection,
    run: RunId,
    status: Status,
) -> Result<(TenantId, Stored), UpdateError> {
    let tenant: TenantId = sqlx::query_scalar("select tenant_id from operation_runs where id = $1")
        .bind(run)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(UpdateError::NotFound)?;
    if status == Status::Completed {
        slots::lock(tx, tenant).await?;
    }
    let stored: Option<Stored> = sqlx::query_as(
        "select status, lease_token, summary_counts, failure_summary
         from operation_runs where id = $1 for update",
    )
    .bind(run)
    .fetch_optional(&mut *tx)
    .await?;
    Ok((tenant, stored.ok_or(UpdateError::NotFound)?))
}

struct Content {
    counts: Option<SummaryCounts>,
    failures: FailureSummary,
    context: Map<String, Value>,
}

/// The one statement that writes a run's status, apart from the claim, and what goes with an end.
async fn write(
    tx: &mut PgConnection,
    run: RunId,
    tenant: TenantId,
    (status, outcome): (Status, Outcome),
    content: Content,
) -> Result<(), UpdateError> {
    let Content {
        counts,
        failures,
        context,
    } = content;
    sqlx::query(
        "update operation_runs
         set status = $2, outcome = $3, summary_counts = $4, failure_summary = $5,
             context = coalesce(context, '{}') || $6
         where id = $1",
    )
    .bind(run)
    .bind(status.as_str())
    .bind(outcome.as_str())
    .bind(counts.map(Json))
    .bind((!failures.is_empty()).then_some(Json(failures)))
    .bind(Json(sanitize::json(Value::Object(context))))
    .execute(&mut *tx)
    .await?;
    if status == Status::Completed {
        notifications::run_ended(tx, run).await?;
        slots::free_one(tx, tenant).await?;
    }
    Ok(())
}

fn checked_outcome(status: Status, outcome: Option<Outcome>) -> Result<Outcome, UpdateError> {
    let outcome = outcome.unwrap_or(Outcome::Pending);
    if outcome.is_reserved() {
        return Err(UpdateError::ReservedOutcome(outcome));
    }
    if (status == Status::Completed) == (outcome == Outcome::Pending) {
        return Err(UpdateError::IllegalOutcome { status, outcome });
    }
    Ok(outcome)
}
