//! What a schedule does not keep: its older sets, and versions that no set and no restore needs any more.

use domain::{BackupSetId, TenantId};

use crate::{Db, ServiceError};

/// Deletes the sets of this set's schedule that are neither among its latest nor among its latest complete ones: nights
/// that failed, wholly or in part, push no good backup out. `complete` is whether this set's capture missed nothing.
/// Returns how many were deleted.
pub(crate) async fn delete_surplus(
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
    complete: bool,
) -> Result<u64, ServiceError> {
    let mut tx = db.pool.begin().await?;
    // Sets that something is captured into, and those that a restore was begun with, stay.
    let deleted = sqlx::query(
        "delete from backup_sets where id in (
             select older.id
             from backup_sets this
             join backup_schedules s on s.id = this.schedule_id
             join lateral (
                 select ranked.id
                 from (
                     select b.id, is_complete.yes, row_number() over newest_first as place,
                            count(*) filter (where is_complete.yes) over newest_first as complete_place
                     from backup_sets b cross join lateral (
                         select (b.id = $2 and $3) or exists (
                             select from backup_schedule_starts st join operation_runs o on o.id = st.run_id
                             where st.schedule_id = s.id and o.outcome = 'succeeded'
                               and (o.context ->> 'backup_set_id')::bigint = b.id) as yes
                     ) is_complete
                     where b.schedule_id = s.id and b.tenant_id = $1
                     window newest_first as (order by b.id desc)
                 ) ranked
                 where place > s.keep and not (yes and complete_place <= s.keep)
             ) older on true
             where this.id = $2 and this.tenant_id = $1
               and not exists (select from restore_runs r where r.backup_set_id = older.id)
               and not exists (
                   select from operation_runs o
                   where o.tenant_id = $1 and o.status in ('queued', 'running')
                     and coalesce(o.context ->> 'backup_set_id', o.context #>> '{identity,inputs,backup_set_id}')::bigint
                         = older.id)
         )",
    )
    .bind(tenant)
    .bind(set)
    .bind(complete)
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
