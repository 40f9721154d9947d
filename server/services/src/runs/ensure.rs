//! Starting a run: the same work is never active twice, and a run never exists without its job.

use domain::{
    FailureCode, FailureGroup, IdentityHash, OperationType, RunId, TenantId, UserId,
    identity::{Inputs, run_identity_hash},
    sanitize,
    views::runs::StartAnswer,
};
use serde_json::{Map, Value, json};
use sqlx::{Connection, PgConnection, PgTransaction, types::Json};
use uuid::Uuid;

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

/// How a new run belongs to others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Belongs {
    /// The ended run whose work it does again, whole or in part.
    pub repeats: Option<RunId>,
    /// Runs that one action starts share it.
    pub batch: Option<Uuid>,
}

/// A run to be: what makes it the same work as another, and what goes with it.
pub(crate) struct NewRun<'a> {
    pub tenant: TenantId,
    pub operation: OperationType,
    pub inputs: &'a Inputs,
    pub initiator: &'a Initiator,
    /// Members beside the identity.
    pub context: Map<String, Value>,
    pub belongs: Belongs,
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
    let new = NewRun {
        tenant,
        operation,
        inputs,
        initiator,
        context: Map::new(),
        belongs: Belongs::default(),
    };
    ensure_new(db, &new).await
}

/// The same for a run that carries more than its inputs, or belongs to others.
pub(crate) async fn ensure_new(db: &Db, new: &NewRun<'_>) -> Result<Ensured, ServiceError> {
    let hash = run_identity_hash(new.tenant, new.operation.as_str(), new.inputs)?;
    // The run that wins against us may end before we can read it; then there is room for ours.
    for _ in 0..20 {
        if let Some(run_id) = active_run(db, new.tenant, &hash).await? {
            return Ok(Ensured {
                run_id,
                created: false,
            });
        }
        let mut tx = db.pool.begin().await?;
        if let Some(run_id) = create_in(&mut tx, new).await? {
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
    new: &NewRun<'_>,
) -> Result<Option<RunId>, ServiceError> {
    let hash = run_identity_hash(new.tenant, new.operation.as_str(), new.inputs)?;
    let mut context = new.context.clone();
    context.insert(
        "identity".to_owned(),
        json!({ "tenant_id": new.tenant, "type": new.operation, "inputs": new.inputs }),
    );
    let run_id: Option<RunId> = sqlx::query_scalar(
        "insert into operation_runs
             (tenant_id, user_id, initiator_name, type, run_identity_hash, context, repeats_run_id, batch_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (tenant_id, run_identity_hash) where status in ('queued', 'running') do nothing
         returning id",
    )
    .bind(new.tenant)
    .bind(new.initiator.user_id())
    .bind(new.initiator.name())
    .bind(new.operation.as_str())
    .bind(hash)
    .bind(Json(sanitize::json(Value::Object(context))))
    .bind(new.belongs.repeats)
    .bind(new.belongs.batch)
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(run_id) = run_id {
        notifications::run_queued(tx, run_id).await?;
        audit::run_started(
            tx,
            new.tenant,
            new.operation,
            run_id,
            new.belongs.repeats,
            new.initiator,
        )
        .await?;
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
