//! Starting a capture: into a new set, or more policies into one that is there.

use domain::{
    BackupSetId, Inputs, OperationType, PolicyId, RunId, TenantId, views::runs::StartAnswer,
};
use graph::PolicyKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sqlx::PgConnection;

use crate::{
    Caller, Db, ServiceError,
    runs::{self, Ensured, Initiator},
};

/// The most policies that one press may add.
const MOST: usize = 1000;

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
        Ok(match kinds.is_empty() {
            true => Self::Everything,
            false => Self::Kinds(kinds),
        })
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
            Self::Policies(policies) => format!("{} policies", policies.len()),
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
    caller.may_start(tenant, OperationType::BackupSetCapture)?;
    let mut tx = db.pool.begin().await?;
    // Two presses at once: the second one sees the first one's run.
    sqlx::query("select from tenants where id = $1 for no key update")
        .bind(tenant)
        .execute(&mut *tx)
        .await?;
    let active: Option<RunId> = sqlx::query_scalar(
        "select r.id from operation_runs r
         join backup_sets s on s.id = (r.context #>> '{identity,inputs,backup_set_id}')::bigint
         where r.tenant_id = $1 and r.type = 'backup_set.capture' and r.status in ('queued', 'running')
           and r.context #> '{identity,inputs,selection}' = $2 and s.origin = 'manual'
         order by r.id limit 1",
    )
    .bind(tenant)
    .bind(json!(selection))
    .fetch_optional(&mut *tx)
    .await?;
    let ensured = match active {
        Some(run_id) => Ensured {
            run_id,
            created: false,
        },
        None => {
            let set = new_set(&mut tx, caller, tenant, &selection).await?;
            let initiator = Initiator::of(caller);
            let operation = OperationType::BackupSetCapture;
            let inputs = inputs(set, &selection);
            let run_id =
                runs::create_in(&mut tx, tenant, operation, &inputs, &initiator, Map::new())
                    .await?
                    .ok_or_else(|| ServiceError::Internal("a new set has a capture".into()))?;
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
    mut policies: Vec<PolicyId>,
) -> Result<StartAnswer, ServiceError> {
    caller.may_start(tenant, OperationType::BackupSetCapture)?;
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
        "select count(*) from inventory_policies p
         where p.tenant_id = $1 and p.id = any($2)
           and exists (select from backup_sets s where s.id = $3 and s.tenant_id = $1)",
    )
    .bind(tenant)
    .bind(&policies)
    .bind(set)
    .fetch_one(&db.pool)
    .await?;
    if usize::try_from(known) != Ok(policies.len()) {
        return Err(ServiceError::NotFound);
    }
    let inputs = inputs(set, &Selection::Policies(policies));
    let operation = OperationType::BackupSetCapture;
    let ensured = runs::ensure_run(db, tenant, operation, &inputs, &Initiator::of(caller)).await?;
    runs::answer(caller, db, ensured).await
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
    selection: &Selection,
) -> Result<BackupSetId, sqlx::Error> {
    sqlx::query_scalar(
        "insert into backup_sets (tenant_id, name, origin, user_id)
         values ($1, $2 || to_char(now() at time zone 'utc', ', YYYY-MM-DD HH24:MI \"UTC\"'), 'manual', $3)
         returning id",
    )
    .bind(tenant)
    .bind(selection.words())
    .bind(caller.user_id)
    .fetch_one(tx)
    .await
}
