//! A tenant's backup sets, newest first, and the policies of one of them by name.

use chrono::{DateTime, Utc};
use domain::{
    BackupSetId, OperationType, PolicyId, RunId, TenantId, VersionId,
    views::backups::{
        Addable, BackupItemQuery, BackupItemRow, BackupSetPage, BackupSetRow, BackupsPage,
        KindChoice,
    },
};
use graph::PolicyKind;
use sqlx::FromRow;

use super::import::imported_files;
use crate::{
    Caller, Db, ServiceError,
    inventory::kind_label,
    name_cursor::{NameCursor, contains},
};

const SETS: usize = 50;
const ITEMS: usize = 100;

#[derive(FromRow)]
pub(super) struct SetRecord {
    pub id: BackupSetId,
    pub name: String,
    pub origin: String,
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub policies: i64,
    pub last_captured_at: Option<DateTime<Utc>>,
    pub active_run: Option<RunId>,
}

/// A select of [`SetRecord`]s with the given rest of the statement; `s` is the set, `$1` its tenant.
macro_rules! select_sets {
    ($rest:literal) => {
        concat!(
            "select s.id, s.name, s.origin, u.name as created_by, s.created_at,
                    (select count(*) from backup_items i where i.backup_set_id = s.id) as policies,
                    (select max(i.captured_at) from backup_items i where i.backup_set_id = s.id) as last_captured_at,
                    (select max(r.id) from operation_runs r
                     where r.tenant_id = s.tenant_id and r.status in ('queued', 'running')
                       and coalesce(r.context ->> 'backup_set_id', r.context #>> '{identity,inputs,backup_set_id}')::bigint = s.id) as active_run
             from backup_sets s left join users u on u.id = s.user_id
             where s.tenant_id = $1 ",
            $rest
        )
    };
}
pub(super) use select_sets;

impl SetRecord {
    fn into_row(self) -> BackupSetRow {
        let origin = match self.origin.as_str() {
            "manual" => "By hand",
            "schedule" => "Schedule",
            "import" => "Import",
            "export" => "Export",
            "before_delete" => "Before a deletion",
            other => other,
        };
        BackupSetRow {
            id: self.id,
            origin: origin.to_owned(),
            name: self.name,
            created_by: self.created_by,
            created_at: self.created_at,
            policies: self.policies,
            last_captured_at: self.last_captured_at,
            active_run: self.active_run,
        }
    }
}

/// One page of a tenant's sets; `cursor` is the last set of the page before.
pub async fn list(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    cursor: Option<&str>,
) -> Result<BackupsPage, ServiceError> {
    caller.role_on(tenant)?;
    let refused = |_| ServiceError::Invalid("cursor: not one that this site gave out".into());
    let before: Option<BackupSetId> = cursor.map(str::parse).transpose().map_err(refused)?;
    let mut found: Vec<SetRecord> = sqlx::query_as(select_sets!(
        "and ($2::bigint is null or s.id < $2) order by s.id desc limit 51"
    ))
    .bind(tenant)
    .bind(before)
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > SETS;
    found.truncate(SETS);
    Ok(BackupsPage {
        tenant_name: tenant_name(db, tenant).await?,
        next: found
            .last()
            .filter(|_| more)
            .map(|last| last.id.to_string()),
        rows: found.into_iter().map(SetRecord::into_row).collect(),
        kinds: PolicyKind::all().iter().map(choice).collect(),
        may_start: caller
            .may_start(tenant, OperationType::BackupSetCapture)
            .is_ok(),
        as_of: db.now().await?,
    })
}

#[derive(FromRow)]
struct ItemRecord {
    version: VersionId,
    kind: String,
    name: String,
    sort_name: String,
    platform: Option<String>,
    captured_at: DateTime<Utc>,
    version_since: DateTime<Utc>,
    versions: i64,
    assignments: i64,
    masked: i64,
}

/// One page of the policies in a set.
pub async fn set(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
    query: &BackupItemQuery,
) -> Result<BackupSetPage, ServiceError> {
    caller.role_on(tenant)?;
    let record: SetRecord = sqlx::query_as(select_sets!("and s.id = $2"))
        .bind(tenant)
        .bind(set)
        .fetch_optional(&db.pool)
        .await?
        .ok_or(ServiceError::NotFound)?;
    let cursor = query
        .cursor
        .as_deref()
        .map(NameCursor::decode)
        .transpose()?;
    let pattern = query.text.as_deref().map(contains).transpose()?;
    let mut found: Vec<ItemRecord> = sqlx::query_as(
        // The page first: what is told of a policy reads its content, which may be large.
        "with page as materialized (
             select v.id, lower(v.name) as sort_name, i.captured_at
             from backup_items i join policy_versions v on v.id = i.version_id
             where i.backup_set_id = $1
               and ($2::text is null or i.kind = $2)
               and ($3::text is null or lower(v.name) like $3)
               and ($4::text is null or (lower(v.name), v.id) > ($4, $5))
             order by lower(v.name), v.id limit 101
         )
         select v.id as version, v.kind, v.name, page.sort_name, v.platform, page.captured_at,
                v.created_at as version_since, cardinality(v.masked)::bigint as masked,
                case when jsonb_typeof(v.content -> 'assignments') = 'array'
                     then jsonb_array_length(v.content -> 'assignments') else 0 end::bigint as assignments,
                (select count(*) from policy_versions o
                 where o.tenant_id = v.tenant_id and o.kind = v.kind and o.graph_id = v.graph_id) as versions
         from page join policy_versions v using (id)
         order by page.sort_name, v.id",
    )
    .bind(set)
    .bind(query.kind.as_deref())
    .bind(pattern)
    .bind(cursor.as_ref().map(|cursor| cursor.name.as_str()))
    .bind(cursor.as_ref().map(|cursor| cursor.id))
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > ITEMS;
    found.truncate(ITEMS);
    let next = found.last().filter(|_| more).map(|last| {
        let (name, id) = (last.sort_name.clone(), last.version.0);
        NameCursor { name, id }.encode()
    });
    let imported = match record.origin.as_str() {
        "import" => Some(imported_files(db, set, &query.files).await?),
        _ => None,
    };
    let kinds: Vec<(String, i64)> = sqlx::query_as(
        "select kind, count(*) from backup_items where backup_set_id = $1 group by kind order by kind",
    )
    .bind(set)
    .fetch_all(&db.pool)
    .await?;
    Ok(BackupSetPage {
        tenant_name: tenant_name(db, tenant).await?,
        set: record.into_row(),
        rows: found.into_iter().map(into_row).collect(),
        next,
        kinds: kinds
            .into_iter()
            .map(|(key, count)| {
                let label = kind_label(&key).to_owned();
                (KindChoice { key, label }, count)
            })
            .collect(),
        imported,
        may_start: caller
            .may_start(tenant, OperationType::BackupSetCapture)
            .is_ok(),
        as_of: db.now().await?,
    })
}

/// Policies of the inventory by name, that may be added to a set: a hundred at most, so narrow by `text`.
pub async fn addable(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
    text: Option<&str>,
) -> Result<Vec<Addable>, ServiceError> {
    caller.role_on(tenant)?;
    let pattern = text.map(contains).transpose()?;
    let found: Vec<(PolicyId, String, String, bool)> = sqlx::query_as(
        "select p.id, p.kind, p.name, exists (
             select from backup_items i
             where i.backup_set_id = s.id and i.kind = p.kind and i.graph_id = p.graph_id)
         from inventory_policies p join backup_sets s on s.id = $2 and s.tenant_id = p.tenant_id
         where p.tenant_id = $1 and p.vanished_at is null and ($3::text is null or lower(p.name) like $3)
         order by lower(p.name), p.id limit 100",
    )
    .bind(tenant)
    .bind(set)
    .bind(pattern)
    .fetch_all(&db.pool)
    .await?;
    Ok(found
        .into_iter()
        .map(|(policy, kind, name, in_set)| Addable {
            policy,
            kind_label: kind_label(&kind).to_owned(),
            name,
            in_set,
        })
        .collect())
}

fn into_row(record: ItemRecord) -> BackupItemRow {
    BackupItemRow {
        version: record.version,
        kind_label: kind_label(&record.kind).to_owned(),
        kind: record.kind,
        name: record.name,
        platform: record.platform,
        captured_at: record.captured_at,
        version_since: record.version_since,
        versions: record.versions,
        assignments: record.assignments,
        masked: record.masked,
    }
}

fn choice(kind: &PolicyKind) -> KindChoice {
    KindChoice {
        key: kind.key.to_owned(),
        label: kind.label.to_owned(),
    }
}

pub(crate) async fn tenant_name(db: &Db, tenant: TenantId) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("select name from tenants where id = $1")
        .bind(tenant)
        .fetch_one(&db.pool)
        .await
}
