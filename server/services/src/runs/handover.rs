//! Handing a run over to somebody outside: a link that shows it without its people, read-only, for a week.

use chrono::{DateTime, Utc};
use domain::{
    AuditAction, FailureSummary, OperationType, RunId, TenantId, UserId,
    views::{
        handovers::{HandedOver, Handover},
        runs::TimelineStep,
    },
};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, types::Json};

use super::{
    list,
    row::{RunRecord, select_runs},
};
use crate::{
    Caller, Db, ServiceError,
    access::{new_token, token_hash},
    audit::{self, Event},
};

const DAYS: i32 = 7;
const MOST: i64 = 20;

/// Makes a link's token. It is told once; only its hash is stored.
///
/// # Errors
/// `NotFound` for a run that the caller does not see, `Forbidden` for one whose operation they may not start, `Invalid`
/// if the run has twenty links already.
pub async fn hand_over(caller: &Caller, db: &Db, run: RunId) -> Result<String, ServiceError> {
    let event = allowed(caller, db, run, AuditAction::RunHandOver).await?;
    let token = new_token();
    let mut tx = db.pool.begin().await?;
    // Two at once would both see room for the last one.
    sqlx::query("select from operation_runs where id = $1 for no key update")
        .bind(run)
        .execute(&mut *tx)
        .await?;
    let links: i64 = sqlx::query_scalar(
        "select count(*) from run_handovers where run_id = $1 and expires_at > now()",
    )
    .bind(run)
    .fetch_one(&mut *tx)
    .await?;
    if links >= MOST {
        return Err(ServiceError::Invalid(format!(
            "This run has {MOST} links already; withdraw one first."
        )));
    }
    sqlx::query(
        "insert into run_handovers (run_id, token_hash, user_id, user_name, expires_at)
         values ($1, $2, $3, $4, now() + make_interval(days => $5))",
    )
    .bind(run)
    .bind(token_hash(&token))
    .bind(caller.user_id)
    .bind(&caller.name)
    .bind(DAYS)
    .execute(&mut *tx)
    .await?;
    audit::done(&mut tx, caller, event).await?;
    tx.commit().await?;
    Ok(token)
}

/// Makes a link show nothing any more. One that is gone already is no error.
pub async fn withdraw_handover(
    caller: &Caller,
    db: &Db,
    run: RunId,
    handover: i64,
) -> Result<(), ServiceError> {
    let event = allowed(caller, db, run, AuditAction::RunHandOverEnd).await?;
    let mut tx = db.pool.begin().await?;
    let withdrawn = sqlx::query("delete from run_handovers where id = $1 and run_id = $2")
        .bind(handover)
        .bind(run)
        .execute(&mut *tx)
        .await?;
    if withdrawn.rows_affected() == 1 {
        audit::done(&mut tx, caller, event).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends all links of a person to runs of a tenant.
pub(crate) async fn withdraw_handovers_of(
    tx: &mut PgConnection,
    tenant: TenantId,
    user: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "delete from run_handovers h using operation_runs r
         where r.id = h.run_id and r.tenant_id = $1 and h.user_id = $2",
    )
    .bind(tenant)
    .bind(user)
    .execute(tx)
    .await?;
    Ok(())
}

/// The event to tell of it; a refusal is told of here.
async fn allowed(
    caller: &Caller,
    db: &Db,
    run: RunId,
    action: AuditAction,
) -> Result<Event, ServiceError> {
    let row = list::one(caller, db, run).await?;
    let operation: OperationType = row.operation_type.parse().map_err(|_| {
        ServiceError::Invalid("This version does not know the operation of this run.".into())
    })?;
    let event = Event::new(action)
        .on(row.tenant_id)
        .about("run", run.0, operation.label());
    let right = caller.may_start(row.tenant_id, operation);
    audit::allowed(caller, db, event.clone(), right).await?;
    Ok(event)
}

/// The links of a run that still work, for its page; the caller's right was checked before.
pub(super) async fn handovers(db: &Db, run: RunId) -> Result<Vec<Handover>, ServiceError> {
    let found: Vec<(i64, String, DateTime<Utc>)> = sqlx::query_as(
        "select id, user_name, expires_at from run_handovers
         where run_id = $1 and expires_at > now() order by id",
    )
    .bind(run)
    .fetch_all(&db.pool)
    .await?;
    Ok(found
        .into_iter()
        .map(|(id, by, expires_at)| Handover { id, by, expires_at })
        .collect())
}

#[derive(FromRow)]
struct Details {
    run_id: RunId,
    directory_id: String,
    failure_summary: Option<Json<FailureSummary>>,
    steps: Json<Vec<TimelineStep>>,
    request_ids: Option<Value>,
    expires_at: DateTime<Utc>,
    as_of: DateTime<Utc>,
}

/// What whoever has the link sees; none if it never worked, has expired or was withdrawn.
pub async fn handed_over(db: &Db, token: &str) -> Result<Option<HandedOver>, ServiceError> {
    let details: Option<Details> = sqlx::query_as(
        "select h.run_id, t.directory_id, r.failure_summary, r.steps, r.context -> 'request_ids' as request_ids,
                h.expires_at, now() as as_of
         from run_handovers h join operation_runs r on r.id = h.run_id join tenants t on t.id = r.tenant_id
         where h.token_hash = $1 and h.expires_at > now()",
    )
    .bind(token_hash(token))
    .fetch_optional(&db.pool)
    .await?;
    let Some(details) = details else {
        return Ok(None);
    };
    let record: RunRecord = sqlx::query_as(select_runs!("where r.id = $1"))
        .bind(details.run_id)
        .fetch_one(&db.pool)
        .await?;
    let run = record.into_row(None)?;
    Ok(Some(HandedOver {
        run_id: run.id,
        operation_type: run.operation_type,
        tenant_name: run.tenant_name,
        directory_id: details.directory_id,
        state: run.state,
        counts: run.counts,
        failures: details
            .failure_summary
            .map(|summary| summary.0.groups().to_vec())
            .unwrap_or_default(),
        steps: details.steps.0,
        request_ids: request_ids(details.request_ids.as_ref()),
        created_at: run.created_at,
        expires_at: details.expires_at,
        as_of: details.as_of,
    }))
}

/// From the `request_ids` of a run's context: pairs of a failure code and a request's id.
pub(super) fn request_ids(stored: Option<&Value>) -> Vec<(String, String)> {
    stored
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(code, id)| Some((code.clone(), id.as_str()?.to_owned())))
        .collect()
}

/// Removes links that have expired.
pub async fn tidy_handovers(db: &Db) -> Result<(), ServiceError> {
    sqlx::query("delete from run_handovers where expires_at < now()")
        .execute(&db.pool)
        .await?;
    Ok(())
}
