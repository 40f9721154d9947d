//! What the log tells of starts: every run that a person asked for, and every start that was refused.

use domain::{AuditAction, OperationType, RunId, TenantId};
use sqlx::PgConnection;

use super::{By, Event, allowed, done};
use crate::{Caller, Db, ServiceError, runs::Initiator};

fn event(tenant: TenantId, run: Option<RunId>, what: &str) -> Event {
    Event::new(AuditAction::RunStart)
        .on(tenant)
        .about("run", run.map(|run| run.0), what)
}

/// Whether the caller may start this operation on this tenant; a refusal is told of.
pub(crate) async fn may_start(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    operation: OperationType,
) -> Result<(), ServiceError> {
    let right = caller.may_start(tenant, operation);
    allowed(caller, db, event(tenant, None, operation.label()), right).await
}

/// Tells of a new run. The system's are in the list of runs, and nobody did them.
pub(crate) async fn run_started(
    tx: &mut PgConnection,
    tenant: TenantId,
    operation: OperationType,
    run: RunId,
    repeats: Option<RunId>,
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
    let what = match repeats {
        Some(first) => format!("{}, after run {first}", operation.label()),
        None => operation.label().to_owned(),
    };
    done(tx, by, event(tenant, Some(run), &what)).await
}
