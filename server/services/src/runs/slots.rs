//! How many runs of one tenant may run at once: a run that finds its tenant busy is parked, and the next end wakes it.

use domain::{RunId, TenantId};
use sqlx::PgConnection;

use super::queue;

/// Lets one transaction at a time decide over a tenant's slots. Always taken before a run's own row.
///
/// `no key update`, because new runs take a key-share lock on their tenant and must not wait for this.
pub(super) async fn lock(tx: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query("select from tenants where id = $1 for no key update")
        .bind(tenant)
        .execute(tx)
        .await?;
    Ok(())
}

/// Runs of this tenant that a worker has at this moment, without the given one.
pub(super) async fn in_use(
    tx: &mut PgConnection,
    tenant: TenantId,
    but: RunId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "select count(*) from operation_runs
         where tenant_id = $1 and status = 'running' and lease_expires_at > now() and id <> $2",
    )
    .bind(tenant)
    .bind(but)
    .fetch_one(tx)
    .await
}

/// Puts the run that was parked first back into the queue.
pub(super) async fn free_one(tx: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    let parked: Option<RunId> = sqlx::query_scalar(
        "update operation_runs set parked_at = null
         where id = (
             select id from operation_runs
             where tenant_id = $1 and status = 'queued' and parked_at is not null
             order by id limit 1 for update skip locked
         )
         returning id",
    )
    .bind(tenant)
    .fetch_optional(&mut *tx)
    .await?;
    match parked {
        Some(run) => queue::enqueue(tx, run, 0.0).await,
        None => Ok(()),
    }
}
