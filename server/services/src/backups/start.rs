//! Starting a capture: into a new set, or more policies into one that is there.

use domain::{
    BackupSetId, Inputs, OperationType, PolicyId, RunId, TenantId, views::runs::StartAnswer,
};
use graph::PolicyKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sqlx::PgConnection;

use super::sets::tenant_name;
use crate::{
    Caller, Db, ServiceError, audit,
    runs::{self, Belongs, Ensured, Initiator, NewRun},
};

/// The most policies that one press may add.
pub(crate) const MOST: usize = 1000;

/// What a capture reads. Part of the run's identity, so it has one form for one meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Every policy of every kind.
    Everything,
    /// Every policy of these kinds, sorted.
    Kinds(Vec<String>),
    /// These policies of the inventory, sorted.
    Policies(Vec<PolicyId>),
    /// Every policy of some kinds, and single ones of others: what an earlier capture could not read.
    Missed {
        kinds: Vec<String>,
        policies: Vec<PolicyId>,
    },
}

impl Selection {
    /// All kinds for none named.
    ///
    /// # Errors
    /// `Invalid` for a kind that is not known.
    pub fn of_kinds(mut kinds: Vec<String>) -> Result<Self, ServiceError> {
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.iter().any(|key| PolicyKind::by_key(key).is_none()) {
            return Err(ServiceError::Invalid("kinds: not a kind of policy".into()));
        }
        Ok(Self::of_known_kinds(kinds))
    }

    /// The same for kinds that were checked before. A run fails by name on one that is not known any more.
    pub(crate) fn of_known_kinds(kinds: Vec<String>) -> Self {
        match kinds.is_empty() {
            true => Self::Everything,
            false => Self::Kinds(kinds),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Everything => "Whole tenant".to_owned(),
            Self::Kinds(kinds) => match kinds.as_slice() {
                [one] => PolicyKind::by_key(one)
                    .map_or(one.as_str(), |kind| kind.label)
                    .to_owned(),
                several => format!("{} kinds", several.len()),
            },
            Self::Policies(policies) => counted(policies.len()),
            Self::Missed { kinds, policies } => {
                format!("{} kinds and {}", kinds.len(), counted(policies.len()))
            }
        }
    }
}

/// Backs up into a new set. While the same backup of this tenant is under way, answers with that one.
pub async fn back_up_now(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    selection: Selection,
) -> Result<StartAnswer, ServiceError> {
    let operation = OperationType::BackupSetCapture;
    start_with_set(caller, db, tenant, operation, selection, Belongs::default()).await
}

/// Captures policies of the inventory as they are now into a set of their own, to be downloaded.
///
/// # Errors
/// `NotFound` for a policy that is not this tenant's, `Invalid` for none at all or too many at once.
pub async fn export(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    policies: Vec<PolicyId>,
) -> Result<StartAnswer, ServiceError> {
    let operation = OperationType::PolicyExport;
    audit::may_start(caller, db, tenant, operation).await?;
    let selection = Selection::Policies(checked(db, tenant, policies).await?);
    start_with_set(caller, db, tenant, operation, selection, Belongs::default()).await
}

/// Captures anew, into another set, what an earlier export took.
pub(crate) async fn export_again(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    selection: Selection,
    belongs: Belongs,
) -> Result<StartAnswer, ServiceError> {
    let operation = OperationType::PolicyExport;
    start_with_set(caller, db, tenant, operation, selection, belongs).await
}

/// Deletes policies of the inventory in Microsoft 365, after backing them up into a set of their own.
///
/// # Errors
/// As [`export`]; and `Invalid` if `confirmation` is not the tenant's name.
pub async fn delete(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    policies: Vec<PolicyId>,
    confirmation: &str,
) -> Result<StartAnswer, ServiceError> {
    let operation = OperationType::PolicyDelete;
    audit::may_start(caller, db, tenant, operation).await?;
    let policies = checked(db, tenant, policies).await?;
    let tenant_name = tenant_name(db, tenant).await?;
    if confirmation.trim() != tenant_name {
        return Err(ServiceError::Invalid(format!(
            "confirmation: type the tenant's name, {tenant_name}, to delete {}",
            counted(policies.len())
        )));
    }
    let selection = Selection::Policies(policies);
    start_with_set(caller, db, tenant, operation, selection, Belongs::default()).await
}

/// Starts an operation that captures into a new set; the set's origin says why.
async fn start_with_set(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    operation: OperationType,
    selection: Selection,
    belongs: Belongs,
) -> Result<StartAnswer, ServiceError> {
    audit::may_start(caller, db, tenant, operation).await?;
    let mut tx = db.pool.begin().await?;
    // Two presses at once: the second one sees the first one's run.
    sqlx::query("select from tenants where id = $1 for no key update")
        .bind(tenant)
        .execute(&mut *tx)
        .await?;
    let active: Option<RunId> = sqlx::query_scalar(
        "select r.id from operation_runs r
         where r.tenant_id = $1 and r.type = $2 and r.status in ('queued', 'running')
           and r.context #> '{identity,inputs,selection}' = $3
         order by r.id limit 1",
    )
    .bind(tenant)
    .bind(operation.as_str())
    .bind(json!(selection))
    .fetch_optional(&mut *tx)
    .await?;
    let ensured = match active {
        Some(run_id) => Ensured {
            run_id,
            created: false,
        },
        None => {
            let (origin, prefix) = match operation {
                OperationType::PolicyExport => ("export", "Export of "),
                OperationType::PolicyDelete => ("before_delete", "Before deleting "),
                _ => ("manual", ""),
            };
            let name = format!("{prefix}{}", selection.words());
            let set = new_set(&mut tx, caller, tenant, origin, &name).await?;
            let (inputs, context) = match origin {
                "manual" => (inputs(set, &selection), Map::new()),
                // The set is where the work puts its results, not what makes it the same work.
                _ => (
                    Inputs::from_iter([("selection".to_owned(), json!(selection))]),
                    inputs(set, &selection),
                ),
            };
            let initiator = Initiator::of(caller);
            let new = NewRun {
                tenant,
                operation,
                inputs: &inputs,
                initiator: &initiator,
                context,
                belongs,
            };
            let run_id = runs::create_in(&mut tx, &new)
                .await?
                .ok_or_else(|| ServiceError::Internal("a new set has a run".into()))?;
            runs::dispatch_in(&mut tx, run_id).await?;
            Ensured {
                run_id,
                created: true,
            }
        }
    };
    tx.commit().await?;
    runs::answer(caller, db, ensured).await
}

/// Captures policies of the inventory into a set; those that it has already are captured anew.
pub async fn add_policies(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    set: BackupSetId,
    policies: Vec<PolicyId>,
) -> Result<StartAnswer, ServiceError> {
    audit::may_start(caller, db, tenant, OperationType::BackupSetCapture).await?;
    let policies = checked(db, tenant, policies).await?;
    let known: bool = sqlx::query_scalar(
        "select exists (select from backup_sets where id = $1 and tenant_id = $2)",
    )
    .bind(set)
    .bind(tenant)
    .fetch_one(&db.pool)
    .await?;
    if !known {
        return Err(ServiceError::NotFound);
    }
    let inputs = inputs(set, &Selection::Policies(policies));
    let operation = OperationType::BackupSetCapture;
    let ensured = runs::ensure_run(db, tenant, operation, &inputs, &Initiator::of(caller)).await?;
    runs::answer(caller, db, ensured).await
}

/// Chosen policies in the one form that a selection has: sorted, each once, all of this tenant.
pub(crate) async fn checked(
    db: &Db,
    tenant: TenantId,
    mut policies: Vec<PolicyId>,
) -> Result<Vec<PolicyId>, ServiceError> {
    policies.sort_unstable();
    policies.dedup();
    if policies.is_empty() {
        return Err(ServiceError::Invalid(
            "policies: choose at least one".into(),
        ));
    }
    if policies.len() > MOST {
        return Err(ServiceError::Invalid(format!(
            "policies: {MOST} at most at once"
        )));
    }
    let known: i64 = sqlx::query_scalar(
        "select count(*) from inventory_policies where tenant_id = $1 and id = any($2)",
    )
    .bind(tenant)
    .bind(&policies)
    .fetch_one(&db.pool)
    .await?;
    match usize::try_from(known) == Ok(policies.len()) {
        true => Ok(policies),
        false => Err(ServiceError::NotFound),
    }
}

fn counted(policies: usize) -> String {
    match policies {
        1 => "1 policy".to_owned(),
        several => format!("{several} policies"),
    }
}

fn inputs(set: BackupSetId, selection: &Selection) -> Inputs {
    Inputs::from_iter([
        ("backup_set_id".to_owned(), json!(set)),
        ("selection".to_owned(), json!(selection)),
    ])
}

async fn new_set(
    tx: &mut PgConnection,
    caller: &Caller,
    tenant: TenantId,
    origin: &str,
    name: &str,
) -> Result<BackupSetId, sqlx::Error> {
    sqlx::query_scalar(
        "insert into backup_sets (tenant_id, name, origin, user_id)
         values ($1, $2 || to_char(now() at time zone 'utc', ', YYYY-MM-DD HH24:MI \"UTC\"'), $4, $3)
         returning id",
    )
    .bind(tenant)
    .bind(name)
    .bind(caller.user_id)
    .bind(origin)
    .fetch_one(tx)
    .await
}
