//! The right to restore, and what the audit log tells of a restore.

use domain::{AuditAction, OperationType, RestoreId, TenantId};
use sqlx::PgConnection;

use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
};

fn event(tenant: TenantId, action: AuditAction, restore: Option<RestoreId>) -> Event {
    let words = restore.map_or("Restore".to_owned(), |restore| format!("Restore {restore}"));
    Event::new(action)
        .on(tenant)
        .about("restore", restore.map(|restore| restore.0), words)
}

/// Whether the caller may restore into this tenant; a refusal is told of.
pub(super) async fn may(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    action: AuditAction,
    restore: Option<RestoreId>,
) -> Result<(), ServiceError> {
    let right = caller.may_start(tenant, OperationType::RestoreExecute);
    audit::allowed(caller, db, event(tenant, action, restore), right).await
}

/// Tells of a change to a restore, in its transaction.
pub(super) async fn tell(
    tx: &mut PgConnection,
    caller: &Caller,
    tenant: TenantId,
    action: AuditAction,
    restore: RestoreId,
) -> Result<(), sqlx::Error> {
    audit::done(tx, caller, event(tenant, action, Some(restore))).await
}
