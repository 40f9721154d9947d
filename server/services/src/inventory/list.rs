//! The inventory page: policies by name, with kind, platform and last change.

use chrono::{DateTime, Utc};
use domain::{
    OperationType, PolicyId, TenantId,
    views::inventory::{InventoryPage, KindSummary, PolicyQuery, PolicyRow},
};
use graph::PolicyKind;
use sqlx::FromRow;

use crate::{
    Caller, Db, ServiceError,
    name_cursor::{NameCursor, contains},
};

const PAGE: usize = 100;

#[derive(FromRow)]
pub(super) struct Record {
    id: PolicyId,
    kind: String,
    name: String,
    sort_name: String,
    platform: Option<String>,
    settings_count: Option<i32>,
    last_modified_at: Option<DateTime<Utc>>,
    vanished_at: Option<DateTime<Utc>>,
}

/// One page of a tenant's policies.
pub async fn list(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    query: &PolicyQuery,
) -> Result<InventoryPage, ServiceError> {
    caller.role_on(tenant)?;
    if let Some(kind) = &query.kind
        && PolicyKind::by_key(kind).is_none()
    {
        return Err(ServiceError::Invalid("kind: not a kind of policy".into()));
    }
    let cursor = query
        .cursor
        .as_deref()
        .map(NameCursor::decode)
        .transpose()?;
    let pattern = query.text.as_deref().map(contains).transpose()?;
    let mut found: Vec<Record> = sqlx::query_as(
        "select id, kind, name, lower(name) as sort_name, platform, settings_count, last_modified_at, vanished_at
         from inventory_policies
         where tenant_id = $1
           and (vanished_at is not null) = $2
           and ($3::text is null or kind = $3)
           and ($4::text is null or lower(name) like $4)
           and ($5::text is null or (lower(name), id) > ($5, $6))
         order by lower(name), id limit 101",
    )
    .bind(tenant)
    .bind(query.vanished)
    .bind(query.kind.as_deref())
    .bind(pattern)
    .bind(cursor.as_ref().map(|cursor| cursor.name.as_str()))
    .bind(cursor.as_ref().map(|cursor| cursor.id))
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| {
        let (name, id) = (last.sort_name.clone(), last.id.0);
        NameCursor { name, id }.encode()
    });
    let tenant_name: String = sqlx::query_scalar("select name from tenants where id = $1")
        .bind(tenant)
        .fetch_one(&db.pool)
        .await?;
    let kinds = kinds(db, tenant).await?;
    Ok(InventoryPage {
        tenant_name,
        rows: found.into_iter().map(into_row).collect(),
        total: kinds.iter().map(|kind| kind.policies).sum(),
        synced_at: kinds.iter().filter_map(|kind| kind.synced_at).max(),
        kinds,
        next,
        may_start: caller
            .may_start(tenant, OperationType::PolicyExport)
            .is_ok(),
        as_of: db.now().await?,
    })
}

pub(super) fn into_row(record: Record) -> PolicyRow {
    PolicyRow {
        id: record.id,
        kind_label: kind_label(&record.kind).to_owned(),
        name: record.name,
        platform: record.platform,
        settings: record.settings_count,
        last_modified_at: record.last_modified_at,
        vanished_at: record.vanished_at,
    }
}

/// What people read for a kind's key.
pub(crate) fn kind_label(key: &str) -> &str {
    PolicyKind::by_key(key).map_or(key, |kind| kind.label)
}

type KindRecord = (String, i64, Option<DateTime<Utc>>, Option<String>);

async fn kinds(db: &Db, tenant: TenantId) -> Result<Vec<KindSummary>, ServiceError> {
    let records: Vec<KindRecord> = sqlx::query_as(
        "select k.kind,
                (select count(*) from inventory_policies p
                 where p.tenant_id = k.tenant_id and p.kind = k.kind and p.vanished_at is null),
                k.synced_at, k.failure_code
         from inventory_kinds k where k.tenant_id = $1 order by k.kind",
    )
    .bind(tenant)
    .fetch_all(&db.pool)
    .await?;
    Ok(records
        .into_iter()
        .map(|(key, policies, synced_at, failure)| KindSummary {
            label: kind_label(&key).to_owned(),
            key,
            policies,
            synced_at,
            failure: failure.and_then(|code| code.parse().ok()),
        })
        .collect())
}
