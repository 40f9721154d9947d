//! What the policies that others name are in the target tenant, at the moment in which those others are written.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    TenantId,
    mapping::{Candidate, Proposal, Wanted, propose},
};
use graph::{PolicyKind, TenantGraph};
use serde_json::Value;

use super::{
    OperationError, Operations,
    failure::{kind_failure, strikes_all},
};
use crate::restores::{self, Link, PlannedItem, RestoreRecord};

/// The id of each in the tenant, or why it has none, in a sentence.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<Link, Result<String, String>>);

impl Links {
    /// Looks up what these items name: first what this restore brings itself, then the same id, then the same name.
    /// While it is only `planned`, as in a preview or a dry run, what it would bring counts as there.
    pub async fn of(
        operations: &Operations,
        tenant: &TenantGraph,
        record: &RestoreRecord,
        items: &[&PlannedItem],
        planned: bool,
    ) -> Result<Self, OperationError> {
        let mut wanted: BTreeMap<&'static str, BTreeMap<String, TenantId>> = BTreeMap::new();
        for item in items {
            for (kind, id) in restores::links(&item.content) {
                wanted
                    .entry(kind)
                    .or_default()
                    .insert(id, item.source_tenant);
            }
        }
        let mut links = Self::default();
        for (key, ids) in wanted {
            if let Some(kind) = PolicyKind::by_key(key) {
                links
                    .add(operations, tenant, record, kind, ids, planned)
                    .await?;
            }
        }
        Ok(links)
    }

    async fn add(
        &mut self,
        operations: &Operations,
        tenant: &TenantGraph,
        record: &RestoreRecord,
        kind: &'static PolicyKind,
        mut ids: BTreeMap<String, TenantId>,
        planned: bool,
    ) -> Result<(), OperationError> {
        let db = &operations.db;
        for (id, here) in restores::brought(db, record.id, kind.key).await? {
            let here = here.or_else(|| planned.then(|| id.clone()));
            if let (Some(here), Some(_)) = (here, ids.get(&id)) {
                ids.remove(&id);
                self.0.insert((kind.key, id), Ok(here));
            }
        }
        if ids.is_empty() {
            return Ok(());
        }
        let there = there(tenant, kind).await?;
        let mut names = BTreeMap::new();
        for source in ids.values().collect::<BTreeSet<_>>() {
            let of_source: Vec<&str> = ids
                .iter()
                .filter(|(_, tenant)| *tenant == source)
                .map(|(id, _)| id.as_str())
                .collect();
            names.extend(restores::names_of(db, *source, kind.key, &of_source).await?);
        }
        for id in ids.into_keys() {
            let name = names.get(&id).cloned();
            let found = match &there {
                Ok(there) => found(
                    kind,
                    Wanted {
                        id: id.clone(),
                        name,
                    },
                    there,
                ),
                Err(unread) => Err(unread.clone()),
            };
            self.0.insert((kind.key, id), found);
        }
        Ok(())
    }

    /// The content with the ids of the tenant.
    ///
    /// # Errors
    /// What of it is not there, in a sentence.
    pub fn apply(&self, content: Value) -> Result<Value, String> {
        let mut ids = BTreeMap::new();
        for link in restores::links(&content) {
            match self.0.get(&link) {
                Some(Ok(id)) => ids.insert(link, id.clone()),
                Some(Err(why)) => return Err(why.clone()),
                // Of a kind that is not restored: left as it is.
                None => continue,
            };
        }
        Ok(restores::relinked(content, &ids))
    }
}

/// The tenant's policies of a kind by name; without the permission to read them, why they are not known.
async fn there(
    tenant: &TenantGraph,
    kind: &'static PolicyKind,
) -> Result<Result<Vec<Candidate>, String>, OperationError> {
    let mut all = Vec::new();
    let mut pages = tenant.policies(kind);
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => all.extend(page.policies.iter().filter_map(|one| {
                Some(Candidate {
                    id: one["id"].as_str()?.to_owned(),
                    name: kind.name_of(one).to_owned(),
                })
            })),
            Err(error) if strikes_all(error.kind) || error.is_transient() => {
                return Err(error.into());
            }
            Err(error) => return Ok(Err(kind_failure(kind, &error).message)),
        }
    }
    Ok(Ok(all))
}

fn found(kind: &PolicyKind, wanted: Wanted, there: &[Candidate]) -> Result<String, String> {
    let itself = there.iter().find(|one| one.id == wanted.id);
    let proposal = propose(&wanted, itself, there);
    if let Some(chosen) = proposal.chosen() {
        return Ok(chosen.id.clone());
    }
    let label = kind.label.to_lowercase();
    let called = wanted.name.map_or_else(
        || format!("with the id {}", wanted.id),
        |name| format!("“{name}”"),
    );
    Err(match proposal {
        Proposal::Ambiguous(_) => {
            format!(
                "it refers to {label} {called}, and which of the tenant's is meant is not clear"
            )
        }
        _ => format!("it refers to {label} {called}, which the tenant does not have"),
    })
}
