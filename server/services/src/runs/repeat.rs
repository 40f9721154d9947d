//! Doing a run's work again as a new, linked run: all of it, or only what failed.

use domain::{
    BackupSetId, Inputs, OperationType, PolicyId, RunId, TenantId, views::runs::StartAnswer,
};
use serde_json::{Map, Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    ensure::{self, Belongs, Ensured, Initiator, NewRun},
    list,
};
use crate::{
    Caller, Db, ServiceError, audit,
    backups::{self, MOST_POLICIES, Selection},
};

/// A run that has ended, as far as doing it again needs it.
struct Ended {
    id: RunId,
    tenant: TenantId,
    operation: OperationType,
    context: Map<String, Value>,
}

impl Ended {
    fn inputs(&self) -> Inputs {
        let inputs = self
            .context
            .get("identity")
            .and_then(|identity| identity.get("inputs"))
            .and_then(Value::as_object);
        inputs.cloned().unwrap_or_default()
    }

    /// A member of the context, or else of the inputs.
    fn known(&self, name: &str) -> Value {
        let stored = self.context.get(name).cloned();
        stored
            .or_else(|| self.inputs().get(name).cloned())
            .unwrap_or_default()
    }

    fn set(&self) -> Result<BackupSetId, ServiceError> {
        serde_json::from_value(self.known("backup_set_id"))
            .map_err(|_| ServiceError::Internal(format!("run {} names no backup set", self.id)))
    }
}

/// Does the work of an ended run again, with the same inputs. While that work is active, answers with its run.
///
/// # Errors
/// `NotFound` for a run that the caller does not see, `Forbidden` without the right to start it, `Invalid` for an
/// operation that has to be asked for where its inputs are confirmed, or whose backup set is gone.
pub async fn run_again(
    caller: &Caller,
    db: &Db,
    run: RunId,
    batch: Option<Uuid>,
) -> Result<StartAnswer, ServiceError> {
    let ended = match found(caller, db, run).await? {
        Found::Ended(ended) => ended,
        Found::Active => return still_active(caller, db, run).await,
    };
    if !ended.operation.repeats_at_once() {
        return Err(ServiceError::Invalid(format!(
            "A {} is asked for where it is reviewed and confirmed, not repeated from here.",
            ended.operation.label().to_lowercase()
        )));
    }
    let belongs = Belongs {
        repeats: Some(run),
        batch,
    };
    let mut context = Map::new();
    match ended.operation {
        OperationType::PolicyExport => {
            let selection = serde_json::from_value(ended.known("selection"))
                .map_err(|_| ServiceError::Internal(format!("run {run} names no selection")))?;
            return backups::export_again(caller, db, ended.tenant, selection, belongs).await;
        }
        OperationType::BackupSetCapture | OperationType::BackupScheduleRun => {
            must_be_there(db, ended.tenant, ended.set()?).await?;
            for name in ["backup_set_id", "selection"] {
                if let Some(member) = ended.context.get(name) {
                    context.insert(name.to_owned(), member.clone());
                }
            }
        }
        _ => {}
    }
    let new = NewRun {
        tenant: ended.tenant,
        operation: ended.operation,
        inputs: &ended.inputs(),
        initiator: &Initiator::of(caller),
        context,
        belongs,
    };
    let ensured = ensure::ensure_new(db, &new).await?;
    ensure::answer(caller, db, ensured).await
}

/// Does only what failed in an ended run: its kinds of policies, or its policies into the same backup set.
///
/// # Errors
/// As [`run_again`]; and `Invalid` if no single item of it failed.
pub async fn retry_failed(
    caller: &Caller,
    db: &Db,
    run: RunId,
    batch: Option<Uuid>,
) -> Result<StartAnswer, ServiceError> {
    let ended = match found(caller, db, run).await? {
        Found::Ended(ended) => ended,
        Found::Active => return still_active(caller, db, run).await,
    };
    if !ended.operation.retries_failed_items() {
        return Err(ServiceError::Invalid(format!(
            "What failed in a {} is not retried from here.",
            ended.operation.label().to_lowercase()
        )));
    }
    let failed: Vec<Option<String>> = sqlx::query_scalar(
        "select distinct kind from operation_run_items where run_id = $1 and state = 'failed'",
    )
    .bind(run)
    .fetch_all(&db.pool)
    .await?;
    if failed.is_empty() {
        return Err(ServiceError::Invalid(
            "No single item of this run failed; run it again as a whole.".into(),
        ));
    }
    let failed_kinds: Vec<String> = failed.into_iter().flatten().collect();
    let (operation, inputs) = match ended.operation {
        OperationType::InventorySync => {
            let Selection::Kinds(kinds) = Selection::of_kinds(failed_kinds)? else {
                return Err(ServiceError::Internal(format!(
                    "run {run}: a policy without a kind"
                )));
            };
            let inputs = Inputs::from_iter([("kinds".to_owned(), json!(kinds))]);
            (OperationType::InventorySync, inputs)
        }
        // A schedule's capture and an export have put what succeeded into their set; what was missed joins it.
        _ => {
            let set = ended.set()?;
            must_be_there(db, ended.tenant, set).await?;
            let selection = missed(db, &ended, failed_kinds).await?;
            let inputs = Inputs::from_iter([
                ("backup_set_id".to_owned(), json!(set)),
                ("selection".to_owned(), json!(selection)),
            ]);
            (OperationType::BackupSetCapture, inputs)
        }
    };
    let new = NewRun {
        tenant: ended.tenant,
        operation,
        inputs: &inputs,
        initiator: &Initiator::of(caller),
        context: Map::new(),
        belongs: Belongs {
            repeats: Some(run),
            batch,
        },
    };
    let ensured = ensure::ensure_new(db, &new).await?;
    ensure::answer(caller, db, ensured).await
}

/// Policies that the inventory knows one by one; the whole kind for those that failed as a whole or are not in it, and
/// for all where more policies failed than one selection may name.
async fn missed(
    db: &Db,
    ended: &Ended,
    failed_kinds: Vec<String>,
) -> Result<Selection, ServiceError> {
    // Each kind stands there once at most without a policy, so this many hold one policy too many if there is one.
    let at_most = MOST_POLICIES + failed_kinds.len() + 1;
    let found: Vec<(String, Option<PolicyId>)> = sqlx::query_as(
        "select distinct i.kind, p.id
         from operation_run_items i left join inventory_policies p
             on p.tenant_id = $2 and p.kind = i.kind and p.graph_id = i.item_id
         where i.run_id = $1 and i.state = 'failed' and i.kind is not null limit $3",
    )
    .bind(ended.id)
    .bind(ended.tenant)
    .bind(at_most as i64)
    .fetch_all(&db.pool)
    .await?;
    let mut kinds = Vec::new();
    let mut policies = Vec::new();
    for (kind, known) in found {
        match known {
            Some(policy) => policies.push(policy),
            None => kinds.push(kind),
        }
    }
    if policies.len() > MOST_POLICIES {
        return Selection::of_kinds(failed_kinds);
    }
    policies.sort_unstable();
    if kinds.is_empty() {
        return Ok(Selection::Policies(policies));
    }
    let selection = Selection::of_kinds(kinds)?;
    Ok(match (selection, policies.is_empty()) {
        (Selection::Kinds(kinds), false) => Selection::Missed { kinds, policies },
        (selection, _) => selection,
    })
}

enum Found {
    Ended(Ended),
    Active,
}

async fn found(caller: &Caller, db: &Db, run: RunId) -> Result<Found, ServiceError> {
    let row = list::one(caller, db, run).await?;
    let operation: OperationType = row.operation_type.parse().map_err(|_| {
        ServiceError::Invalid("This version does not know the operation of this run.".into())
    })?;
    audit::may_start(caller, db, row.tenant_id, operation).await?;
    if row.state.status().is_active() {
        return Ok(Found::Active);
    }
    let context: Option<Json<Map<String, Value>>> =
        sqlx::query_scalar("select context from operation_runs where id = $1 and tenant_id = $2")
            .bind(run)
            .bind(row.tenant_id)
            .fetch_one(&db.pool)
            .await?;
    Ok(Found::Ended(Ended {
        id: run,
        tenant: row.tenant_id,
        operation,
        context: context.map(|context| context.0).unwrap_or_default(),
    }))
}

/// The same work is this very run.
async fn still_active(
    caller: &Caller,
    db: &Db,
    run_id: RunId,
) -> Result<StartAnswer, ServiceError> {
    let created = false;
    ensure::answer(caller, db, Ensured { run_id, created }).await
}

async fn must_be_there(db: &Db, tenant: TenantId, set: BackupSetId) -> Result<(), ServiceError> {
    let there: bool = sqlx::query_scalar(
        "select exists (select from backup_sets where id = $1 and tenant_id = $2)",
    )
    .bind(set)
    .bind(tenant)
    .fetch_one(&db.pool)
    .await?;
    match there {
        true => Ok(()),
        false => Err(ServiceError::Invalid(
            "The backup set that this run filled has been deleted; back up anew instead.".into(),
        )),
    }
}
