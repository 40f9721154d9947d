//! `restore.preview`: reads the tenant's policies of the chosen kinds and stores what a restore would do. Writes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    FailureCode, RestoreId,
    diff::{self, CatalogNames, Difference},
    mapping::Candidate,
    views::restores::{MappingKind, RestoreAction},
};
use graph::{GraphError, PolicyKind, TenantGraph, take_catalog_names, with_secrets_hidden};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Finished, OperationError, Operations,
    failure::{kind_failure, strikes_all},
    known_kind,
    names::read_names,
    progress::Progress,
    restore_links::Links,
};
use crate::{
    backups::catalog_names,
    restores::{
        self, PlannedItem, Previewed, References, RestoreRecord, Wishes, not_elsewhere, references,
        scope_tag_ids,
    },
    runs::{Item, Lease},
};

pub(super) async fn run(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    mut progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let db = &operations.db;
    let (restore, revision) = inputs(lease)?;
    let record = restores::record(db, lease.tenant_id, restore).await?;
    if record.revision != revision {
        let message = "The restore was changed meanwhile; a newer preview replaces this one.";
        return Err(OperationError::permanent(
            FailureCode::InputsInvalid,
            message,
        ));
    }
    let kinds = kinds_of(operations, restore).await?;
    progress.parts(kinds.len()).await?;
    let names = read_names(tenant, &mut progress).await?;
    let missing = tenant.missing_write_permissions(&kinds).await?;
    let mut wanted = References::new();
    let mut restored_here = Vec::new();
    for kind in kinds {
        progress.step(kind.label).await?;
        let items = restores::items(db, &record, kind.key).await?;
        for item in &items {
            want(kind, item, record.with_assignments, &mut wanted);
        }
        if matches!(kind.key, "assignment_filters" | "scope_tags") {
            restored_here.extend(items.iter().map(|item| item.source_graph_id.clone()));
        }
        let read = match live_of(tenant, kind, &items, &record).await {
            Ok(live) => past_templates(tenant, kind, &items)
                .await
                .map(|past| (live, past)),
            Err(error) => Err(error),
        };
        let (live, past) = match read {
            Ok(read) => read,
            Err(error) if strikes_all(error.kind) || error.is_transient() => {
                return Err(error.into());
            }
            Err(error) => {
                let failure = kind_failure(kind, &error);
                for item in &items {
                    let unread = cannot(format!(
                        "The tenant's policies can't be read. {}",
                        failure.message
                    ));
                    restores::store_item(db, restore, item.version_id, &unread).await?;
                    let policy = Item::policy(kind, &item.source_graph_id, &item.name);
                    progress.failed(policy, failure.clone());
                }
                continue;
            }
        };
        catalog_names::learn(&mut *db.acquire().await?, &live.catalog_names).await?;
        let contents = items.iter().map(|item| &item.content);
        let names = catalog_names::known(&db.pool, contents.chain(&live.policies)).await?;
        let planned = true;
        let named: Vec<&PlannedItem> = items.iter().collect();
        let links = Links::of(operations, tenant, &record, &named, planned).await?;
        for item in &items {
            let linked = links.apply(item.content.clone());
            let content = linked.as_ref().unwrap_or(&item.content);
            let mut found = match live.unread(kind, item) {
                Some(why) => cannot(why),
                None => previewed(kind, item, content, &record, &live, &names),
            };
            if let Err(why) = &linked
                && found.writes()
            {
                found = cannot(sentence(why));
            }
            if let Some(why) = kind.at_home_only
                && found.action == RestoreAction::Create
                && item.source_tenant != record.tenant_id
            {
                found = cannot(why.to_owned());
            }
            if item.source_tenant != record.tenant_id
                && found.writes()
                && let Some(why) = not_elsewhere(&item.content)
            {
                found = cannot(why);
            }
            if record.imported
                && found.writes()
                && let Some(why) = not_elsewhere(&item.content)
            {
                found.reasons.push(format!(
                    "The files do not say which tenant they are of. Should it be another one: {why}"
                ));
            }
            if let Some(why) = kind.template_of(content).and_then(|id| past.get(id))
                && found.writes()
            {
                found = cannot(why.clone());
            }
            if let Some(permission) = missing.get(kind.key).filter(|_| found.writes()) {
                found = cannot(format!(
                    "The app lacks the permission {permission}. Grant it with admin consent, then preview again."
                ));
            }
            restores::store_item(db, restore, item.version_id, &found).await?;
            let policy = Item::policy(kind, &item.source_graph_id, &item.name);
            progress.succeeded(policy, Some(found.action.as_str()));
        }
        progress.report().await?;
    }
    let candidates = |names: &BTreeMap<String, String>| -> Vec<Candidate> {
        let all = names.iter();
        all.map(|(id, name)| Candidate {
            id: id.clone(),
            name: name.clone(),
        })
        .collect()
    };
    let (filters, tags) = (candidates(&names.filters), candidates(&names.scope_tags));
    let imported = record.imported;
    restores::store_mappings(
        db,
        restore,
        &wanted,
        &restored_here,
        imported,
        &filters,
        &tags,
    )
    .await?;
    if !restores::previewed(db, restore, revision).await? {
        let message = "The restore was changed meanwhile; a newer preview replaces this one.";
        return Err(OperationError::permanent(
            FailureCode::InputsInvalid,
            message,
        ));
    }
    Ok(progress.finish(Map::new()))
}

fn inputs(lease: &Lease) -> Result<(RestoreId, i32), OperationError> {
    let number = |name: &str| lease.inputs.get(name).and_then(Value::as_i64);
    let revision = number("revision").and_then(|revision| i32::try_from(revision).ok());
    number("restore_run_id")
        .map(RestoreId)
        .zip(revision)
        .ok_or_else(|| {
            let message = "restore_run_id, revision: not what a preview starts with";
            OperationError::permanent(FailureCode::InputsInvalid, message)
        })
}

/// The kinds of a restore, those first that others refer to.
pub(super) async fn kinds_of(
    operations: &Operations,
    restore: RestoreId,
) -> Result<Vec<&'static PolicyKind>, OperationError> {
    let states = restores::states(&mut *operations.db.acquire().await?, restore).await?;
    let keys: BTreeSet<&str> = states.iter().map(|(kind, ..)| kind.as_str()).collect();
    let mut kinds: Vec<_> = keys.into_iter().map(known_kind).collect::<Result<_, _>>()?;
    kinds.sort_by_key(|kind| (kind.order, kind.key));
    Ok(kinds)
}

fn want(kind: &PolicyKind, item: &PlannedItem, with_assignments: bool, wanted: &mut References) {
    for (what, id) in references(kind, &item.content, with_assignments) {
        let group = match what {
            MappingKind::Group => "groups",
            MappingKind::Filter => "filters",
            MappingKind::ScopeTag => "scope_tags",
        };
        let name = item.names[group][&id].as_str().map(str::to_owned);
        let reference = wanted.entry((what, id)).or_default();
        reference.name = reference.name.take().or(name);
        reference.used_by += 1;
    }
}

/// The tenant's policies that could be the chosen ones: by name, and within one tenant by id.
#[derive(Default)]
struct Live {
    policies: Vec<Value>,
    by_id: HashMap<String, usize>,
    by_key: HashMap<String, Vec<usize>>,
    /// Id and name of those that can't be read, and why.
    unread: Vec<(String, String, GraphError)>,
    catalog_names: CatalogNames,
}

impl Live {
    fn insert(&mut self, key: String, policy: Value) {
        let at = self.policies.len();
        if let Some(id) = policy["id"].as_str() {
            self.by_id.insert(id.to_owned(), at);
        }
        self.by_key.entry(key).or_default().push(at);
        self.policies.push(policy);
    }

    /// Why it can't be told what the tenant has of this policy.
    fn unread(&self, kind: &PolicyKind, item: &PlannedItem) -> Option<String> {
        let same = |id: &str, name: &str| {
            id == item.source_graph_id || name.is_empty() || name.eq_ignore_ascii_case(&item.name)
        };
        let mut unread = self.unread.iter();
        let (.., error) = unread.find(|(id, name, _)| same(id, name))?;
        let failure = kind_failure(kind, error);
        Some(format!(
            "A policy of the tenant that may be this one can't be read. {}",
            failure.message
        ))
    }

    fn with_id(&self, id: &str) -> Option<&Value> {
        self.policies.get(*self.by_id.get(id)?)
    }

    fn with_key(&self, key: &str) -> Vec<&Value> {
        let places = self.by_key.get(key).into_iter().flatten();
        places.filter_map(|at| self.policies.get(*at)).collect()
    }
}

/// Reads the tenant's policies of a kind and lets go of those that can't be the chosen ones.
async fn live_of(
    tenant: &TenantGraph,
    kind: &'static PolicyKind,
    items: &[PlannedItem],
    record: &RestoreRecord,
) -> Result<Live, GraphError> {
    let keys: BTreeSet<String> = items
        .iter()
        .map(|item| kind.same_policy_key(&item.content))
        .collect();
    let ids: BTreeSet<&str> = items
        .iter()
        .filter(|item| id_holds(item, record))
        .map(|item| item.source_graph_id.as_str())
        .collect();
    let mut live = Live::default();
    let mut pages = tenant.capture(kind);
    while let Some(page) = pages.next().await {
        let page = page?;
        for unread in page.failed {
            if strikes_all(unread.error.kind) || unread.error.is_transient() {
                return Err(unread.error);
            }
            live.unread.push((unread.id, unread.name, unread.error));
        }
        for mut policy in page.policies {
            let names = take_catalog_names(&mut policy);
            let key = kind.same_policy_key(&policy);
            if keys.contains(&key) || policy["id"].as_str().is_some_and(|id| ids.contains(id)) {
                live.catalog_names.extend(names);
                live.insert(key, policy);
            }
        }
    }
    Ok(live)
}

/// The reasons by the templates that these items can't be written from any more.
async fn past_templates(
    tenant: &TenantGraph,
    kind: &PolicyKind,
    items: &[PlannedItem],
) -> Result<BTreeMap<String, String>, GraphError> {
    let named = items
        .iter()
        .filter_map(|item| kind.template_of(&item.content));
    tenant
        .past_templates(kind, named.map(str::to_owned).collect())
        .await
}

/// Whether the policy with this id is the one meant. Files may come from another tenant, where small numbers are ids of
/// other things; a GUID is nobody else's.
fn id_holds(item: &PlannedItem, record: &RestoreRecord) -> bool {
    let is_a_guid = |part: &str| Uuid::parse_str(part).is_ok();
    item.source_tenant == record.tenant_id
        && (!record.imported || item.source_graph_id.split('_').any(is_a_guid))
}

impl Previewed {
    /// Whether content would be written. Where it is the same already, nothing may be left to write.
    fn writes(&self) -> bool {
        match self.action {
            RestoreAction::Create => true,
            RestoreAction::Update => !self.differences.is_empty(),
            _ => false,
        }
    }
}

/// "it refers to …" as a sentence of its own.
fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

fn cannot(reason: String) -> Previewed {
    Previewed {
        action: RestoreAction::Cannot,
        reasons: vec![reason],
        differences: Vec::new(),
        target_graph_id: None,
        target_hash: None,
        wishes: Wishes::default(),
    }
}

/// `content` is the item's, with the target tenant's ids for the policies that it names.
fn previewed(
    kind: &PolicyKind,
    item: &PlannedItem,
    content: &Value,
    record: &RestoreRecord,
    live: &Live,
    names: &CatalogNames,
) -> Previewed {
    if !item.masked.is_empty() {
        return cannot(format!(
            "Microsoft masks {} of its values, so the backup does not hold them: {}.",
            item.masked.len(),
            item.masked.join(", ")
        ));
    }
    let itself = id_holds(item, record)
        .then(|| live.with_id(&item.source_graph_id))
        .flatten();
    let same = match itself {
        Some(itself) => vec![itself],
        None => live.with_key(&kind.same_policy_key(&item.content)),
    };
    let mut wishes = Wishes {
        wanted_tags: scope_tag_ids(&item.content),
        ..Wishes::default()
    };
    if record.with_assignments {
        wishes.wanted = kind.assignments(&item.content);
    }
    match same.as_slice() {
        [] => match kind.not_restorable(&item.content) {
            Some(reason) => cannot(reason.to_owned()),
            None => Previewed {
                action: RestoreAction::Create,
                reasons: Vec::new(),
                differences: Vec::new(),
                target_graph_id: None,
                target_hash: None,
                wishes,
            },
        },
        [there] => {
            wishes.live_tags = scope_tag_ids(there);
            if record.with_assignments {
                wishes.live = kind.assignments(there);
            }
            let differences = differences(kind, there, content, names);
            Previewed {
                // Assignments and scope tags are compared once it is known what their ids become.
                action: RestoreAction::Update,
                reasons: left_as_they_are(kind, &differences),
                differences,
                target_graph_id: there["id"].as_str().map(str::to_owned),
                target_hash: Some(restores::seen(kind, there, record.with_assignments)),
                wishes,
            }
        }
        several => Previewed {
            action: RestoreAction::Conflict,
            reasons: vec![format!(
                "{} policies of the tenant have this name; which of them is meant is not guessed.",
                several.len()
            )],
            differences: Vec::new(),
            target_graph_id: None,
            target_hash: None,
            wishes,
        },
    }
}

/// What an update changes, as it may be shown. Whether it changes anything is a matter of the values themselves.
fn differences(
    kind: &PolicyKind,
    there: &Value,
    content: &Value,
    names: &CatalogNames,
) -> Vec<Difference> {
    let between = |there: &Value, content: &Value| {
        diff::compare(&kind.comparable(there), &kind.comparable(content), names)
    };
    if between(there, content).is_empty() {
        return Vec::new();
    }
    let salt = Uuid::new_v4();
    let shown = |policy: &Value| with_secrets_hidden(policy, salt.as_bytes());
    between(&shown(there), &shown(content))
}

/// Which of the differences an update leaves, in sentences.
fn left_as_they_are(kind: &PolicyKind, differences: &[Difference]) -> Vec<String> {
    let fixed = differences
        .iter()
        .filter(|one| kind.is_fixed(one.path.split('/').next().unwrap_or_default()));
    let labels: BTreeSet<&str> = fixed.map(|one| one.label.as_str()).collect();
    let sentence = |label| {
        format!(
            "“{label}” can't be changed once the policy exists: an update leaves it as it is in the tenant."
        )
    };
    labels.into_iter().map(sentence).collect()
}
