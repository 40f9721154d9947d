//! Starting a run: the same work is never active twice, and a run never exists without its job.

use domain::{
    FailureCode, FailureGroup, IdentityHash, OperationType, RunId, TenantId, UserId,
    identity::{Inputs, run_identity_hash},
    sanitize,
    views::runs::StartAnswer,
};
use serde_json::{Map, Value, json};
use sqlx::{Connection, PgConnection, PgTransaction, types::Json};

use super::{queue, update};
use crate::{Caller, Db, ServiceError, access::Origin, audit, notifications};

/// Who asked for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Initiator {
    User {
        id: UserId,
        name: String,
        /// From where; none if the audit log tells of it already, by what brought the run about.
        origin: Option<Origin>,
    },
    /// The scheduler and TenantAtlas itself; notified of nothing.
    System,
}

impl Initiator {
    pub(crate) fn of(caller: &Caller) -> Self {
        Self::User {
            id: caller.user_id,
            name: caller.name.clone(),
            origin: Some(caller.origin.clone()),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            Self::System => None,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::User { name, .. } => name,
            Self::System => "System",
        }
    }
}

/// The run for a piece of work, and whether this call created it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ensured {
    pub run_id: RunId,
    pub created: bool,
}

/// Starts an operation for a person: checks the right, then [`ensure_run`].
pub async fn start(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    operation: OperationType,
    inputs: Inputs,
) -> Result<StartAnswer, ServiceError> {
    audit::may_start(caller, db, tenant, operation).await?;
    if !OperationType::OF_TENANT.contains(&operation) {
        return Err(ServiceError::Invalid(format!(
            "operation_type: {operation} starts where its inputs are chosen"
        )));
    }
    let initiator = Initiator::of(caller);
    let ensured = ensure_run(db, tenant, operation, &inputs, &initiator).await?;
    answer(caller, db, ensured).await
}

/// What a start surface answers its caller.
pub(crate) async fn answer(
    caller: &Caller,
    db: &Db,
    ensured: Ensured,
) -> Result<StartAnswer, ServiceError> {
    Ok(StartAnswer {
        run: super::list::one(caller, db, ensured.run_id).await?,
        created: ensured.created,
    })
}

/// The active run of this work, or a new queued one whose job is in the queue.
///
/// A run that was active already keeps its initiator. If the job can't be enqueued, the run that is returned has
/// already ended as failed with `queue.dispatch_failed`.
pub async fn ensure_run(
    db: &Db,
    tenant: TenantId,
    operation: OperationType,
    inputs: &Inputs,
    initiator: &Initiator,
) -> Result<Ensured, ServiceError> {
    let hash = run_identity_hash(tenant, operation.as_str(), inputs)?;
    // The run that wins against us may end before we can read it; then there is room for ours.
    for _ in 0..20 {
        if let Some(run_id) = active_run(db, tenant, &hash).await? {
            return Ok(Ensured {
                run_id,
                created: false,
            });
        }
        let mut tx = db.pool.begin().await?;
        let created = create_in(&mut tx, tenant, operation, inputs, initiator, Map::new()).await?;
        if let Some(run_id) = created {
            dispatch_in(&mut tx, run_id).await?;
            tx.commit().await?;
            return Ok(Ensured {
                run_id,
                created: true,
            });
        }
    }
    Err(ServiceError::Internal(
        "the same work kept starting and ending".into(),
    ))
}

async fn active_run(
    db: &Db,
    tenant: TenantId,
    hash: &IdentityHash,
) -> Result<Option<RunId>, ServiceError> {
    Ok(sqlx::query_scalar(
        "select id from operation_runs
         where tenant_id = $1 and run_identity_hash = $2 and status in ('queued', 'running')",
    )
    .bind(tenant)
    .bind(hash)
    .fetch_optional(&db.pool)
    .await?)
}

/// Creates the queued run of this work, without a job, in the caller's transaction.
///
/// None if somebody else's run for the same work is active; the partial unique index decides.
pub(crate) async fn create_in(
    tx: &mut PgConnection,
    tenant: TenantId,
    operation: OperationType,
    inputs: &Inputs,
    initiator: &Initiator,
    mut context: Map<String, Value>,
) -> Result<Option<RunId>, ServiceError> {
    let hash = run_identity_hash(tenant, operation.as_str(), inputs)?;
    context.insert(
        "identity".to_owned(),
        json!({ "tenant_id": tenant, "type": operation, "inputs": inputs }),
    );
    let run_id: Option<RunId> = sqlx::query_scalar(
        "insert into operation_runs (tenant_id, user_id, initiator_name, type, run_identity_hash, context)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, run_identity_hash) where status in ('queued', 'running') do nothing
         returning id",
    )
    .bind(tenant)
    .bind(initiator.user_id())
    .bind(initiator.name())
    .bind(operation.as_str())
    .bind(hash)
    .bind(Json(sanitize::json(Value::Object(context))))
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(run_id) = run_id {
        notifications::run_queued(tx, run_id).await?;
        audit::run_started(tx, tenant, operation, run_id, initiator).await?;
    }
    Ok(run_id)
}

/// Enqueues the run's job in the run's own transaction; if the queue refuses it, the run ends here.
pub(crate) async fn dispatch_in(
    tx: &mut PgTransaction<'_>,
    run_id: RunId,
) -> Result<(), ServiceError> {
    let mut savepoint = tx.begin().await?;
    match queue::enqueue(&mut savepoint, run_id, 0.0).await {
        Ok(()) => savepoint.commit().await?,
        Err(error) => {
            tracing::error!(%run_id, %error, "the queue refused a job");
            savepoint.rollback().await?;
            let failure = FailureGroup::new(
                FailureCode::QueueDispatchFailed,
                "The queue did not accept the job; nothing was done.",
            );
            update::complete_as_failed(tx, run_id, failure).await?;
        }
    }
    Ok(())
}
