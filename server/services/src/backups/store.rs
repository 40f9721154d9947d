//! Storing what a capture reads: each version once, and which set holds it.

use std::collections::BTreeMap;

use domain::{BackupSetId, PolicyId, TenantId, diff::CatalogNames};
use graph::{PolicyKind, masked_secrets, take_catalog_names};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::catalog_names;
use crate::{
    Db, ServiceError,
    inventory::without_nul,
    restores::{group_ids, scope_tag_ids},
};

/// What ids in a policy were called when it was captured; a restore into another tenant goes by these names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Names {
    pub groups: BTreeMap<String, String>,
    pub filters: BTreeMap<String, String>,
    pub scope_tags: BTreeMap<String, String>,
}

impl Names {
    /// Those that this policy refers to.
    pub fn used_by(&self, kind: &PolicyKind, policy: &Value) -> Self {
        let only = |all: &BTreeMap<String, String>, ids: Vec<String>| {
            let named = ids.into_iter().filter_map(|id| {
                let name = all.get(&id)?.clone();
                Some((id, name))
            });
            named.collect()
        };
        let targets = kind.assignments(policy);
        let filters = targets.iter().filter_map(|target| target.filter_id.clone());
        Self {
            groups: only(&self.groups, group_ids(kind, policy)),
            filters: only(&self.filters, filters.collect()),
            scope_tags: only(&self.scope_tags, scope_tag_ids(policy)),
        }
    }
}

/// A policy as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Captured {
    pub graph_id: String,
    pub name: String,
    pub platform: Option<String>,
    pub content: Value,
    pub names: Names,
    pub masked: Vec<String>,
    pub content_hash: String,
    /// Equal for versions that do the same, however they are written.
    pub effect_hash: String,
    /// What its settings are called, if it was read with their definitions.
    pub catalog_names: CatalogNames,
}

impl Captured {
    /// # Errors
    /// `Invalid` for a policy that can't be written as canonical JSON.
    pub fn new(kind: &PolicyKind, policy: Value, names: &Names) -> Result<Self, ServiceError> {
        let mut content = without_nul(&policy);
        let catalog_names = take_catalog_names(&mut content);
        let names = names.used_by(kind, &content);
        let assignments = kind.assignments(&content);
        let mut scope_tags = scope_tag_ids(&content);
        scope_tags.sort_unstable();
        let written = json!({
            "policy": kind.content_of_version(&content),
            "assignments": assignments,
            "names": names,
        });
        let effect = json!({
            "policy": kind.comparable(&content),
            "assignments": assignments,
            "scope_tags": scope_tags,
        });
        Ok(Self {
            graph_id: content["id"].as_str().unwrap_or_default().to_owned(),
            name: kind.name_of(&content).to_owned(),
            platform: kind.platform_of(&content),
            masked: masked_secrets(&content),
            content_hash: hash(kind, &written)?,
            effect_hash: hash(kind, &effect)?,
            names,
            content,
            catalog_names,
        })
    }
}

fn hash(kind: &PolicyKind, value: &Value) -> Result<String, ServiceError> {
    let canonical = serde_json_canonicalizer::to_string(value).map_err(|_| {
        ServiceError::Invalid(format!(
            "{}: a policy can't be written as canonical JSON",
            kind.label
        ))
    })?;
    Ok(hex::encode(Sha256::digest(canonical.as_bytes())))
}

/// Stores policies of one kind in one statement and puts them into the set. Returns how many versions are new.
pub(crate) async fn store_page(
    connection: &mut PgConnection,
    tenant: TenantId,
    set: BackupSetId,
    kind: &str,
    page: &[Captured],
) -> Result<u32, ServiceError> {
    let learnt = page.iter().flat_map(|one| one.catalog_names.clone());
    catalog_names::learn(connection, &learnt.collect()).await?;
    let mut new = 0;
    // A version that another capture stores at this moment is neither ours nor to be seen yet: the next try sees it.
    for _ in 0..5 {
        let (inserted, complete) = store_once(connection, tenant, set, kind, page).await?;
        new += inserted;
        if complete {
            return Ok(u32::try_from(new).unwrap_or(u32::MAX));
        }
    }
    Err(ServiceError::Internal(
        "versions of a page could not be stored".into(),
    ))
}

/// How many versions were new, and whether every policy is in the set now.
async fn store_once(
    connection: &mut PgConnection,
    tenant: TenantId,
    set: BackupSetId,
    kind: &str,
    page: &[Captured],
) -> Result<(i64, bool), ServiceError> {
    let text = |value: fn(&Captured) -> String| page.iter().map(value).collect::<Vec<_>>();
    let json = |value: fn(&Captured) -> Value| page.iter().map(value).collect::<Vec<_>>();
    // A version that is there already is not written again, so `inserted` holds the new ones alone.
    Ok(sqlx::query_as(
        "with found as (
             select distinct on (graph_id) *
             from unnest($4::text[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[], $9::jsonb[], $10::text[], $11::text[])
                 as f (graph_id, name, platform, content, names, masked, content_hash, effect_hash)
         ), inserted as (
             insert into policy_versions 
                 (tenant_id, kind, graph_id, name, platform, content, names, masked, content_hash, effect_hash)
             select $1, $3, graph_id, name, platform, content, names,
                    array(select jsonb_array_elements_text(masked)), content_hash, effect_hash
             from found
             on conflict on constraint policy_versions_once do nothing
             returning id, graph_id
         ), version as (
             select id, graph_id from inserted
             union all
             select v.id, v.graph_id from policy_versions v join found f using (graph_id, content_hash)
             where v.tenant_id = $1 and v.kind = $3
         ), stored as (
             insert into backup_items as i (backup_set_id, version_id, kind, graph_id)
             select $2, id, $3, graph_id from version
             on conflict on constraint backup_items_pkey do update
             set version_id = excluded.version_id, captured_at = now()
         )
         select (select count(*) from inserted), (select count(*) from version) = (select count(*) from found)",
    )
    .bind(tenant)
    .bind(set)
    .bind(kind)
    .bind(text(|one| one.graph_id.clone()))
    .bind(text(|one| one.name.clone()))
    .bind(page.iter().map(|one| one.platform.clone()).collect::<Vec<_>>())
    .bind(json(|one| one.content.clone()))
    .bind(json(|one| json!(one.names)))
    .bind(json(|one| json!(one.masked)))
    .bind(text(|one| one.content_hash.clone()))
    .bind(text(|one| one.effect_hash.clone()))
    .fetch_one(connection)
    .await?)
}

/// Kind and Microsoft's id of what a set holds.
pub(crate) async fn captured_ids(
    db: &Db,
    set: BackupSetId,
) -> Result<Vec<(String, String)>, ServiceError> {
    Ok(
        sqlx::query_as("select kind, graph_id from backup_items where backup_set_id = $1")
            .bind(set)
            .fetch_all(&db.pool)
            .await?,
    )
}

/// The names of these groups, as the tenant's cached directory knows them.
pub(crate) async fn group_names(
    db: &Db,
    tenant: TenantId,
    ids: &[String],
) -> Result<Vec<(String, String)>, ServiceError> {
    Ok(sqlx::query_as(
        "select graph_id, name from directory_groups where tenant_id = $1 and graph_id = any($2)",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(&db.pool)
    .await?)
}

/// Kind and Microsoft's id of these policies of the inventory, by kind.
pub(crate) async fn kinds_of(
    db: &Db,
    tenant: TenantId,
    policies: &[PolicyId],
) -> Result<Vec<(String, Vec<String>)>, ServiceError> {
    Ok(sqlx::query_as(
        "select kind, array_agg(graph_id order by graph_id) from inventory_policies
         where tenant_id = $1 and id = any($2) group by kind order by kind",
    )
    .bind(tenant)
    .bind(policies)
    .fetch_all(&db.pool)
    .await?)
}
