//! Beginning a restore: a backup set, the policies of it, and whether their assignments are restored too.

use domain::{AuditAction, BackupSetId, RestoreId, TenantId, VersionId};
use sqlx::PgConnection;

use super::audited::{may, tell};
use crate::{Caller, Db, ServiceError};

/// Begins a restore of some policies of a set, or of all. The set may be of another tenant that the caller sees.
pub async fn begin(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
    versions: Option<Vec<VersionId>>,
    with_assignments: bool,
) -> Result<RestoreId, ServiceError> {
    may(caller, db, tenant, AuditAction::RestoreBegin, None).await?;
    let mut tx = db.pool.begin().await?;
    let source: Option<TenantId> =
        sqlx::query_scalar("select tenant_id from backup_sets where id = $1")
            .bind(set)
            .fetch_optional(&mut *tx)
            .await?;
    caller.role_on(source.ok_or(ServiceError::NotFound)?)?;
    let restore = insert(&mut tx, caller, tenant, Some(set), with_assignments, None).await?;
    let chosen = sqlx::query(
        "insert into restore_items (restore_run_id, version_id)
         select $1, version_id from backup_items
         where backup_set_id = $2 and ($3::bigint[] is null or version_id = any($3))",
    )
    .bind(restore)
    .bind(set)
    .bind(&versions)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if chosen == 0 {
        return Err(ServiceError::Invalid(
            "policies: choose at least one".into(),
        ));
    }
    let asked = versions.map(|mut versions| {
        versions.sort_unstable();
        versions.dedup();
        versions.len()
    });
    if asked.is_some_and(|asked| u64::try_from(asked) != Ok(chosen)) {
        return Err(ServiceError::Invalid(
            "policies: some are not in this backup any more; choose again".into(),
        ));
    }
    tell(&mut tx, caller, tenant, AuditAction::RestoreBegin, restore).await?;
    tx.commit().await?;
    Ok(restore)
}

/// Begins the same restore anew, whole or for the policies that failed or were not reached.
pub async fn again(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
    only_failed: bool,
) -> Result<RestoreId, ServiceError> {
    may(caller, db, tenant, AuditAction::RestoreBegin, None).await?;
    let mut tx = db.pool.begin().await?;
    let earlier: Option<(Option<BackupSetId>, bool)> = sqlx::query_as(
        "select backup_set_id, with_assignments from restore_runs where id = $1 and tenant_id = $2",
    )
    .bind(restore)
    .bind(tenant)
    .fetch_optional(&mut *tx)
    .await?;
    let (set, with_assignments) = earlier.ok_or(ServiceError::NotFound)?;
    let new = insert(
        &mut tx,
        caller,
        tenant,
        set,
        with_assignments,
        Some(restore),
    )
    .await?;
    let chosen = sqlx::query(
        "insert into restore_items (restore_run_id, version_id)
         select $1, version_id from restore_items
         where restore_run_id = $2 and (not $3 or state in ('failed', 'writing', 'pending'))",
    )
    .bind(new)
    .bind(restore)
    .bind(only_failed)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if chosen == 0 {
        return Err(ServiceError::Invalid(
            "Nothing of this restore is left.".into(),
        ));
    }
    // What somebody decided once holds until the preview finds that it can't.
    sqlx::query(
        "insert into restore_mappings (restore_run_id, what, source_id, source_name, proposal, target_id, left_out)
         select $1, what, source_id, source_name, proposal, target_id, left_out
         from restore_mappings where restore_run_id = $2 and (target_id is not null or left_out)",
    )
    .bind(new)
    .bind(restore)
    .execute(&mut *tx)
    .await?;
    tell(&mut tx, caller, tenant, AuditAction::RestoreBegin, new).await?;
    tx.commit().await?;
    Ok(new)
}

async fn insert(
    tx: &mut PgConnection,
    caller: &Caller,
    tenant: TenantId,
    set: Option<BackupSetId>,
    with_assignments: bool,
    repeats: Option<RestoreId>,
) -> Result<RestoreId, sqlx::Error> {
    sqlx::query_scalar(
        "insert into restore_runs
             (tenant_id, backup_set_id, user_id, initiator_name, status, with_assignments, repeats_id)
         values ($1, $2, $3, $4, 'scoped', $5, $6) returning id",
    )
    .bind(tenant)
    .bind(set)
    .bind(caller.user_id)
    .bind(&caller.name)
    .bind(with_assignments)
    .bind(repeats)
    .fetch_one(tx)
    .await
}
