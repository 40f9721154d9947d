//! `inventory.sync`: reads every policy of every kind, page by page, and notes what is new, changed, unchanged or gone.

use domain::{FailureCode, identity::Inputs};
use graph::{GraphError, PolicyKind, PolicyPage, TenantGraph};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    Finished, OperationError, Operations,
    failure::{code_of, graph_failure, kind_failure, strikes_all},
    progress::Progress,
};
use crate::{
    inventory::{self, Change, FoundPolicy},
    runs::{Item, Lease},
};

/// What a sync found, in numbers.
#[derive(Default)]
struct Changes {
    new: u32,
    changed: u32,
    unchanged: u32,
}

impl Changes {
    fn count(&mut self, change: Change) {
        match change {
            Change::New => self.new += 1,
            Change::Changed => self.changed += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
}

pub(super) async fn run(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    mut progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    let kinds = requested_kinds(&lease.inputs)?;
    progress.parts(kinds.len()).await?;
    let mut changes = Changes::default();
    let mut vanished = 0;
    for kind in kinds {
        progress.step(kind.label).await?;
        match read_kind(operations, lease, tenant, kind, &mut progress, &mut changes).await? {
            Ok(gone) => vanished += gone,
            Err(error) => {
                let nothing_yet = progress.counts.done() == 0;
                if strikes_all(error.kind) || (error.is_transient() && nothing_yet) {
                    return Err(error.into());
                }
                let (id, code) = (lease.tenant_id, code_of(error.kind));
                inventory::kind_failed(&operations.db, id, kind.key, code).await?;
                progress.keep_request_id(&error);
                progress.failed(Item::whole_kind(kind), kind_failure(kind, &error));
            }
        }
        progress.report().await?;
    }
    let changes = json!({
        "new": changes.new, "changed": changes.changed, "unchanged": changes.unchanged, "vanished": vanished,
    });
    Ok(progress.finish(Map::from_iter([("changes".to_owned(), changes)])))
}

/// The kinds that the inputs name, or all.
fn requested_kinds(inputs: &Inputs) -> Result<Vec<&'static PolicyKind>, OperationError> {
    let Some(requested) = inputs.get("kinds") else {
        return Ok(PolicyKind::all().iter().collect());
    };
    let unusable = || {
        OperationError::permanent(
            FailureCode::InputsInvalid,
            "kinds: not a list of known kinds",
        )
    };
    requested
        .as_array()
        .ok_or_else(unusable)?
        .iter()
        .map(|key| {
            key.as_str()
                .and_then(PolicyKind::by_key)
                .ok_or_else(unusable)
        })
        .collect()
}

/// Reads one kind. The inner error is this kind's alone and leaves what was known of it in place.
async fn read_kind(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    kind: &'static PolicyKind,
    progress: &mut Progress<'_>,
    changes: &mut Changes,
) -> Result<Result<u32, GraphError>, OperationError> {
    let (db, id, run) = (&operations.db, lease.tenant_id, lease.run_id);
    let mut pages = tenant.policies(kind);
    let mut complete = true;
    while let Some(page) = pages.next().await {
        let PolicyPage { policies, failed } = match page {
            Ok(page) => page,
            Err(error) => return Ok(Err(error)),
        };
        let found: Vec<FoundPolicy> = policies
            .into_iter()
            .map(|policy| found(kind, policy))
            .collect::<Result<_, _>>()?;
        for stored in inventory::store_page(db, id, run, kind.key, &found).await? {
            let item = Item::policy(kind, &stored.graph_id, &stored.name);
            match stored.change {
                Change::New => progress.succeeded(item, Some("new")),
                Change::Changed => progress.succeeded(item, Some("changed")),
                Change::Unchanged => progress.skipped(item, Some("unchanged")),
            }
            changes.count(stored.change);
        }
        for item in failed {
            complete = false;
            progress.keep_request_id(&item.error);
            let policy = Item::policy(kind, &item.id, &item.name);
            progress.failed(policy, graph_failure(Some(kind.label), &item.error));
        }
        progress.report().await?;
    }
    // A policy whose content could not be read is still there: nothing of this kind may be called vanished.
    if !complete {
        return Ok(Ok(0));
    }
    Ok(Ok(inventory::kind_read(db, id, run, kind.key).await?))
}

fn found(kind: &PolicyKind, policy: Value) -> Result<FoundPolicy, OperationError> {
    let stable = kind.content_for_hash(policy.clone());
    let canonical = serde_json_canonicalizer::to_string(&stable).map_err(|_| {
        OperationError::permanent(
            FailureCode::Unreadable,
            format!(
                "{}: a policy can't be written as canonical JSON",
                kind.label
            ),
        )
    })?;
    let text = |value: Option<&str>| value.unwrap_or_default().replace('\0', "\u{fffd}");
    Ok(FoundPolicy {
        graph_id: text(policy.get("id").and_then(Value::as_str)),
        name: text(Some(kind.name_of(&policy))),
        platform: kind.platform_of(&policy),
        settings_count: settings_count(&policy),
        last_modified_at: kind.last_modified_of(&policy),
        content_hash: hex::encode(Sha256::digest(canonical.as_bytes())),
        content: policy,
    })
}

/// Settings of a settings-catalog policy, or values of an administrative template.
fn settings_count(policy: &Value) -> Option<i32> {
    ["settings", "definitionValues"]
        .iter()
        .find_map(|member| policy.get(member)?.as_array())
        .and_then(|settings| i32::try_from(settings.len()).ok())
}
