//! One restore with everything that its page shows.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{
    FailureGroup, FailureSummary, OperationType, RestoreId, RestoreStatus, RunId, SummaryCounts,
    TenantId, VersionId,
    diff::{self, Difference},
    mapping::{Candidate, Proposal},
    views::restores::{
        ItemState, MappingKind, MappingRow, RestoreAction, RestoreItem, RestorePage, RestoreTotals,
    },
};
use serde_json::Value;
use sqlx::{FromRow, types::Json};

use super::{
    list::{RowRecord, select_restores},
    mapping,
    preview::Wishes,
    references::Mapping,
};
use crate::{
    Caller, Db, ServiceError,
    backups::{Names, group_names, lines, scope_tags_changed, tenant_name},
    inventory::kind_label,
    name_cursor::NameCursor,
};

const ITEMS: usize = 100;

#[derive(FromRow)]
struct Facts {
    with_assignments: bool,
    preview_run_id: Option<RunId>,
    previewed_at: Option<DateTime<Utc>>,
    /// When the preview began to read; none once its run is gone.
    preview_began_at: Option<DateTime<Utc>>,
    summary_counts: Option<Json<SummaryCounts>>,
    failure_summary: Option<Json<FailureSummary>>,
    groups_synced_at: Option<DateTime<Utc>>,
    inventory_synced_at: Option<DateTime<Utc>>,
    as_of: DateTime<Utc>,
}

#[derive(FromRow)]
struct ItemRecord {
    version: VersionId,
    place: String,
    kind: String,
    name: String,
    action: Option<String>,
    reasons: Vec<String>,
    differences: Json<Vec<Difference>>,
    wishes: Option<Json<Wishes>>,
    state: String,
    failure_message: Option<String>,
}

/// One restore with one page of its policies.
pub async fn page(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
    cursor: Option<&str>,
) -> Result<RestorePage, ServiceError> {
    caller.role_on(tenant)?;
    let after = cursor.map(NameCursor::decode).transpose()?;
    let row: RowRecord = sqlx::query_as(select_restores!("and r.id = $3"))
        .bind(tenant)
        .bind(caller.tenant_ids())
        .bind(restore)
        .fetch_optional(&db.pool)
        .await?
        .ok_or(ServiceError::NotFound)?;
    let row = row.into_row()?;
    let facts: Facts = sqlx::query_as(
        "select r.with_assignments, r.preview_run_id, r.previewed_at, p.started_at as preview_began_at, r.summary_counts, r.failure_summary,
                (select s.synced_at from directory_syncs s where s.tenant_id = r.tenant_id) as groups_synced_at,
                (select max(k.synced_at) from inventory_kinds k where k.tenant_id = r.tenant_id) as inventory_synced_at,
                now() as as_of
         from restore_runs r left join operation_runs p on p.id = r.preview_run_id
         where r.id = $1 and r.tenant_id = $2",
    )
    .bind(restore)
    .bind(tenant)
    .fetch_one(&db.pool)
    .await?;
    let mut connection = db.pool.acquire().await?;
    let decided = mapping::mapping(&mut connection, restore).await?;
    let undecided = mapping::undecided(&mut connection, restore).await?;
    drop(connection);
    let totals = totals(db, restore).await?;
    let known = filters_and_tags(db, tenant).await?;
    let mappings = mappings(db, tenant, restore, row.status, &known).await?;
    let (items, next) = items(db, tenant, restore, after, &decided, &mappings, &known).await?;
    let may_start = caller
        .may_start(tenant, OperationType::RestoreExecute)
        .is_ok();
    Ok(RestorePage {
        tenant_name: tenant_name(db, tenant).await?,
        with_assignments: facts.with_assignments,
        blocked: blocked(row.status, row.dry_run, undecided, &totals),
        next,
        totals,
        items,
        mappings,
        preview_run: facts.preview_run_id,
        out_of_date: out_of_date(&facts),
        previewed_at: facts.previewed_at,
        groups_synced_at: facts.groups_synced_at,
        counts: facts
            .summary_counts
            .map(|counts| counts.0.with_consistent_total()),
        failures: facts
            .failure_summary
            .map(|failures| -> Vec<FailureGroup> { failures.0.groups().to_vec() })
            .unwrap_or_default(),
        may_start,
        as_of: facts.as_of,
        row,
    })
}

/// Why execution is not possible now.
fn blocked(
    status: RestoreStatus,
    dry_run: bool,
    undecided: i64,
    totals: &RestoreTotals,
) -> Option<String> {
    let ready = status.may_be_executed() || (status.has_ended() && dry_run);
    if !ready {
        return Some(match status {
            RestoreStatus::Draft | RestoreStatus::Scoped => "Generate a preview first.".to_owned(),
            RestoreStatus::PreviewQueued => "The preview is under way.".to_owned(),
            RestoreStatus::Queued | RestoreStatus::Running => "It is under way.".to_owned(),
            _ => "It has ended; run it again to do it once more.".to_owned(),
        });
    }
    if undecided > 0 {
        return Some(format!(
            "{undecided} of the references are still undecided: choose for each what it becomes, or leave it out."
        ));
    }
    (totals.create + totals.update == 0).then(|| "There is nothing to write.".to_owned())
}

fn out_of_date(facts: &Facts) -> Option<String> {
    let previewed = facts.previewed_at?;
    // What was synced while it was made may be what it did not see.
    let state_of = facts.preview_began_at.unwrap_or(previewed);
    let later = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at > state_of);
    if later(facts.groups_synced_at) {
        return Some(
            "The directory's groups were synced after this preview began; generate it again."
                .into(),
        );
    }
    if later(facts.inventory_synced_at) {
        return Some(
            "The tenant's inventory was synced after this preview began; generate it again.".into(),
        );
    }
    let old = facts.as_of - previewed > chrono::TimeDelta::hours(24);
    old.then(|| "This preview is older than a day; the tenant may have changed since.".into())
}

async fn totals(db: &Db, restore: RestoreId) -> Result<RestoreTotals, ServiceError> {
    let found: Vec<(Option<String>, i64)> = sqlx::query_as(
        "select action, count(*) from restore_items where restore_run_id = $1 group by action",
    )
    .bind(restore)
    .fetch_all(&db.pool)
    .await?;
    let of = |action: RestoreAction| {
        let same = |known: &&(Option<String>, i64)| known.0.as_deref() == Some(action.as_str());
        found.iter().find(same).map_or(0, |(_, count)| *count)
    };
    Ok(RestoreTotals {
        policies: found.iter().map(|(_, count)| count).sum(),
        create: of(RestoreAction::Create),
        update: of(RestoreAction::Update),
        unchanged: of(RestoreAction::Unchanged),
        conflict: of(RestoreAction::Conflict),
        cannot: of(RestoreAction::Cannot),
    })
}

async fn items(
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
    after: Option<NameCursor>,
    decided: &Mapping,
    mappings: &[MappingRow],
    known: &[Known],
) -> Result<(Vec<RestoreItem>, Option<String>), ServiceError> {
    let mut found: Vec<ItemRecord> = sqlx::query_as(
        // Trouble first, then by name. The place is found before what is large is read.
        "with page as materialized (
             select version_id, place from (
                 select i.version_id,
                        case i.state when 'failed' then '0' when 'writing' then '1' else '2' end
                        || case i.action when 'conflict' then '0' when 'cannot' then '1' when 'update' then '2' when 'create' then '3' else '4' end
                        || lower(v.name) as place
                 from restore_items i join policy_versions v on v.id = i.version_id
                 where i.restore_run_id = $1
             ) as placed
             where $2::text is null or (place, version_id) > ($2, $3)
             order by place, version_id limit 101
         )
         select i.version_id as version, page.place, v.kind, v.name, i.action, i.reasons, i.differences,
                i.assignments as wishes, i.state, i.failure_message
         from page
         join restore_items i on i.restore_run_id = $1 and i.version_id = page.version_id
         join policy_versions v on v.id = page.version_id
         order by page.place, page.version_id",
    )
    .bind(restore)
    .bind(after.as_ref().map(|after| after.name.as_str()))
    .bind(after.as_ref().map(|after| after.id))
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > ITEMS;
    found.truncate(ITEMS);
    let next = found.last().filter(|_| more).map(|last| {
        let (name, id) = (last.place.clone(), last.version.0);
        NameCursor { name, id }.encode()
    });
    let names = target_names(db, tenant, &found, mappings, known).await?;
    let in_backup = names_in_backup(mappings);
    let items = found
        .into_iter()
        .map(|record| into_item(record, decided, &names, &in_backup));
    Ok((items.collect(), next))
}

/// Names of groups, filters and scope tags in the target tenant.
async fn target_names(
    db: &Db,
    tenant: TenantId,
    items: &[ItemRecord],
    mappings: &[MappingRow],
    known: &[Known],
) -> Result<Names, ServiceError> {
    let live = items.iter().filter_map(|item| item.wishes.as_ref());
    let ids: Vec<String> = live
        .flat_map(|wishes| wishes.0.live.iter())
        .filter_map(|target| target.group_id.clone())
        .chain(mappings.iter().filter_map(|row| row.target_id.clone()))
        .collect();
    let groups = group_names(db, tenant, &ids).await?;
    let mut names = Names {
        groups: groups.into_iter().collect(),
        ..Names::default()
    };
    for (what, into) in [
        (MappingKind::Filter, &mut names.filters),
        (MappingKind::ScopeTag, &mut names.scope_tags),
    ] {
        for row in mappings.iter().filter(|row| row.what == what) {
            if row.comes_with
                && let Some(name) = &row.source_name
            {
                // What this restore brings itself has no id yet: it goes by the one that it has in the backup.
                into.insert(row.source_id.clone(), name.clone());
            }
            into.extend(row.candidates.clone());
        }
        into.extend(those(known, what));
    }
    Ok(names)
}

/// Kind, id and name of a filter or scope tag of the tenant.
type Known = (String, String, String);

/// The tenant's filters and scope tags as the inventory has them, by name.
async fn filters_and_tags(db: &Db, tenant: TenantId) -> Result<Vec<Known>, sqlx::Error> {
    let kinds = [MappingKind::Filter, MappingKind::ScopeTag].map(MappingKind::policy_kind);
    sqlx::query_as(
        "select kind, graph_id, name from inventory_policies
         where tenant_id = $1 and kind = any($2) order by lower(name), graph_id limit 1000",
    )
    .bind(tenant)
    .bind(kinds)
    .fetch_all(&db.pool)
    .await
}

/// Id and name of those that are of this kind.
fn those(known: &[Known], what: MappingKind) -> impl Iterator<Item = (String, String)> {
    let of_kind = known
        .iter()
        .filter(move |(kind, ..)| what.policy_kind() == Some(kind));
    of_kind.map(|(_, id, name)| (id.clone(), name.clone()))
}

/// Scope tags by name; by id where that is all that is known.
fn named(tags: Vec<String>, names: &Names) -> BTreeSet<String> {
    tags.into_iter()
        .map(|id| names.scope_tags.get(&id).cloned().unwrap_or(id))
        .collect()
}

/// What groups, filters and scope tags are called in the backup.
fn names_in_backup(mappings: &[MappingRow]) -> Names {
    let of = |what: MappingKind| {
        let rows = mappings.iter().filter(|row| row.what == what);
        rows.filter_map(|row| Some((row.source_id.clone(), row.source_name.clone()?)))
            .collect()
    };
    Names {
        groups: of(MappingKind::Group),
        filters: of(MappingKind::Filter),
        scope_tags: of(MappingKind::ScopeTag),
    }
}

fn into_item(
    record: ItemRecord,
    decided: &Mapping,
    names: &Names,
    in_backup: &Names,
) -> RestoreItem {
    let action = record.action.as_deref().and_then(RestoreAction::parse);
    let wishes = record.wishes.map(|wishes| wishes.0).unwrap_or_default();
    let undecided = decided.undecided_targets(&wishes.wanted);
    let mut live = wishes.live;
    // In the same tenant it may well stay what it is.
    live.retain(|target| !undecided.contains(target));
    let before = lines(&live, names);
    let after = lines(&decided.targets(&wishes.wanted), names);
    let change = diff::assignments(&before, &after);
    let mut undecided_lines = lines(&undecided, in_backup);
    undecided_lines.sort_unstable();
    let undecided_tags = decided.undecided_tags(&wishes.wanted_tags);
    let mut differences = record.differences.0;
    if action == Some(RestoreAction::Update) {
        let mut live = wishes.live_tags;
        live.retain(|id| !undecided_tags.contains(id));
        let wanted = decided.scope_tags(&wishes.wanted_tags);
        differences.extend(scope_tags_changed(named(live, names), named(wanted, names)));
    }
    RestoreItem {
        version: record.version,
        kind_label: kind_label(&record.kind).to_owned(),
        name: record.name,
        action,
        reasons: record.reasons,
        differences,
        assignments_added: change.added,
        assignments_removed: change.removed,
        assignments_undecided: undecided_lines,
        scope_tags_undecided: named(undecided_tags, in_backup).into_iter().collect(),
        state: ItemState::parse(&record.state).unwrap_or(ItemState::Pending),
        failure: record.failure_message,
    }
}

#[derive(FromRow)]
struct MappingRecord {
    what: String,
    source_id: String,
    source_name: Option<String>,
    proposal: Value,
    target_id: Option<String>,
    target_name: Option<String>,
    left_out: bool,
    used_by: i32,
}

/// Undecided first, then by name.
async fn mappings(
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
    status: RestoreStatus,
    known: &[Known],
) -> Result<Vec<MappingRow>, ServiceError> {
    let found: Vec<MappingRecord> = sqlx::query_as(
        "select m.what, m.source_id, m.source_name, m.proposal, m.target_id, m.left_out, m.used_by,
                (select g.name from directory_groups g
                 where m.what = 'group' and g.tenant_id = $2 and g.graph_id = m.target_id) as target_name
         from restore_mappings m
         where m.restore_run_id = $1
         order by m.target_id is not null or m.left_out or m.proposal ->> 'proposal' = 'with_this_restore', m.what, lower(m.source_name), m.source_id",
    )
    .bind(restore)
    .bind(tenant)
    .fetch_all(&db.pool)
    .await?;
    let mut rows: Vec<MappingRow> = found.into_iter().filter_map(into_mapping).collect();
    for row in rows.iter_mut().filter(|row| !row.comes_with) {
        // What can't be chosen any more is not offered, but what was chosen keeps its name.
        let others: Vec<_> = those(known, row.what)
            .filter(|(id, _)| status.may_be_scoped() || row.target_id.as_ref() == Some(id))
            .filter(|(id, _)| row.candidates.iter().all(|(offered, _)| offered != id))
            .collect();
        row.candidates.extend(others);
    }
    Ok(rows)
}

fn into_mapping(record: MappingRecord) -> Option<MappingRow> {
    let what = MappingKind::parse(&record.what)?;
    let proposal: Option<Proposal> = serde_json::from_value(record.proposal).ok();
    let comes_with = proposal.is_none();
    let (found, mut candidates) = match proposal {
        Some(Proposal::SameId(one)) => ("The same, by its id".to_owned(), vec![one]),
        Some(Proposal::ByName(one)) => ("One of that name".to_owned(), vec![one]),
        Some(Proposal::Ambiguous(several)) => (
            format!("{} of that name; choose one", several.len()),
            several,
        ),
        Some(Proposal::Missing) => ("None of that name".to_owned(), Vec::new()),
        None => ("Comes with this restore".to_owned(), Vec::new()),
    };
    if let (Some(id), Some(name)) = (&record.target_id, record.target_name)
        && !candidates.iter().any(|one| one.id == *id)
    {
        let id = id.clone();
        candidates.push(Candidate { id, name });
    }
    Some(MappingRow {
        what,
        source_id: record.source_id,
        source_name: record.source_name,
        found,
        candidates: candidates
            .into_iter()
            .map(|one| (one.id, one.name))
            .collect(),
        target_id: record.target_id,
        left_out: record.left_out,
        comes_with,
        used_by: i64::from(record.used_by),
    })
}
