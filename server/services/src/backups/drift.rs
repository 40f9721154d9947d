//! What differs between two backups of a tenant, policy by policy.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    BackupSetId, OperationType, TenantId, VersionId,
    views::{
        backups::VersionRef,
        drift::{DriftChange, DriftPage, DriftQuery, DriftRow, DriftSet, DriftTotals, InInventory},
    },
};
use graph::PolicyKind;
use serde_json::Value;
use sqlx::FromRow;

use super::{
    catalog_names,
    compared::{State, compared},
    sets::{SetRecord, select_sets, tenant_name},
};
use crate::{Caller, Db, ServiceError, inventory::kind_label, name_cursor::NameCursor};

/// Differences of one page are made from its policies' contents, so it is shorter than others.
const ROWS: usize = 50;

/// The two backups side by side; `$1` is the earlier, `$2` the later. A policy is the same by its id, or else by kind and
/// name where only one on each side has that name: one that was restored has another id.
macro_rules! side_by_side {
    ($rest:literal) => {
        concat!(
            "with before as materialized (
                 select v.id, v.kind, v.graph_id, v.name, coalesce(v.effect_hash, v.content_hash) as effect
                 from backup_items i join policy_versions v on v.id = i.version_id where i.backup_set_id = $1
             ), after as materialized (
                 select v.id, v.kind, v.graph_id, v.name, coalesce(v.effect_hash, v.content_hash) as effect
                 from backup_items i join policy_versions v on v.id = i.version_id where i.backup_set_id = $2
             ), lone_before as (
                 select b.*, case count(*) over (partition by b.kind, lower(b.name)) when 1 then lower(b.name) end as key
                 from before b
                 where not exists (select from after a where a.kind = b.kind and a.graph_id = b.graph_id)
             ), lone_after as (
                 select a.*, case count(*) over (partition by a.kind, lower(a.name)) when 1 then lower(a.name) end as key
                 from after a
                 where not exists (select from before b where b.kind = a.kind and b.graph_id = a.graph_id)
             ), pairs as (
                 select b.id as before, a.id as after, a.kind, a.name, b.graph_id,
                        b.effect = a.effect as alike
                 from before b join after a on a.kind = b.kind and a.graph_id = b.graph_id
                 union all
                 select b.id, a.id, coalesce(a.kind, b.kind), coalesce(a.name, b.name), b.graph_id,
                        b.effect = a.effect
                 from lone_before b full join lone_after a on a.kind = b.kind and a.key = b.key
             ), drift as (
                 select pairs.*, case when after is null then 'only_before' when before is null then 'only_after'
                     when alike then 'same' else 'changed' end as change
                 from pairs
             ) ",
            $rest
        )
    };
}

#[derive(FromRow)]
struct Pair {
    change: String,
    kind: String,
    name: String,
    sort_name: String,
    before: Option<VersionId>,
    after: Option<VersionId>,
    known: bool,
    vanished_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct Version {
    id: VersionId,
    name: String,
    created_at: DateTime<Utc>,
    content: Value,
    names: Value,
}

/// One page of what differs between two backups of a tenant.
pub async fn drift(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    query: &DriftQuery,
) -> Result<DriftPage, ServiceError> {
    caller.role_on(tenant)?;
    let after = query
        .cursor
        .as_deref()
        .map(NameCursor::decode)
        .transpose()?;
    let sets = sets(db, tenant, query).await?;
    let between = chosen(&sets, query)?;
    let mut page = DriftPage {
        tenant_name: tenant_name(db, tenant).await?,
        totals: DriftTotals::default(),
        rows: Vec::new(),
        next: None,
        may_start: caller
            .may_start(tenant, OperationType::BackupSetCapture)
            .is_ok(),
        as_of: db.now().await?,
        sets: sets.iter().map(SetRecord::to_choose).collect(),
        between,
    };
    if let Some((from, to)) = &page.between {
        page.totals = totals(db, from.id, to.id).await?;
        let mut pairs = pairs(db, tenant, from.id, to.id, query.change, after).await?;
        let more = pairs.len() > ROWS;
        pairs.truncate(ROWS);
        page.next = pairs.last().filter(|_| more).and_then(|last| {
            let (name, id) = (last.sort_name.clone(), last.after.or(last.before)?.0);
            Some(NameCursor { name, id }.encode())
        });
        page.rows = rows(db, tenant, pairs).await?;
    }
    Ok(page)
}

/// The newest backups that hold something; those that are asked for by id are among them if they are the tenant's.
async fn sets(
    db: &Db,
    tenant: TenantId,
    query: &DriftQuery,
) -> Result<Vec<SetRecord>, sqlx::Error> {
    let wanted: Vec<BackupSetId> = query.from.into_iter().chain(query.to).collect();
    sqlx::query_as(select_sets!(
        "and (s.id = any($2) or s.id in (
             select n.id from backup_sets n
             where n.tenant_id = $1 and exists (select from backup_items i where i.backup_set_id = n.id)
             order by n.id desc limit 100))
         order by s.id desc"
    ))
    .bind(tenant)
    .bind(wanted)
    .fetch_all(&db.pool)
    .await
}

impl SetRecord {
    /// Whether it is of the tenant rather than of chosen policies, and not being filled just now: only such are compared
    /// unasked.
    fn is_whole(&self) -> bool {
        self.active_run.is_none()
            && matches!(self.origin.as_str(), "manual" | "schedule" | "import")
    }

    fn to_choose(&self) -> DriftSet {
        DriftSet {
            id: self.id,
            name: self.name.clone(),
            created_at: self.created_at,
            policies: self.policies,
        }
    }
}

/// The earlier and the later one; none where nothing is asked for and there are not two.
fn chosen(
    sets: &[SetRecord],
    query: &DriftQuery,
) -> Result<Option<(DriftSet, DriftSet)>, ServiceError> {
    let by_id = |id: BackupSetId| {
        let found = sets.iter().find(|set| set.id == id);
        found.ok_or(ServiceError::NotFound)
    };
    let newest = |fits: &dyn Fn(BackupSetId) -> bool| {
        let mut whole = sets.iter().filter(|set| set.is_whole());
        whole.find(|set| fits(set.id))
    };
    let to = match query.to {
        Some(id) => Some(by_id(id)?),
        None => newest(&|id| Some(id) != query.from),
    };
    let from = match query.from {
        Some(id) => Some(by_id(id)?),
        None => newest(&|id| to.is_some_and(|to| id < to.id)),
    };
    Ok(from
        .zip(to)
        .map(|(from, to)| (from.to_choose(), to.to_choose())))
}

async fn totals(db: &Db, from: BackupSetId, to: BackupSetId) -> Result<DriftTotals, sqlx::Error> {
    let (changed, only_before, only_after, same) = sqlx::query_as(side_by_side!(
        "select count(*) filter (where change = 'changed'), count(*) filter (where change = 'only_before'),
                count(*) filter (where change = 'only_after'), count(*) filter (where change = 'same')
         from drift"
    ))
    .bind(from)
    .bind(to)
    .fetch_one(&db.pool)
    .await?;
    Ok(DriftTotals {
        changed,
        only_before,
        only_after,
        same,
    })
}

/// One more than a page, to tell whether there is another.
async fn pairs(
    db: &Db,
    tenant: TenantId,
    from: BackupSetId,
    to: BackupSetId,
    change: Option<DriftChange>,
    after: Option<NameCursor>,
) -> Result<Vec<Pair>, sqlx::Error> {
    sqlx::query_as(side_by_side!(
        "select d.change, d.kind, d.name, lower(d.name) as sort_name, d.before, d.after,
                p.id is not null as known, p.vanished_at
         from drift d
         left join inventory_policies p
             on d.change = 'only_before' and p.tenant_id = $3 and p.kind = d.kind and p.graph_id = d.graph_id
         where d.change <> 'same' and ($4::text is null or d.change = $4)
           and ($5::text is null or (lower(d.name), coalesce(d.after, d.before)) > ($5, $6))
         order by lower(d.name), coalesce(d.after, d.before)
         limit 51"
    ))
    .bind(from)
    .bind(to)
    .bind(tenant)
    .bind(change.map(DriftChange::as_str))
    .bind(after.as_ref().map(|after| after.name.as_str()))
    .bind(after.as_ref().map(|after| after.id))
    .fetch_all(&db.pool)
    .await
}

async fn rows(db: &Db, tenant: TenantId, pairs: Vec<Pair>) -> Result<Vec<DriftRow>, ServiceError> {
    let ids: Vec<VersionId> = pairs
        .iter()
        .flat_map(|pair| [pair.before, pair.after])
        .flatten()
        .collect();
    let found: Vec<Version> = sqlx::query_as(
        "select id, name, created_at, content, names from policy_versions where tenant_id = $1 and id = any($2)",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(&db.pool)
    .await?;
    let names = catalog_names::known(&db.pool, found.iter().map(|one| &one.content)).await?;
    let versions: HashMap<VersionId, Version> =
        found.into_iter().map(|one| (one.id, one)).collect();
    let rows = pairs.into_iter().filter_map(|pair| {
        let version = |id: Option<VersionId>| id.and_then(|id| versions.get(&id));
        let (before, after) = (version(pair.before), version(pair.after));
        let compared = PolicyKind::by_key(&pair.kind)
            .zip(before.zip(after))
            .map(|(kind, (before, after))| compared(kind, before.state(), after.state(), &names));
        let (differences, assignments) = match compared {
            Some(found) => (found.differences, Some(found.assignments)),
            None => (Vec::new(), None),
        };
        let (assignments_added, assignments_removed) = assignments
            .map(|change| (change.added, change.removed))
            .unwrap_or_default();
        Some(DriftRow {
            change: DriftChange::parse(&pair.change)?,
            kind_label: kind_label(&pair.kind).to_owned(),
            name: pair.name,
            before: before.map(Version::named),
            after: after.map(Version::named),
            differences,
            assignments_added,
            assignments_removed,
            inventory: pair.known.then_some(
                pair.vanished_at
                    .map_or(InInventory::Present, InInventory::GoneSince),
            ),
        })
    });
    Ok(rows.collect())
}

impl Version {
    fn state(&self) -> State<'_> {
        State {
            content: &self.content,
            names: &self.names,
        }
    }

    fn named(&self) -> VersionRef {
        VersionRef {
            id: self.id,
            name: self.name.clone(),
            created_at: self.created_at,
        }
    }
}
