//! What the tenant has of a kind at the moment in which a restore is about to write it: whether what is to be created is
//! there already, and whether what is to be updated is still what the preview saw.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use domain::{
    FailureCode, FailureGroup,
    views::restores::{ItemState, RestoreAction},
};
use graph::{GraphError, GraphErrorKind, PolicyKind, TenantGraph, take_catalog_names};

use super::failure::graph_failure;
use crate::restores::{MaybeCreated, PlannedItem, RestoreRecord, seen};

/// The first and the longest pause between two looks for what an interrupted try may have created.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(8)];

#[derive(Debug, Default)]
pub(super) struct There {
    /// Ids by what makes policies the same one; without what this restore has created itself.
    same: BTreeMap<String, Vec<String>>,
    /// Why a policy with this id is not to be updated.
    not_as_seen: BTreeMap<String, FailureGroup>,
}

impl There {
    /// Reads what `items`, all of the restore's of this kind, are to become. Of `maybe_created` those that are among
    /// them are waited for.
    pub async fn of(
        tenant: &TenantGraph,
        kind: &'static PolicyKind,
        record: &RestoreRecord,
        items: &[PlannedItem],
        maybe_created: &[MaybeCreated],
    ) -> Result<Self, GraphError> {
        let open = |action: RestoreAction| {
            let open = items
                .iter()
                .filter(|one| matches!(one.state(), ItemState::Pending | ItemState::Writing));
            open.filter(move |one| one.action() == Some(action))
        };
        let mut there = Self::default();
        if open(RestoreAction::Create).next().is_some() {
            let to_create: BTreeSet<String> = open(RestoreAction::Create)
                .map(|one| kind.same_policy_key(&one.content))
                .collect();
            let awaited = Awaited::of(tenant, kind, maybe_created, &to_create);
            there.same = listed(tenant, kind, awaited).await?;
            let own: BTreeSet<&str> = items
                .iter()
                .filter_map(|one| one.result_graph_id.as_deref())
                .collect();
            for ids in there.same.values_mut() {
                ids.retain(|id| !own.contains(id.as_str()));
            }
        }
        // One that is being written may be half new already.
        let as_seen: BTreeMap<&str, (&str, &str)> = open(RestoreAction::Update)
            .filter(|one| one.state() == ItemState::Pending)
            .filter_map(|one| {
                let (id, hash) = (one.target_graph_id.as_deref()?, one.target_hash.as_deref()?);
                Some((id, (hash, one.name.as_str())))
            })
            .collect();
        if as_seen.is_empty() {
            return Ok(there);
        }
        let ids = as_seen.keys().map(|id| (*id).to_owned()).collect();
        let mut pages = tenant.capture_some(kind, ids);
        while let Some(page) = pages.next().await {
            let page = page?;
            for mut policy in page.policies {
                take_catalog_names(&mut policy);
                let id = policy["id"].as_str().unwrap_or_default();
                let Some((hash, name)) = as_seen.get(id) else {
                    continue;
                };
                if seen(kind, &policy, record.with_assignments) != *hash {
                    let conflict = conflict(kind, name, "changed by somebody since the preview");
                    there.not_as_seen.insert(id.to_owned(), conflict);
                }
            }
            for unread in page.failed {
                let name = as_seen
                    .get(unread.id.as_str())
                    .map_or("", |(_, name)| *name);
                let why = match unread.error.kind {
                    GraphErrorKind::NotFound => {
                        conflict(kind, name, "deleted by somebody since the preview")
                    }
                    _ => {
                        let about = format!("{}: {name}", kind.label);
                        graph_failure(Some(&about), &unread.error)
                    }
                };
                there.not_as_seen.insert(unread.id, why);
            }
        }
        Ok(there)
    }

    /// Why this policy is not to be updated.
    pub fn not_as_seen(&self, item: &PlannedItem) -> Option<&FailureGroup> {
        self.not_as_seen.get(item.target_graph_id.as_deref()?)
    }

    /// The policy that is to be created, if an earlier try was interrupted between creating and recording it.
    ///
    /// # Errors
    /// Somebody else has made one since the preview.
    pub fn created_before(
        &mut self,
        kind: &PolicyKind,
        item: &PlannedItem,
        key: &str,
    ) -> Result<Option<String>, FailureGroup> {
        let same = self.same.get(key).map_or(&[][..], Vec::as_slice);
        match same {
            [] => Ok(None),
            // From now on it is this restore's own: another policy of that name is created beside it.
            [_] if item.state() == ItemState::Writing => {
                Ok(self.same.remove(key).and_then(|mut ids| ids.pop()))
            }
            [_] => Err(conflict(
                kind,
                &item.name,
                "made by somebody since the preview",
            )),
            _ => Err(conflict(
                kind,
                &item.name,
                "several of this name are there now",
            )),
        }
    }
}

/// What interrupted tries may have created, and until when a listing may lack it.
struct Awaited {
    keys: BTreeSet<String>,
    until: Instant,
}

impl Awaited {
    fn of(
        tenant: &TenantGraph,
        kind: &PolicyKind,
        maybe_created: &[MaybeCreated],
        to_create: &BTreeSet<String>,
    ) -> Self {
        let now = Instant::now();
        let mut awaited = Self {
            keys: BTreeSet::new(),
            until: now,
        };
        for one in maybe_created {
            let key = kind.same_policy_key(&one.content);
            if to_create.contains(&key) {
                let age = Duration::from_secs_f64(one.age_seconds.max(0.0));
                awaited.until = awaited
                    .until
                    .max(now + tenant.listing_lag().saturating_sub(age));
                awaited.keys.insert(key);
            }
        }
        awaited
    }
}

/// What is listed now, or once all that is awaited is there, or could be seen if it were.
async fn listed(
    tenant: &TenantGraph,
    kind: &PolicyKind,
    awaited: Awaited,
) -> Result<BTreeMap<String, Vec<String>>, GraphError> {
    let [mut pause, longest] = PAUSES;
    loop {
        let looked_at = Instant::now();
        let same = tenant.ids_by_key(kind).await?;
        let complete = awaited.keys.iter().all(|key| same.contains_key(key));
        if complete || looked_at >= awaited.until {
            return Ok(same);
        }
        let left = awaited.until.saturating_duration_since(Instant::now());
        tokio::time::sleep(pause.min(left)).await;
        pause = longest.min(pause * 2);
    }
}

fn conflict(kind: &PolicyKind, name: &str, what: &str) -> FailureGroup {
    let message = format!("{}: {name}: {what}; preview again.", kind.label);
    FailureGroup::new(FailureCode::RestoreConflict, message)
}
