//! Storing what a sync reads: pages of policies as they come, and at the end of a kind what has vanished.

use chrono::{DateTime, Utc};
use domain::{FailureCode, RunId, TenantId};
use serde_json::Value;

use crate::{Db, ServiceError};

/// A policy as a sync found it.
#[derive(Debug, Clone)]
pub struct FoundPolicy {
    pub graph_id: String,
    pub name: String,
    pub platform: Option<String>,
    pub settings_count: Option<i32>,
    pub last_modified_at: Option<DateTime<Utc>>,
    pub content: Value,
    /// Of the content without what the server changes by itself.
    pub content_hash: String,
}

/// What a sync found of a policy, against what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Not known before, or come back.
    New,
    Changed,
    Unchanged,
}

/// A policy that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub graph_id: String,
    pub name: String,
    pub change: Change,
}

/// Stores one page in one statement. Unchanged policies keep their row's content untouched.
pub async fn store_page(
    db: &Db,
    tenant: TenantId,
    run: RunId,
    kind: &str,
    page: &[FoundPolicy],
) -> Result<Vec<Stored>, ServiceError> {
    let column = |value: fn(&FoundPolicy) -> String| page.iter().map(value).collect::<Vec<_>>();
    // One statement can't touch a row twice: a policy that paging shows twice is taken once.
    let stored: Vec<(String, String, bool, bool)> = sqlx::query_as(
        "with found as (
             select distinct on (graph_id) *
             from unnest($4::text[], $5::text[], $6::text[], $7::int[], $8::timestamptz[], $9::jsonb[], $10::text[])
                 as f (graph_id, name, platform, settings_count, last_modified_at, content, content_hash)
         ), before as (
             select p.graph_id, p.content_hash, p.vanished_at
             from inventory_policies p join found f using (graph_id)
             where p.tenant_id = $1 and p.kind = $3
         ), stored as (
             insert into inventory_policies as p
                 (tenant_id, last_seen_run_id, kind, graph_id, name, platform, settings_count, last_modified_at,
                  content, content_hash)
             select $1, $2, $3, f.* from found f
             on conflict on constraint inventory_policies_once do update
             set last_seen_run_id = greatest(p.last_seen_run_id, excluded.last_seen_run_id),
                 name = excluded.name,
                 platform = excluded.platform,
                 settings_count = excluded.settings_count,
                 last_modified_at = excluded.last_modified_at,
                 content = case when p.content_hash = excluded.content_hash then p.content else excluded.content end,
                 content_hash = excluded.content_hash,
                 changed_at = case when p.content_hash = excluded.content_hash then p.changed_at else now() end,
                 vanished_at = null
         )
         select f.graph_id, f.name, b.graph_id is null or b.vanished_at is not null,
                coalesce(b.content_hash = f.content_hash, false)
         from found f left join before b using (graph_id) order by lower(f.name), f.graph_id",
    )
    .bind(tenant)
    .bind(run)
    .bind(kind)
    .bind(column(|policy| policy.graph_id.clone()))
    .bind(column(|policy| policy.name.clone()))
    .bind(page.iter().map(|policy| policy.platform.clone()).collect::<Vec<_>>())
    .bind(page.iter().map(|policy| policy.settings_count).collect::<Vec<_>>())
    .bind(page.iter().map(|policy| policy.last_modified_at).collect::<Vec<_>>())
    .bind(page.iter().map(|policy| without_nul(&policy.content)).collect::<Vec<_>>())
    .bind(column(|policy| policy.content_hash.clone()))
    .fetch_all(&db.pool)
    .await?;
    Ok(stored
        .into_iter()
        .map(|(graph_id, name, new, same)| Stored {
            graph_id,
            name,
            change: match (new, same) {
                (true, _) => Change::New,
                (false, true) => Change::Unchanged,
                (false, false) => Change::Changed,
            },
        })
        .collect())
}

/// PostgreSQL's jsonb can't hold the character NUL; scripts and descriptions may.
pub(crate) fn without_nul(content: &Value) -> Value {
    match content {
        Value::String(text) if text.contains('\0') => text.replace('\0', "\u{fffd}").into(),
        Value::Array(items) => items.iter().map(without_nul).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.replace('\0', "\u{fffd}"), without_nul(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Ends the complete reading of a kind: marks what was there before and is not any more. Returns how many that are.
pub async fn kind_read(
    db: &Db,
    tenant: TenantId,
    run: RunId,
    kind: &str,
) -> Result<u32, ServiceError> {
    let mut tx = db.pool.begin().await?;
    // Earlier than this run, as a later one may be reading the same kind at this moment.
    let vanished = sqlx::query(
        "update inventory_policies set vanished_at = now()
         where tenant_id = $1 and kind = $2 and last_seen_run_id < $3 and vanished_at is null",
    )
    .bind(tenant)
    .bind(kind)
    .bind(run)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    sqlx::query(
        "insert into inventory_kinds (tenant_id, kind, synced_at) values ($1, $2, now())
         on conflict on constraint inventory_kinds_pkey do update set synced_at = now(), failure_code = null",
    )
    .bind(tenant)
    .bind(kind)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(u32::try_from(vanished).unwrap_or(u32::MAX))
}

/// Notes that a policy is not in the tenant any more.
pub(crate) async fn has_vanished(
    db: &Db,
    tenant: TenantId,
    kind: &str,
    graph_id: &str,
) -> Result<(), ServiceError> {
    sqlx::query(
        "update inventory_policies set vanished_at = now()
         where tenant_id = $1 and kind = $2 and graph_id = $3 and vanished_at is null",
    )
    .bind(tenant)
    .bind(kind)
    .bind(graph_id)
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// Notes that a kind could not be read; what was known of it stays.
pub async fn kind_failed(
    db: &Db,
    tenant: TenantId,
    kind: &str,
    code: FailureCode,
) -> Result<(), ServiceError> {
    sqlx::query(
        "insert into inventory_kinds (tenant_id, kind, failure_code) values ($1, $2, $3)
         on conflict on constraint inventory_kinds_pkey do update set failure_code = excluded.failure_code",
    )
    .bind(tenant)
    .bind(kind)
    .bind(code.as_str())
    .execute(&db.pool)
    .await?;
    Ok(())
}
