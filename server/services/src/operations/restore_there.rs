//! What the tenant has of a kind at the moment in which a restore is about to write it: whether what is to be created is
//! there already, and whether what is to be updated is still what the preview saw.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    FailureCode, FailureGroup,
    views::restores::{ItemState, RestoreAction},
};
use graph::{GraphError, GraphErrorKind, PolicyKind, TenantGraph, take_catalog_names};

use super::failure::graph_failure;
use crate::restores::{PlannedItem, RestoreRecord, seen};

/// How long a policy may be missing from its listing that was created a moment ago.
const LISTING_LAG: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

#[derive(Debug, Default)]
pub(super) struct There {
    /// Ids by what makes policies the same one; without what this restore has created itself.
    same: BTreeMap<String, Vec<String>>,
    /// Why a policy with this id is not to be updated.
    not_as_seen: BTreeMap<String, FailureGroup>,
}

impl There {
    /// Reads what `items`, all of the restore's of this kind, are to become.
    pub async fn of(
        tenant: &TenantGraph,
        kind: &'static PolicyKind,
        record: &RestoreRecord,
        items: &[PlannedItem],
    ) -> Result<Self, GraphError> {
        let open = |action: RestoreAction| {
            let open = items
                .iter()
                .filter(|one| matches!(one.state(), ItemState::Pending | ItemState::Writing));
            open.filter(move |one| one.action() == Some(action))
        };
        let mut there = Self::default();
        if open(RestoreAction::Create).next().is_some() {
            let interrupted: Vec<String> = open(RestoreAction::Create)
                .filter(|one| one.state() == ItemState::Writing && one.result_graph_id.is_none())
                .map(|one| kind.same_policy_key(&one.content))
                .collect();
            there.same = listed(tenant, kind, &interrupted).await?;
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
        &self,
        kind: &PolicyKind,
        item: &PlannedItem,
        key: &str,
    ) -> Result<Option<&str>, FailureGroup> {
        let same = self.same.get(key).map_or(&[][..], Vec::as_slice);
        match same {
            [] => Ok(None),
            [one] if item.state() == ItemState::Writing => Ok(Some(one)),
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

/// What is listed now. What an interrupted try may have created is waited for: a listing lags behind what was written.
async fn listed(
    tenant: &TenantGraph,
    kind: &PolicyKind,
    interrupted: &[String],
) -> Result<BTreeMap<String, Vec<String>>, GraphError> {
    for wait in LISTING_LAG {
        let same = tenant.ids_by_key(kind).await?;
        if interrupted.iter().all(|key| same.contains_key(key)) {
            return Ok(same);
        }
        tokio::time::sleep(wait).await;
    }
    tenant.ids_by_key(kind).await
}

fn conflict(kind: &PolicyKind, name: &str, what: &str) -> FailureGroup {
    let message = format!("{}: {name}: {what}; preview again.", kind.label);
    FailureGroup::new(FailureCode::RestoreConflict, message)
}
