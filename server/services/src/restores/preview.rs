//! What a preview found, stored: per policy what a restore would do, and what each referenced id may become.

use std::collections::BTreeMap;

use domain::{
    RestoreId, VersionId,
    diff::Difference,
    mapping::{Candidate, Proposal, Wanted, propose},
    views::restores::{MappingKind, RestoreAction},
};
use graph::{PolicyKind, Target};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};

use super::{mapping, references::scope_tag_ids};
use crate::{Db, ServiceError};

/// The assignments of a policy: as they are in the target tenant, and as the backup has them, in the backup's own ids.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Wishes {
    pub live: Vec<Target>,
    pub wanted: Vec<Target>,
    /// Scope tags of the policy in the target tenant, and those of the backup.
    pub live_tags: Vec<String>,
    pub wanted_tags: Vec<String>,
}

/// What the preview says of one policy, before anything is mapped.
#[derive(Debug, Clone)]
pub(crate) struct Previewed {
    pub action: RestoreAction,
    pub reasons: Vec<String>,
    pub differences: Vec<Difference>,
    pub target_graph_id: Option<String>,
    /// What is there now, as [`seen`] says it.
    pub target_hash: Option<String>,
    pub wishes: Wishes,
}

/// What the policies of a restore refer to, by what it is and its id in the backup.
pub(crate) type References = BTreeMap<(MappingKind, String), Reference>;

#[derive(Debug, Clone, Default)]
pub(crate) struct Reference {
    pub name: Option<String>,
    /// How many policies refer to it.
    pub used_by: i32,
}

/// What a restore would overwrite of a policy, as a hash: equal as long as nobody changes it.
pub(crate) fn seen(kind: &PolicyKind, policy: &Value, with_assignments: bool) -> String {
    let mut assignments = match with_assignments {
        true => kind.assignments(policy),
        false => Vec::new(),
    };
    assignments.sort_by_cached_key(|target| target.to_json().to_string());
    let mut tags = scope_tag_ids(policy);
    tags.sort_unstable();
    let state = in_order(json!([kind.comparable(policy), assignments, tags]));
    hex::encode(Sha256::digest(state.to_string()))
}

/// Graph may send a list in another order the next time.
fn in_order(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(in_order).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, in_order(value)))
            .collect(),
        other => other,
    }
}

pub(crate) async fn store_item(
    db: &Db,
    restore: RestoreId,
    version: VersionId,
    found: &Previewed,
) -> Result<(), ServiceError> {
    sqlx::query(
        "update restore_items
         set action = $3, reasons = $4, differences = $5, target_graph_id = $6, assignments = $7, target_hash = $8,
             state = 'pending', result_graph_id = null, failure_code = null, failure_message = null, finished_at = null
         where restore_run_id = $1 and version_id = $2",
    )
    .bind(restore)
    .bind(version)
    .bind(found.action.as_str())
    .bind(&found.reasons)
    .bind(Json(&found.differences))
    .bind(&found.target_graph_id)
    .bind(Json(&found.wishes))
    .bind(&found.target_hash)
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// Stores what each referenced id may become. A decision that a person made before stays while what they chose is
/// still there.
///
/// `restored_here` are ids of filters and scope tags that this restore itself brings. Groups are looked up in the
/// cached directory; the others among the target tenant's filters and scope tags. Of an import, a scope tag's small
/// number alone says nothing.
pub(crate) async fn store_mappings(
    db: &Db,
    restore: RestoreId,
    references: &References,
    restored_here: &[String],
    imported: bool,
    filters: &[Candidate],
    scope_tags: &[Candidate],
) -> Result<(), ServiceError> {
    let mut tx = db.pool.begin().await?;
    let ids: Vec<&str> = references.keys().map(|(_, id)| id.as_str()).collect();
    sqlx::query("delete from restore_mappings where restore_run_id = $1 and source_id <> all($2)")
        .bind(restore)
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
    forget_what_left(&mut tx, restore, filters, scope_tags).await?;
    for ((what, id), reference) in references {
        let one = &Wanted {
            id: id.clone(),
            name: reference.name.clone(),
        };
        let here = restored_here.contains(&one.id) && *what != MappingKind::Group;
        let proposal = match what {
            MappingKind::Group => {
                let found: Vec<(String, String)> = sqlx::query_as(
                    "select g.graph_id, g.name from directory_groups g
                     join restore_runs r on r.tenant_id = g.tenant_id
                     where r.id = $1 and (g.graph_id = $2 or lower(btrim(g.name)) = lower(btrim($3)))
                     order by g.name, g.graph_id limit 50",
                )
                .bind(restore)
                .bind(&one.id)
                .bind(&one.name)
                .fetch_all(&mut *tx)
                .await?;
                let found: Vec<Candidate> = found
                    .into_iter()
                    .map(|(id, name)| Candidate { id, name })
                    .collect();
                let by_id = found.iter().find(|candidate| candidate.id == one.id);
                propose(one, by_id, &found)
            }
            MappingKind::Filter | MappingKind::ScopeTag => {
                let all = if *what == MappingKind::Filter {
                    filters
                } else {
                    scope_tags
                };
                let id_tells = !imported || *what == MappingKind::Filter;
                let by_id = all.iter().find(|candidate| {
                    // Small numbers as ids mean other tags elsewhere: there only the name tells.
                    let name = one.name.as_ref();
                    candidate.id == one.id && name.map_or(id_tells, |name| *name == candidate.name)
                });
                propose(one, by_id, all)
            }
        };
        let stored = if here && matches!(proposal, Proposal::Missing) {
            json!({ "proposal": "with_this_restore" })
        } else {
            json!(proposal)
        };
        let chosen = proposal.chosen().map(|candidate| candidate.id.as_str());
        sqlx::query(
            "insert into restore_mappings as m
                 (restore_run_id, what, source_id, source_name, proposal, target_id, used_by)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict on constraint restore_mappings_pkey do update
             set source_name = excluded.source_name, proposal = excluded.proposal, used_by = excluded.used_by,
                 target_id = case
                     when m.left_out then null
                     -- A person chose what was not proposed.
                     when m.target_id is distinct from m.proposal #>> '{found,id}'
                         then coalesce(m.target_id, excluded.target_id)
                     else coalesce(excluded.target_id, m.target_id)
                 end",
        )
        .bind(restore)
        .bind(what.as_str())
        .bind(&one.id)
        .bind(&one.name)
        .bind(stored)
        .bind(chosen)
        .bind(reference.used_by)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Drops the choice of what the target tenant does not have any more.
async fn forget_what_left(
    tx: &mut PgConnection,
    restore: RestoreId,
    filters: &[Candidate],
    scope_tags: &[Candidate],
) -> Result<(), sqlx::Error> {
    let ids = |all: &[Candidate]| -> Vec<String> { all.iter().map(|one| one.id.clone()).collect() };
    sqlx::query(
        "update restore_mappings m set target_id = null
         from restore_runs r
         where r.id = m.restore_run_id and m.restore_run_id = $1 and m.target_id is not null
           and not case m.what
               when 'group' then exists (
                   select from directory_groups g where g.tenant_id = r.tenant_id and g.graph_id = m.target_id)
               when 'filter' then m.target_id = any($2)
               else m.target_id = any($3)
           end",
    )
    .bind(restore)
    .bind(ids(filters))
    .bind(ids(scope_tags))
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends a preview: of this revision, and only while it is still the one that was asked for.
pub(crate) async fn previewed(
    db: &Db,
    restore: RestoreId,
    revision: i32,
) -> Result<bool, ServiceError> {
    let mut tx = db.pool.begin().await?;
    let noted = sqlx::query(
        "update restore_runs set status = 'previewed', previewed_at = clock_timestamp()
         where id = $1 and revision = $2 and status = 'preview_queued'",
    )
    .bind(restore)
    .bind(revision)
    .execute(&mut *tx)
    .await?;
    mapping::refresh_actions(&mut tx, restore).await?;
    tx.commit().await?;
    Ok(noted.rows_affected() == 1)
}
