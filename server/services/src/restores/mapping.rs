//! What ids of the backup become in the target tenant: the person's decisions, and what they change in the preview.

use std::collections::BTreeSet;

use domain::{
    AuditAction, RestoreId, TenantId, VersionId,
    mapping::Decision,
    views::restores::{MappingKind, RestoreAction},
};
use sqlx::{FromRow, PgConnection, types::Json};

use super::{
    audited::{may, tell},
    items::{RestoreRecord, record},
    preview::Wishes,
    references::Mapping,
};
use crate::{Caller, Db, ServiceError};

/// A person's decision for one line of the mapping step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingChoice {
    pub what: MappingKind,
    pub source_id: String,
    /// To an id of the target tenant, or to the exact name of one of its groups; none undoes what was decided.
    pub decision: Option<Decision>,
}

#[derive(FromRow)]
struct Line {
    what: String,
    source_id: String,
    target_id: Option<String>,
    left_out: bool,
    comes: bool,
    brought: Option<String>,
}

/// The mapping as it is decided now.
pub(crate) async fn mapping(
    connection: &mut PgConnection,
    restore: RestoreId,
) -> Result<Mapping, ServiceError> {
    let lines: Vec<Line> = sqlx::query_as(
        "select m.what, m.source_id, m.target_id, m.left_out, m.proposal ->> 'proposal' = 'with_this_restore' as comes,
                -- Only few come with the restore, and finding one reads the restore's policies.
                case when m.proposal ->> 'proposal' = 'with_this_restore' then
                    (select coalesce(i.result_graph_id, i.target_graph_id)
                     from restore_items i join policy_versions v on v.id = i.version_id
                     where i.restore_run_id = m.restore_run_id and v.graph_id = m.source_id
                       and v.kind = case m.what when 'filter' then 'assignment_filters' else 'scope_tags' end
                     limit 1)
                end as brought
         from restore_mappings m where m.restore_run_id = $1",
    )
    .bind(restore)
    .fetch_all(connection)
    .await?;
    let mut mapping = Mapping::default();
    for line in lines {
        let what = MappingKind::parse(&line.what).map_or("", MappingKind::as_str);
        let key = (what, line.source_id);
        let mut chosen = line.target_id.or(line.brought);
        if chosen.is_none() && line.comes && !line.left_out {
            chosen = Some(key.1.clone());
            mapping.to_come.insert(key.clone());
        }
        if chosen.is_none() && !line.left_out {
            mapping.undecided.insert(key.clone());
        }
        mapping
            .decided
            .insert(key, chosen.filter(|_| !line.left_out));
    }
    Ok(mapping)
}

/// How many references still wait for a person.
pub(super) async fn undecided(
    connection: &mut PgConnection,
    restore: RestoreId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "select count(*) from restore_mappings
         where restore_run_id = $1 and target_id is null and not left_out
           and proposal ->> 'proposal' <> 'with_this_restore'",
    )
    .bind(restore)
    .fetch_one(connection)
    .await
}

/// Stores decisions; all of them, or none if one can't be used.
pub async fn decide(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
    choices: Vec<MappingChoice>,
) -> Result<(), ServiceError> {
    let action = AuditAction::RestoreMap;
    may(caller, db, tenant, action, Some(restore)).await?;
    let record = record(db, tenant, restore).await?;
    if !record.status()?.may_be_scoped() {
        return Err(ServiceError::Invalid(
            "This restore has been started; what it maps can't be changed any more.".into(),
        ));
    }
    let mut tx = db.pool.begin().await?;
    sqlx::query("select from restore_runs where id = $1 for update")
        .bind(restore)
        .execute(&mut *tx)
        .await?;
    for choice in &choices {
        decide_one(&mut tx, &record, choice).await?;
    }
    refresh_actions(&mut tx, restore).await?;
    tell(&mut tx, caller, tenant, action, restore).await?;
    tx.commit().await?;
    Ok(())
}

async fn decide_one(
    tx: &mut PgConnection,
    record: &RestoreRecord,
    choice: &MappingChoice,
) -> Result<(), ServiceError> {
    let mut chosen = None;
    if let Some(Decision::To(target)) = &choice.decision {
        chosen = Some(target.clone());
        let known: bool = match choice.what {
            MappingKind::Group => {
                let found: Vec<String> = sqlx::query_scalar(
                    "select graph_id from directory_groups where tenant_id = $1 and (graph_id = $2 or name = $2)
                     order by graph_id limit 2",
                )
                .bind(record.tenant_id)
                .bind(target)
                .fetch_all(&mut *tx)
                .await?;
                if let [one, _] = found.as_slice() {
                    return Err(ServiceError::Invalid(format!(
                        "{target}: several groups of this tenant have this name; give the id, such as {one}"
                    )));
                }
                chosen = found.into_iter().next();
                chosen.is_some()
            }
            MappingKind::Filter | MappingKind::ScopeTag => {
                sqlx::query_scalar(
                    "select exists (
                         select from restore_mappings m
                         where m.restore_run_id = $1 and m.what = $2 and m.source_id = $3
                           -- What was chosen before may be chosen still: the last preview has found it there.
                           and (m.target_id = $4 or jsonb_path_exists(
                               m.proposal, '$.found.** ? (@.id == $id)', jsonb_build_object('id', $4::text))))
                     or exists (
                         select from inventory_policies p
                         where p.tenant_id = $5 and p.kind = $6 and p.graph_id = $4)",
                )
                .bind(record.id)
                .bind(choice.what.as_str())
                .bind(&choice.source_id)
                .bind(target)
                .bind(record.tenant_id)
                .bind(choice.what.policy_kind())
                .fetch_one(&mut *tx)
                .await?
            }
        };
        if !known {
            return Err(ServiceError::Invalid(format!(
                "{} {}: this tenant has nothing with the id or name “{}”, as far as its cache knows",
                choice.what.label(),
                choice.source_id,
                target.chars().take(60).collect::<String>()
            )));
        }
    }
    let decided = sqlx::query(
        "update restore_mappings set target_id = $4, left_out = $5
         where restore_run_id = $1 and what = $2 and source_id = $3",
    )
    .bind(record.id)
    .bind(choice.what.as_str())
    .bind(&choice.source_id)
    .bind(&chosen)
    .bind(choice.decision == Some(Decision::Leave))
    .execute(&mut *tx)
    .await?;
    if decided.rows_affected() == 0 {
        return Err(ServiceError::NotFound);
    }
    Ok(())
}

/// Whether a policy that is there changes depends on its assignments too, and those on the mapping.
pub(super) async fn refresh_actions(
    tx: &mut PgConnection,
    restore: RestoreId,
) -> Result<(), ServiceError> {
    let mapping = mapping(tx, restore).await?;
    let there: Vec<(VersionId, bool, Json<Wishes>)> = sqlx::query_as(
        "select version_id, differences = '[]', assignments from restore_items
         where restore_run_id = $1 and action in ('update', 'unchanged') and assignments is not null",
    )
    .bind(restore)
    .fetch_all(&mut *tx)
    .await?;
    let (versions, actions): (Vec<VersionId>, Vec<&str>) = there
        .into_iter()
        .map(|(version, same_content, wishes)| {
            let same = same_content && wishes.0.come_true_already(&mapping);
            let action = if same {
                RestoreAction::Unchanged
            } else {
                RestoreAction::Update
            };
            (version, action.as_str())
        })
        .unzip();
    sqlx::query(
        "update restore_items i set action = found.action
         from unnest($2::bigint[], $3::text[]) as found (version_id, action)
         where i.restore_run_id = $1 and i.version_id = found.version_id and i.action <> found.action",
    )
    .bind(restore)
    .bind(&versions)
    .bind(&actions)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

impl Wishes {
    /// Whether assignments and scope tags in the target tenant are already as wished. What nobody has decided yet
    /// counts as what it is in the backup: in the same tenant it may well be there.
    pub(crate) fn come_true_already(&self, mapping: &Mapping) -> bool {
        let sorted = |targets: &[graph::Target]| {
            let mut texts: Vec<String> = targets
                .iter()
                .map(|one| one.to_json().to_string())
                .collect();
            texts.sort();
            texts
        };
        let mut targets = mapping.targets(&self.wanted);
        targets.extend(mapping.undecided_targets(&self.wanted));
        let mut tags: BTreeSet<String> =
            mapping.scope_tags(&self.wanted_tags).into_iter().collect();
        tags.extend(mapping.undecided_tags(&self.wanted_tags));
        sorted(&self.live) == sorted(&targets) && tags == self.live_tags.iter().cloned().collect()
    }
}
