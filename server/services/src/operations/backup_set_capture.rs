//! `backup_set.capture`: reads policies with all that a restore needs and stores each version once.

use std::collections::BTreeSet;

use domain::{BackupSetId, FailureCode, Inputs, PolicyId};
use graph::{
    ApiVersion, BatchRequest, GraphError, GraphErrorKind, PolicyKind, PolicyPages, TenantGraph,
};
use serde_json::{Map, Value, json};

use super::{
    Finished, OperationError, Operations,
    failure::{graph_failure, kind_failure, strikes_all},
    known_kind,
    names::read_names,
    progress::Progress,
};
use crate::{
    backups::{self, Captured, Names, Selection},
    restores::group_ids,
    runs::{self, Item, Lease},
};

pub(super) async fn run(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let (set, selection) = of_inputs(&lease.inputs)?;
    capture(operations, lease, tenant, set, selection, progress).await
}

/// `backup_schedule.run`: the same into the set that was made for the due time; then older sets of the schedule go.
pub(super) async fn run_scheduled(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let context = runs::context(&operations.db, lease).await?;
    let (set, selection) = of_inputs(&context)?;
    let mut finished = capture(operations, lease, tenant, set, selection, progress).await?;
    let complete = finished.counts.failed == 0;
    let deleted = backups::delete_surplus(&operations.db, lease.tenant_id, set, complete).await?;
    finished
        .context
        .insert("older_sets_deleted".to_owned(), json!(deleted));
    Ok(finished)
}

/// `policy.export`: the same into the set that was made for the export.
pub(super) async fn run_export(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let (set, selection) = of_inputs(&runs::context(&operations.db, lease).await?)?;
    capture(operations, lease, tenant, set, selection, progress).await
}

async fn capture(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    set: BackupSetId,
    selection: Selection,
    mut progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let mut capture = Capture::begin(operations, lease, tenant, set, &mut progress).await?;
    let parts = parts(operations, lease, tenant, selection).await?;
    progress.parts(parts.len()).await?;
    for (kind, pages) in parts {
        progress.step(kind.label).await?;
        if let Err(error) = capture.kind(kind, pages, &mut progress).await? {
            let nothing_yet = progress.counts.done() == 0;
            if strikes_all(error.kind) || (error.is_transient() && nothing_yet) {
                return Err(error.into());
            }
            progress.keep_request_id(&error);
            progress.failed(Item::whole_kind(kind), kind_failure(kind, &error));
        }
        progress.report().await?;
    }
    let stored = json!({ "new_versions": capture.new });
    Ok(progress.finish(Map::from_iter([("stored".to_owned(), stored)])))
}

/// The set that a capture goes into, and what it reads.
pub(super) fn of_inputs(inputs: &Inputs) -> Result<(BackupSetId, Selection), OperationError> {
    let input = |name: &str| inputs.get(name).cloned().unwrap_or_default();
    let set = serde_json::from_value(input("backup_set_id"));
    let selection = serde_json::from_value(input("selection"));
    set.ok().zip(selection.ok()).ok_or_else(|| {
        let message = "backup_set_id, selection: not what a backup starts with";
        OperationError::permanent(FailureCode::InputsInvalid, message)
    })
}

type Parts = Vec<(&'static PolicyKind, PolicyPages)>;

async fn parts(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    selection: Selection,
) -> Result<Parts, OperationError> {
    match selection {
        Selection::Everything => Ok(PolicyKind::all()
            .iter()
            .map(|kind| (kind, tenant.capture(kind)))
            .collect()),
        Selection::Kinds(kinds) => of_kinds(tenant, &kinds),
        Selection::Policies(policies) => some(operations, lease, tenant, &policies).await,
        Selection::Missed { kinds, policies } => {
            let mut parts = of_kinds(tenant, &kinds)?;
            parts.extend(some(operations, lease, tenant, &policies).await?);
            Ok(parts)
        }
    }
}

fn of_kinds(tenant: &TenantGraph, kinds: &[String]) -> Result<Parts, OperationError> {
    kinds
        .iter()
        .map(|key| known_kind(key).map(|kind| (kind, tenant.capture(kind))))
        .collect()
}

async fn some(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    policies: &[PolicyId],
) -> Result<Parts, OperationError> {
    backups::kinds_of(&operations.db, lease.tenant_id, policies)
        .await?
        .into_iter()
        .map(|(key, ids)| {
            let kind = known_kind(&key)?;
            Ok((kind, tenant.capture_some(kind, ids)))
        })
        .collect()
}

/// Policies on their way into a set.
pub(super) struct Capture<'a> {
    operations: &'a Operations,
    lease: &'a Lease,
    tenant: &'a TenantGraph,
    set: BackupSetId,
    names: Names,
    /// Versions that no set held before.
    new: u32,
}

impl<'a> Capture<'a> {
    pub async fn begin(
        operations: &'a Operations,
        lease: &'a Lease,
        tenant: &'a TenantGraph,
        set: BackupSetId,
        progress: &mut Progress<'_>,
    ) -> Result<Self, OperationError> {
        Ok(Self {
            names: read_names(tenant, progress).await?,
            operations,
            lease,
            tenant,
            set,
            new: 0,
        })
    }

    /// Captures what these pages hold. The inner error is this kind's alone; what was captured before it stays.
    async fn kind(
        &mut self,
        kind: &'static PolicyKind,
        mut pages: PolicyPages,
        progress: &mut Progress<'_>,
    ) -> Result<Result<(), GraphError>, OperationError> {
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => return Ok(Err(error)),
            };
            let captured = self.store(kind, page.policies).await?;
            for policy in captured {
                progress.succeeded(Item::policy(kind, &policy.graph_id, &policy.name), None);
            }
            for item in page.failed {
                let about = match item.name.as_str() {
                    "" => kind.label.to_owned(),
                    name => format!("{}: {name}", kind.label),
                };
                progress.keep_request_id(&item.error);
                let policy = Item::policy(kind, &item.id, &item.name);
                progress.failed(policy, graph_failure(Some(&about), &item.error));
            }
            progress.report().await?;
        }
        Ok(Ok(()))
    }

    /// Stores policies as they were read, with the names of what they refer to.
    pub async fn store(
        &mut self,
        kind: &'static PolicyKind,
        policies: Vec<Value>,
    ) -> Result<Vec<Captured>, OperationError> {
        let (db, tenant) = (&self.operations.db, self.lease.tenant_id);
        self.learn_groups(kind, &policies).await?;
        let captured: Vec<Captured> = policies
            .into_iter()
            .map(|policy| Captured::new(kind, policy, &self.names))
            .collect::<Result<_, _>>()?;
        let mut connection = db.acquire().await?;
        self.new +=
            backups::store_page(&mut connection, tenant, self.set, kind.key, &captured).await?;
        Ok(captured)
    }

    /// Names of groups that these policies refer to: from the cached directory, and from Microsoft for those it lacks.
    async fn learn_groups(
        &mut self,
        kind: &PolicyKind,
        policies: &[Value],
    ) -> Result<(), OperationError> {
        let mut unknown: BTreeSet<String> = policies
            .iter()
            .flat_map(|policy| group_ids(kind, policy))
            .filter(|id| !self.names.groups.contains_key(id))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let asked: Vec<String> = unknown.iter().cloned().collect();
        let cached =
            backups::group_names(&self.operations.db, self.lease.tenant_id, &asked).await?;
        for (id, name) in cached {
            unknown.remove(&id);
            self.names.groups.insert(id, name);
        }
        let requests = unknown.into_iter().map(|id| BatchRequest {
            path: format!("/groups/{id}?$select=id,displayName"),
            id,
        });
        for answer in self
            .tenant
            .batch(ApiVersion::V1, requests.collect())
            .await?
        {
            match answer.result {
                Ok(group) => {
                    let name = group["displayName"].as_str().unwrap_or_default();
                    self.names.groups.insert(answer.id, name.to_owned());
                }
                // Deleted, or not to be read: the id alone is kept.
                Err(error)
                    if error.kind == GraphErrorKind::NotFound
                        || error.kind == GraphErrorKind::Forbidden => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
