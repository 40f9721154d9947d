//! One version of a policy with its history, and two versions side by side.

use chrono::{DateTime, Utc};
use domain::{
    TenantId, VersionId,
    views::backups::{ComparePage, VersionPage, VersionRef, VersionRow},
};
use graph::{Assign, PolicyKind, with_secrets_hidden};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    catalog_names,
    compared::{State, compared},
    content::{assignment_lines, scope_tags, settings},
};
use crate::{Caller, Db, ServiceError, inventory::kind_label};

#[derive(FromRow)]
struct Record {
    tenant_name: String,
    id: VersionId,
    kind: String,
    graph_id: String,
    name: String,
    platform: Option<String>,
    content: Value,
    names: Value,
    masked: Vec<String>,
    created_at: DateTime<Utc>,
}

impl Record {
    fn kind(&self) -> Result<&'static PolicyKind, ServiceError> {
        PolicyKind::by_key(&self.kind).ok_or_else(|| {
            ServiceError::Internal(format!("version {}: unknown kind {}", self.id, self.kind))
        })
    }

    fn state(&self) -> State<'_> {
        State {
            content: &self.content,
            names: &self.names,
        }
    }
}

async fn one(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    version: VersionId,
) -> Result<Record, ServiceError> {
    caller.role_on(tenant)?;
    sqlx::query_as(
        "select t.name as tenant_name, v.id, v.kind, v.graph_id, v.name, v.platform, v.content, v.names, v.masked,
                v.created_at
         from policy_versions v join tenants t on t.id = v.tenant_id
         where v.tenant_id = $1 and v.id = $2",
    )
    .bind(tenant)
    .bind(version)
    .fetch_optional(&db.pool)
    .await?
    .ok_or(ServiceError::NotFound)
}

/// One version's page.
pub async fn version(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    version: VersionId,
) -> Result<VersionPage, ServiceError> {
    let record = one(caller, db, tenant, version).await?;
    let kind = record.kind()?;
    let targets = kind.assignments(&record.content);
    let content = with_secrets_hidden(&record.content, Uuid::new_v4().as_bytes());
    Ok(VersionPage {
        tenant,
        history: history(db, tenant, &record).await?,
        kind_label: kind.label.to_owned(),
        settings: settings(
            kind,
            &content,
            &catalog_names::known(&db.pool, [&content]).await?,
        ),
        scope_tags: scope_tags(&content, &record.names).into_iter().collect(),
        assignments: (!matches!(kind.assign, Assign::None))
            .then(|| assignment_lines(&targets, &record.names)),
        tenant_name: record.tenant_name,
        id: record.id,
        name: record.name,
        platform: record.platform,
        created_at: record.created_at,
        masked: record.masked,
        content,
        as_of: db.now().await?,
    })
}

/// Two versions, of one policy or of two of the same kind, setting by setting.
pub async fn compare(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    from: VersionId,
    to: VersionId,
) -> Result<ComparePage, ServiceError> {
    let before = one(caller, db, tenant, from).await?;
    let after = one(caller, db, tenant, to).await?;
    if before.kind != after.kind {
        return Err(ServiceError::Invalid(format!(
            "from, to: one is of {}, the other of {}; only versions of one kind can be compared",
            kind_label(&before.kind),
            kind_label(&after.kind)
        )));
    }
    let kind = before.kind()?;
    let names = catalog_names::known(&db.pool, [&before.content, &after.content]).await?;
    let found = compared(kind, before.state(), after.state(), &names);
    Ok(ComparePage {
        kind_label: kind.label.to_owned(),
        differences: found.differences,
        assignments_added: found.assignments.added,
        assignments_removed: found.assignments.removed,
        from: row(&before),
        to: row(&after),
        tenant_name: before.tenant_name,
        as_of: db.now().await?,
    })
}

fn row(record: &Record) -> VersionRef {
    VersionRef {
        id: record.id,
        name: record.name.clone(),
        created_at: record.created_at,
    }
}

async fn history(
    db: &Db,
    tenant: TenantId,
    record: &Record,
) -> Result<Vec<VersionRow>, sqlx::Error> {
    let found: Vec<(VersionId, String, DateTime<Utc>, i64)> = sqlx::query_as(
        "select v.id, v.name, v.created_at, (select count(*) from backup_items i where i.version_id = v.id)
         from policy_versions v where v.tenant_id = $1 and v.kind = $2 and v.graph_id = $3
         order by v.id desc limit 200",
    )
    .bind(tenant)
    .bind(&record.kind)
    .bind(&record.graph_id)
    .fetch_all(&db.pool)
    .await?;
    Ok(found
        .into_iter()
        .map(|(id, name, created_at, sets)| VersionRow {
            id,
            name,
            created_at,
            sets,
        })
        .collect())
}
