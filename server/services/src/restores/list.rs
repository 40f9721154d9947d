//! A tenant's restores, newest first, and the backups that one can begin with.

use chrono::{DateTime, Utc};
use domain::{
    BackupSetId, OperationType, RestoreId, RunId, TenantId,
    views::restores::{RestoreRow, RestoreSource, RestoresPage},
};
use sqlx::FromRow;

use crate::{Caller, Db, ServiceError, backups::tenant_name};

const PAGE: usize = 50;

#[derive(FromRow)]
pub(super) struct RowRecord {
    id: RestoreId,
    status: String,
    backup_name: Option<String>,
    backup_tenant: Option<TenantId>,
    backup_set: Option<BackupSetId>,
    from_tenant: Option<String>,
    initiator_name: String,
    policies: i64,
    dry_run: bool,
    shadow_run_id: Option<RunId>,
    created_at: DateTime<Utc>,
}

/// A select of [`RowRecord`]s with the given rest of the statement; `r` is the restore, `$1` its tenant. The name of
/// another tenant is told to those alone who see that tenant, who are in `$2`.
macro_rules! select_restores {
    ($rest:literal) => {
        concat!(
            "select r.id, r.status, s.name as backup_name, r.initiator_name, r.dry_run, r.shadow_run_id, r.created_at,
                    (select t.name from tenants t
                     where t.id = s.tenant_id and t.id <> r.tenant_id and t.id = any($2)) as from_tenant,
                    (select count(*) from restore_items i where i.restore_run_id = r.id) as policies,
                    case when s.tenant_id = any($2) then s.tenant_id end as backup_tenant,
                    case when s.tenant_id = any($2) then s.id end as backup_set
             from restore_runs r left join backup_sets s on s.id = r.backup_set_id
             where r.tenant_id = $1 ",
            $rest
        )
    };
}
pub(super) use select_restores;

impl RowRecord {
    pub fn into_row(self) -> Result<RestoreRow, ServiceError> {
        Ok(RestoreRow {
            status: self
                .status
                .parse()
                .map_err(|error| ServiceError::Internal(format!("restore {}: {error}", self.id)))?,
            id: self.id,
            backup_name: self.backup_name,
            backup: self.backup_tenant.zip(self.backup_set),
            from_tenant: self.from_tenant,
            initiator_name: self.initiator_name,
            policies: self.policies,
            dry_run: self.dry_run,
            shadow_run: self.shadow_run_id,
            created_at: self.created_at,
        })
    }
}

/// One page of a tenant's restores; `cursor` is the last restore of the page before.
pub async fn list(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    cursor: Option<&str>,
) -> Result<RestoresPage, ServiceError> {
    caller.role_on(tenant)?;
    let refused = |_| ServiceError::Invalid("cursor: not one that this site gave out".into());
    let before: Option<RestoreId> = cursor.map(str::parse).transpose().map_err(refused)?;
    let mut found: Vec<RowRecord> = sqlx::query_as(select_restores!(
        "and ($3::bigint is null or r.id < $3) order by r.id desc limit 51"
    ))
    .bind(tenant)
    .bind(caller.tenant_ids())
    .bind(before)
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    Ok(RestoresPage {
        tenant_name: tenant_name(db, tenant).await?,
        next: found
            .last()
            .filter(|_| more)
            .map(|last| last.id.to_string()),
        rows: found
            .into_iter()
            .map(RowRecord::into_row)
            .collect::<Result<_, _>>()?,
        may_start: caller
            .may_start(tenant, OperationType::RestoreExecute)
            .is_ok(),
        as_of: db.now().await?,
    })
}

#[derive(FromRow)]
struct SourceRecord {
    set: BackupSetId,
    name: String,
    tenant: TenantId,
    tenant_name: String,
    policies: i64,
    created_at: DateTime<Utc>,
}

/// The newest sets with policies in them: of this tenant first, then of the others that the caller sees.
pub async fn sources(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
) -> Result<Vec<RestoreSource>, ServiceError> {
    caller.role_on(tenant)?;
    let found: Vec<SourceRecord> = sqlx::query_as(
        "select s.id as set, s.name, s.tenant_id as tenant, t.name as tenant_name, s.created_at,
                (select count(*) from backup_items i where i.backup_set_id = s.id) as policies
         from backup_sets s join tenants t on t.id = s.tenant_id
         where s.tenant_id = any($2) and exists (select from backup_items i where i.backup_set_id = s.id)
         order by s.tenant_id <> $1, s.id desc limit 200",
    )
    .bind(tenant)
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    Ok(found
        .into_iter()
        .map(|record| RestoreSource {
            set: record.set,
            name: record.name,
            tenant: record.tenant,
            tenant_name: record.tenant_name,
            policies: record.policies,
            created_at: record.created_at,
        })
        .collect())
}
