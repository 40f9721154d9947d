//! `restore.execute`: writes the previewed policies, those first that others refer to. One that fails stops no other.

use domain::{
    FailureCode, FailureGroup, FailureSummary, RestoreId, TerminalOutcome, sanitize,
    views::restores::{ItemState, RestoreAction},
};
use graph::{GraphError, PolicyKind, TenantGraph};
use serde_json::{Map, Value};

use super::{
    Finished, OperationError, Operations,
    failure::{graph_failure, kind_failure, strikes_all},
    progress::Progress,
    restore_links::Links,
    restore_preview::kinds_of,
    restore_there::There,
};
use crate::{
    restores::{self, ItemEnd, Mapping, PlannedItem, RestoreRecord},
    runs::{Item, Lease},
};

pub(super) async fn run(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    mut progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let db = &operations.db;
    let restore = lease
        .inputs
        .get("restore_run_id")
        .and_then(Value::as_i64)
        .map(RestoreId)
        .ok_or_else(|| {
            let message = "restore_run_id: not what an execution starts with";
            OperationError::permanent(FailureCode::InputsInvalid, message)
        })?;
    let record = restores::record(db, lease.tenant_id, restore).await?;
    if !restores::begin_execution(db, restore).await? {
        return Err(OperationError::LeaseLost);
    }
    // Of an earlier try that was interrupted.
    progress.counts = restores::counted(&mut *db.acquire().await?, restore).await?;
    restores::ledger(db, lease.run_id).await?;
    let mut failures = restores::failures(&mut *db.acquire().await?, restore).await?;
    failures
        .groups()
        .iter()
        .for_each(|group| progress.remark(group.clone()));
    let mut restoring = Restoring {
        operations,
        tenant,
        record,
        failures: &mut failures,
    };
    let kinds = kinds_of(operations, restore).await?;
    progress.parts(kinds.len()).await?;
    for kind in kinds {
        progress.step(kind.label).await?;
        match restoring.kind(kind, &mut progress).await {
            Ok(()) => {}
            // What strikes the whole tenant strikes the rest too: each policy ends, so that the counts add up.
            Err(OperationError::Failed {
                failure,
                transient: false,
                ..
            }) => {
                restoring.fail_rest(failure, &mut progress).await?;
                break;
            }
            Err(may_pass) => return Err(may_pass),
        }
    }
    let finished = progress.finish(Map::new());
    let outcome = TerminalOutcome::of_counts(finished.counts);
    let update = finished.clone().into();
    restores::finish(db, lease, restore, outcome, failures, update).await?;
    Ok(finished)
}

struct Restoring<'a> {
    operations: &'a Operations,
    tenant: &'a TenantGraph,
    record: RestoreRecord,
    failures: &'a mut FailureSummary,
}

impl Restoring<'_> {
    async fn kind(
        &mut self,
        kind: &'static PolicyKind,
        progress: &mut Progress<'_>,
    ) -> Result<(), OperationError> {
        let (db, restore) = (&self.operations.db, self.record.id);
        // Known anew for each kind, as filters and scope tags of this restore have their ids only now.
        let mapping = self.mapping().await?;
        let items = restores::items(db, &self.record, kind.key).await?;
        let open =
            |item: &&PlannedItem| matches!(item.state(), ItemState::Pending | ItemState::Writing);
        let open: Vec<&PlannedItem> = items.iter().filter(open).collect();
        let written = open.iter().copied();
        let written = written.filter(|item| item.action().is_some_and(RestoreAction::writes));
        let written: Vec<&PlannedItem> = written.collect();
        let planned = self.record.dry_run;
        let links = Links::of(
            self.operations,
            self.tenant,
            &self.record,
            &written,
            planned,
        )
        .await?;
        let lag = self.tenant.listing_lag();
        let maybe_created =
            restores::maybe_created(db, self.record.tenant_id, kind.key, lag).await?;
        if !maybe_created.is_empty() {
            let step = format!("{}: what an interrupted try may have created", kind.label);
            progress.step(&step).await?;
        }
        let there = There::of(self.tenant, kind, &self.record, &items, &maybe_created).await;
        let mut there = match there {
            Ok(there) => Ok(there),
            Err(error) if strikes_all(error.kind) || error.is_transient() => {
                return Err(error.into());
            }
            Err(error) => Err(kind_failure(kind, &error)),
        };
        for item in open {
            let end = self.item(kind, item, &mapping, &links, &mut there).await?;
            restores::end_item(db, restore, item.version_id, &end).await?;
            let policy = Item::policy(kind, &item.source_graph_id, &item.name);
            let note = item.action().map(RestoreAction::as_str);
            match end {
                ItemEnd::Succeeded { .. } => progress.succeeded(policy, note),
                ItemEnd::Skipped => progress.skipped(policy, note),
                ItemEnd::Failed(failure) => {
                    let failure = sanitize::failure(failure);
                    *self.failures = std::mem::take(self.failures).with([failure.clone()]);
                    progress.failed(policy, failure);
                }
            }
            progress.report().await?;
        }
        Ok(())
    }

    async fn mapping(&self) -> Result<Mapping, OperationError> {
        let mut connection = self.operations.db.acquire().await?;
        Ok(restores::mapping(&mut connection, self.record.id).await?)
    }

    /// One policy. Only what strikes the whole tenant, or may pass, is an error here; the rest is the policy's own end.
    async fn item(
        &self,
        kind: &'static PolicyKind,
        item: &PlannedItem,
        mapping: &Mapping,
        links: &Links,
        there: &mut Result<There, FailureGroup>,
    ) -> Result<ItemEnd, OperationError> {
        let action = item.action().unwrap_or(RestoreAction::Cannot);
        if !action.writes() {
            return Ok(ItemEnd::Skipped);
        }
        let content = match links.apply(mapping.content(&item.content)) {
            Ok(content) => content,
            Err(missing) => {
                let message = format!("{}: {}: {missing}.", kind.label, item.name);
                let code = FailureCode::RestoreReferenceMissing;
                return Ok(ItemEnd::Failed(FailureGroup::new(code, message)));
            }
        };
        let with_assignments = self.record.with_assignments;
        if let Some((what, id)) = mapping.not_brought(kind, &item.content, with_assignments)
            && !self.record.dry_run
        {
            let message = format!(
                "{}: {}: it refers to the {} {id}, which this restore was to bring and did not.",
                kind.label,
                item.name,
                what.label().to_lowercase()
            );
            let code = FailureCode::RestoreReferenceMissing;
            return Ok(ItemEnd::Failed(FailureGroup::new(code, message)));
        }
        let target = match target(kind, item, action, &content, there) {
            Ok(target) => target,
            Err(failure) => return Ok(ItemEnd::Failed(failure)),
        };
        if self.record.dry_run {
            return Ok(ItemEnd::Succeeded { graph_id: None });
        }
        if !restores::begin_write(&self.operations.db, self.record.id, item.version_id).await? {
            return Err(OperationError::LeaseLost);
        }
        match self.write(kind, item, target, &content, mapping).await {
            Ok(graph_id) => Ok(ItemEnd::Succeeded {
                graph_id: Some(graph_id),
            }),
            Err(Failed::Operation(error)) => Err(error),
            Err(Failed::Graph(error)) if error.outcome_unknown() => {
                let message = format!(
                    "{}: {}: Microsoft did not say whether it was created; look before restoring it again. {}",
                    kind.label, item.name, error.message
                );
                Ok(ItemEnd::Failed(FailureGroup::new(
                    FailureCode::Timeout,
                    message,
                )))
            }
            Err(Failed::Graph(error)) if strikes_all(error.kind) || error.is_transient() => {
                Err(error.into())
            }
            Err(Failed::Graph(error)) => {
                let about = format!("{}: {}", kind.label, item.name);
                Ok(ItemEnd::Failed(graph_failure(Some(&about), &error)))
            }
        }
    }

    /// Writes content and assignments, to a policy that is there or a new one; each step may be repeated.
    async fn write(
        &self,
        kind: &'static PolicyKind,
        item: &PlannedItem,
        target: Option<String>,
        content: &Value,
        mapping: &Mapping,
    ) -> Result<String, Failed> {
        let id = match target {
            Some(id) => {
                self.note(item, &id).await?;
                if item.action() == Some(RestoreAction::Create) {
                    // The try that created it may have ended before it was finished.
                    self.tenant.finish_policy(kind, &id, content).await?;
                }
                self.tenant.update_policy(kind, &id, content).await?;
                id
            }
            None => {
                let body = kind.content_for_create(content);
                let created = self.tenant.create_policy(kind, body).await?;
                let id = created["id"].as_str().unwrap_or_default().to_owned();
                self.note(item, &id).await?;
                self.tenant.finish_policy(kind, &id, content).await?;
                id
            }
        };
        if self.record.with_assignments && kind.is_assignable() {
            let targets = mapping.targets(&kind.assignments(&item.content));
            self.tenant.assign(kind, &id, content, &targets).await?;
        }
        Ok(id)
    }

    async fn note(&self, item: &PlannedItem, id: &str) -> Result<(), Failed> {
        let db = &self.operations.db;
        restores::note_result(db, self.record.id, item.version_id, id)
            .await
            .map_err(|error| Failed::Operation(error.into()))
    }

    async fn fail_rest(
        &mut self,
        failure: FailureGroup,
        progress: &mut Progress<'_>,
    ) -> Result<(), OperationError> {
        let failure = sanitize::failure(failure);
        let (db, restore) = (&self.operations.db, self.record.id);
        for (kind, name) in restores::fail_rest(db, restore, &failure).await? {
            let kind = PolicyKind::by_key(&kind).map(|kind| kind.key);
            let id = None;
            *self.failures = std::mem::take(self.failures).with([failure.clone()]);
            progress.failed(Item { kind, id, name }, failure.clone());
        }
        Ok(())
    }
}

/// The id of the policy that is written to; none for one that is to be created.
fn target(
    kind: &PolicyKind,
    item: &PlannedItem,
    action: RestoreAction,
    content: &Value,
    there: &mut Result<There, FailureGroup>,
) -> Result<Option<String>, FailureGroup> {
    let there = there.as_mut().map_err(|failure| failure.clone())?;
    if action == RestoreAction::Update {
        return match there.not_as_seen(item) {
            Some(failure) => Err(failure.clone()),
            None => Ok(item.target_graph_id.clone()),
        };
    }
    if item.result_graph_id.is_some() {
        return Ok(item.result_graph_id.clone());
    }
    let key = kind.same_policy_key(content);
    there.created_before(kind, item, &key)
}

/// Why a policy was not written.
enum Failed {
    Graph(GraphError),
    Operation(OperationError),
}

impl From<GraphError> for Failed {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}
