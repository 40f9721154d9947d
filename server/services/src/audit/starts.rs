//! What the log tells of starts: every run that a person asked for, and every start that was refused.

use domain::{AuditAction, OperationType, RunId, TenantId};
use sqlx::PgConnection;

use super::{By, Event, allowed, done};
use crate::{Caller, Db, ServiceError, runs::Initiator};

fn event(tenant: TenantId, operation: OperationType, run: Option<RunId>) -> Event {
    Event::new(AuditAction::RunStart).on(tenant).about(
        "run",
        run.map(|run| run.0),
        operation.label(),
    )
}

/// Whether the caller may start this operation on this tenant; a refusal is told of.
pub(crate) async fn may_start(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    operation: OperationType,
) -> Result<(), ServiceError> {
    let right = caller.may_start(tenant, operation);
    allowed(caller, db, event(tenant, operation, None), right).await
}

/// Tells of a new run. The system's are in the list of runs, and nobody did them.
pub(crate) async fn run_started(
    tx: &mut PgConnection,
    tenant: TenantId,
    operation: OperationType,
    run: RunId,
    initiator: &Initiator,
) -> Result<(), sqlx::Error> {
    let Initiator::User {
        id,
        name,
        origin: Some(origin),
    } = initiator
    else {
        return Ok(());
    };
    let by = By {
        user: Some(*id),
        name: name.clone(),
        origin: origin.clone(),
    };
    done(tx, by, event(tenant, operation, Some(run))).await
}
