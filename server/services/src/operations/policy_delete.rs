//! `policy.delete`: backs chosen policies up, then deletes those that the backup holds.

use std::{cmp::Reverse, collections::BTreeSet};

use domain::{FailureCode, FailureGroup};
use graph::{GraphError, GraphErrorKind, PolicyKind, TenantGraph};
use serde_json::{Map, Value};

use super::{
    Finished, OperationError, Operations,
    backup_set_capture::{Capture, of_inputs},
    failure::{graph_failure, kind_failure, strikes_all},
    known_kind,
    progress::Progress,
};
use crate::{
    backups::{self, Captured, Selection},
    inventory,
    runs::{self, Item, Lease},
};

pub(super) async fn run(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    mut progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let (set, selection) = of_inputs(&runs::context(&operations.db, lease).await?)?;
    let chosen = chosen(operations, lease, selection).await?;
    progress.parts(chosen.len() * 2).await?;
    let capture = Capture::begin(operations, lease, tenant, set, &mut progress).await?;
    let mut deletion = Deletion {
        operations,
        lease,
        tenant,
        capture,
        backed_up: backups::captured_ids(&operations.db, set).await?,
        progress,
    };
    let mut doomed = Vec::with_capacity(chosen.len());
    for (kind, ids) in chosen {
        let step = format!("Back up: {}", kind.label);
        deletion.progress.step(&step).await?;
        doomed.push((kind, deletion.back_up(kind, ids).await?));
    }
    for (kind, policies) in doomed {
        let step = format!("Delete: {}", kind.label);
        deletion.progress.step(&step).await?;
        for policy in policies {
            deletion.delete(kind, &policy).await?;
            deletion.progress.report().await?;
        }
    }
    Ok(deletion.progress.finish(Map::new()))
}

/// The chosen policies' ids by kind, against the order of a restore: what others refer to goes last.
async fn chosen(
    operations: &Operations,
    lease: &Lease,
    selection: Selection,
) -> Result<Vec<(&'static PolicyKind, Vec<String>)>, OperationError> {
    let Selection::Policies(policies) = selection else {
        let message = "selection: only chosen policies can be deleted";
        return Err(OperationError::permanent(
            FailureCode::InputsInvalid,
            message,
        ));
    };
    let mut chosen = Vec::new();
    for (key, ids) in backups::kinds_of(&operations.db, lease.tenant_id, &policies).await? {
        chosen.push((known_kind(&key)?, ids));
    }
    chosen.sort_by_key(|(kind, _)| Reverse(kind.order));
    Ok(chosen)
}

/// What deleting needs to know of a policy that is in the backup by now.
struct Doomed {
    id: String,
    name: String,
    /// `@odata.type`, where a kind has several collections.
    odata_type: Value,
    built_in: Option<&'static str>,
}

struct Deletion<'a> {
    operations: &'a Operations,
    lease: &'a Lease,
    tenant: &'a TenantGraph,
    capture: Capture<'a>,
    /// Kind and id of what an earlier try of this run has put into the backup.
    backed_up: Vec<(String, String)>,
    progress: Progress<'a>,
}

impl Deletion<'_> {
    /// Backs the chosen policies of a kind up. Those that can't be read end here: nothing is deleted that is not in the backup.
    async fn back_up(
        &mut self,
        kind: &'static PolicyKind,
        ids: Vec<String>,
    ) -> Result<Vec<Doomed>, OperationError> {
        let mut doomed = Vec::new();
        let mut left: BTreeSet<String> = ids.iter().cloned().collect();
        let mut pages = self.tenant.capture_some(kind, ids);
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) if strikes_all(error.kind) || error.is_transient() => {
                    return Err(error.into());
                }
                Err(error) => {
                    self.progress.keep_request_id(&error);
                    let failure = kind_failure(kind, &error);
                    for id in left {
                        let policy = Item::policy(kind, &id, "");
                        self.progress.failed(policy, failure.clone());
                    }
                    break;
                }
            };
            for item in page.failed {
                left.remove(&item.id);
                let policy = Item::policy(kind, &item.id, &item.name);
                match item.error.kind {
                    GraphErrorKind::NotFound => self.gone_already(kind, policy, &item.id).await?,
                    _ => {
                        self.not_deleted(kind, policy, &item.error, "it could not be backed up");
                    }
                }
            }
            let stored = self.capture.store(kind, page.policies).await?;
            stored.iter().for_each(|policy| {
                left.remove(&policy.graph_id);
            });
            doomed.extend(stored.into_iter().map(|policy| Doomed::new(kind, policy)));
            self.progress.report().await?;
        }
        Ok(doomed)
    }

    /// A policy that Microsoft knows no more: this run deleted it in an earlier try, or somebody else did before.
    async fn gone_already(
        &mut self,
        kind: &PolicyKind,
        policy: Item,
        id: &str,
    ) -> Result<(), OperationError> {
        let ours = self
            .backed_up
            .iter()
            .any(|(of_kind, known)| of_kind == kind.key && known == id);
        match ours {
            true => self.progress.succeeded(policy, Some("deleted")),
            false => self.progress.skipped(policy, Some("gone before")),
        }
        self.forget(kind, id).await
    }

    async fn delete(
        &mut self,
        kind: &'static PolicyKind,
        policy: &Doomed,
    ) -> Result<(), OperationError> {
        let item = Item::policy(kind, &policy.id, &policy.name);
        if let Some(reason) = policy.built_in {
            let message = format!("{}: {}: {reason}", kind.label, policy.name);
            let failure = FailureGroup::new(FailureCode::PolicyBuiltIn, message);
            self.progress.failed(item, failure);
            return Ok(());
        }
        match self
            .tenant
            .delete_policy(kind, &policy.id, &policy.odata_type)
            .await
        {
            Ok(()) => {
                self.progress.succeeded(item, Some("deleted"));
                self.forget(kind, &policy.id).await
            }
            Err(error) if strikes_all(error.kind) || error.is_transient() => Err(error.into()),
            Err(error) => {
                self.not_deleted(kind, item, &error, "Microsoft refused it");
                Ok(())
            }
        }
    }

    /// The inventory shows at once what a sync would find.
    async fn forget(&self, kind: &PolicyKind, id: &str) -> Result<(), OperationError> {
        let (db, tenant) = (&self.operations.db, self.lease.tenant_id);
        Ok(inventory::has_vanished(db, tenant, kind.key, id).await?)
    }

    fn not_deleted(&mut self, kind: &PolicyKind, item: Item, error: &GraphError, why: &str) {
        self.progress.keep_request_id(error);
        let about = format!("{}: {}: not deleted, as {why}", kind.label, item.name);
        self.progress
            .failed(item, graph_failure(Some(&about), error));
    }
}

impl Doomed {
    fn new(kind: &PolicyKind, captured: Captured) -> Self {
        Self {
            built_in: kind.not_deletable(&captured.content),
            odata_type: captured.content["@odata.type"].clone(),
            id: captured.graph_id,
            name: captured.name,
        }
    }
}
