//! What a schedule does not keep: its older sets, and versions that no set and no restore needs any more.

use domain::{BackupSetId, TenantId};

use crate::{Db, ServiceError};

/// Deletes the sets of this set's schedule beyond those that it keeps. Returns how many that were.
pub(crate) async fn delete_surplus(
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
) -> Result<u64, ServiceError> {
    let mut tx = db.pool.begin().await?;
    // Sets whose capture is under way, and those that a restore was begun with, stay.
    let deleted = sqlx::query(
        "delete from backup_sets where id in (
             select older.id
             from backup_sets this
             join backup_schedules s on s.id = this.schedule_id
             join lateral (
                 select b.id from backup_sets b
                 where b.schedule_id = s.id and b.tenant_id = $1 order by b.id desc offset s.keep
             ) older on true
             where this.id = $2 and this.tenant_id = $1
               and not exists (select from restore_runs r where r.backup_set_id = older.id)
               and not exists (
                   select from operation_runs o
                   where o.tenant_id = $1 and o.status in ('queued', 'running')
                     and (o.context ->> 'backup_set_id')::bigint = older.id)
         )",
    )
    .bind(tenant)
    .bind(set)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if deleted > 0 {
        sqlx::query(
            "delete from policy_versions v
             where v.tenant_id = $1
               and v.created_at < now() - interval '1 hour'
               and not exists (select from backup_items i where i.version_id = v.id)
               and not exists (select from restore_items i where i.version_id = v.id)",
        )
        .bind(tenant)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(deleted)
}
