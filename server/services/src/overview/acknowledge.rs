//! Saying that somebody looks after a failure, so that what nobody has looked at stands out; and taking that back.

use std::collections::BTreeSet;

use domain::{
    AcknowledgementId, AuditAction, FailureCode, FailureSummary, OperationType, RunId, TenantId,
    sanitize, views::overview::LONGEST_NOTE,
};
use sqlx::{FromRow, types::Json};

use super::trouble::counted;
use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
};

/// A failure that somebody looked at: one code, in one run.
#[derive(FromRow)]
struct Seen {
    run: RunId,
    tenant_id: TenantId,
    operation_type: String,
    outcome: String,
    failure_summary: Option<Json<FailureSummary>>,
}

impl Seen {
    fn failed_by(&self, code: FailureCode) -> bool {
        let summary = self.failure_summary.as_ref().map(|summary| &summary.0);
        let none = FailureSummary::default();
        let codes = counted(summary.unwrap_or(&none));
        !["pending", "succeeded"].contains(&self.outcome.as_str())
            && codes.iter().any(|(one, _)| *one == code)
    }
}

/// Acknowledges a way to fail for the operations and tenants of these runs. Answers for how many: those that have
/// succeeded since or that somebody looks after already are left as they are.
///
/// # Errors
/// `NotFound` if the caller does not see one of the runs, `Forbidden` if they may not start its operation, `Invalid` for
/// a run that did not fail that way, and for a note that is too long or holds what can't be shown.
pub async fn acknowledge(
    caller: &Caller,
    db: &Db,
    code: FailureCode,
    runs: &[RunId],
    note: &str,
) -> Result<usize, ServiceError> {
    let seen = seen(caller, db, runs).await?;
    let event = |one: &Seen, note: Option<&str>| {
        event(
            AuditAction::TroubleAcknowledge,
            (one.tenant_id, &one.operation_type, one.run),
            code.happened(),
            note,
        )
    };
    for one in &seen {
        let right = may_act(caller, one.tenant_id, &one.operation_type);
        audit::allowed(caller, db, event(one, None), right).await?;
    }
    if let Some(other) = seen.iter().find(|one| !one.failed_by(code)) {
        let run = other.run;
        let why = format!("runs: run {run} did not fail with {code}");
        return Err(ServiceError::Invalid(why));
    }
    let note = usable_note(note)?;

    let tenants: BTreeSet<i64> = seen.iter().map(|one| one.tenant_id.0).collect();
    let tenants: Vec<i64> = tenants.into_iter().collect();
    let runs: Vec<i64> = seen.iter().map(|one| one.run.0).collect();
    let mut tx = db.pool.begin().await?;
    // A run ends under its tenant's lock too. So a success either is seen here, or comes after the commit and resolves
    // what is added here. Always in the same order, or two people could wait for each other.
    sqlx::query("select from tenants where id = any($1) order by id for no key update")
        .bind(&tenants)
        .execute(&mut *tx)
        .await?;
    let added: Vec<RunId> = sqlx::query_scalar(
        "insert into trouble_acknowledgements (tenant_id, type, code, run_id, user_id, user_name, note)
         select distinct on (r.tenant_id, r.type) r.tenant_id, r.type, $3, r.id, $4, $5, $6
         from operation_runs r
         where r.id = any($1) and r.tenant_id = any($2) and not exists (
             select from operation_runs good
             where good.tenant_id = r.tenant_id and good.type = r.type and good.outcome = 'succeeded' and not good.dry_run
                 and good.created_at > r.created_at
         )
         order by r.tenant_id, r.type, r.created_at desc
         on conflict (tenant_id, type, code) where ended_at is null do nothing
         returning run_id",
    )
    .bind(&runs)
    .bind(&tenants)
    .bind(code.as_str())
    .bind(caller.user_id)
    .bind(&caller.name)
    .bind(&note)
    .fetch_all(&mut *tx)
    .await?;
    for one in seen.iter().filter(|one| added.contains(&one.run)) {
        audit::done(&mut tx, caller, event(one, note.as_deref())).await?;
    }
    tx.commit().await?;
    Ok(added.len())
}

/// Lets a failure need someone again. One that is not acknowledged any more is left as it is.
///
/// # Errors
/// `NotFound` for an acknowledgement that the caller does not see, `Forbidden` as for [`acknowledge`].
pub async fn take_back(
    caller: &Caller,
    db: &Db,
    acknowledgement: AcknowledgementId,
) -> Result<(), ServiceError> {
    let known: Option<(TenantId, String, RunId, String)> = sqlx::query_as(
        "select tenant_id, type, run_id, code from trouble_acknowledgements where id = $1 and tenant_id = any($2)",
    )
    .bind(acknowledgement)
    .bind(caller.tenant_ids())
    .fetch_optional(&db.pool)
    .await?;
    let (tenant, operation_type, run, code) = known.ok_or(ServiceError::NotFound)?;
    let happened = code
        .parse()
        .map_or(code.as_str(), |known: FailureCode| known.happened());
    let event = event(
        AuditAction::TroubleTakeBack,
        (tenant, &operation_type, run),
        happened,
        None,
    );
    let right = may_act(caller, tenant, &operation_type);
    audit::allowed(caller, db, event.clone(), right).await?;
    let mut tx = db.pool.begin().await?;
    // Of two at once, or of this and a success, the second finds it ended.
    let done = sqlx::query(
        "update trouble_acknowledgements
         set ended_at = now(), taken_back_by_id = $3, taken_back_by_name = $4
         where id = $1 and tenant_id = $2 and ended_at is null",
    )
    .bind(acknowledgement)
    .bind(tenant)
    .bind(caller.user_id)
    .bind(&caller.name)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 1 {
        audit::done(&mut tx, caller, event).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Each of the runs once.
async fn seen(caller: &Caller, db: &Db, runs: &[RunId]) -> Result<Vec<Seen>, ServiceError> {
    let runs: BTreeSet<i64> = runs.iter().map(|run| run.0).collect();
    let runs: Vec<i64> = runs.into_iter().collect();
    if runs.is_empty() {
        return Err(ServiceError::Invalid(
            "runs: none is named whose failure is to be acknowledged".into(),
        ));
    }
    let seen: Vec<Seen> = sqlx::query_as(
        "select id as run, tenant_id, type as operation_type, outcome, failure_summary
         from operation_runs where id = any($1) and tenant_id = any($2)",
    )
    .bind(&runs)
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    match seen.len() == runs.len() {
        true => Ok(seen),
        false => Err(ServiceError::NotFound),
    }
}

/// Whoever may start an operation on a tenant looks after it there.
fn may_act(caller: &Caller, tenant: TenantId, operation_type: &str) -> Result<(), ServiceError> {
    let operation: OperationType = operation_type.parse().map_err(|_| {
        ServiceError::Invalid("This version does not know the operation of this run.".into())
    })?;
    caller.may_start(tenant, operation)
}

fn event(
    action: AuditAction,
    (tenant, operation_type, run): (TenantId, &str, RunId),
    happened: &str,
    note: Option<&str>,
) -> Event {
    let operation = domain::views::runs::operation_label(operation_type);
    let words = match note {
        Some(note) => format!("{operation}: {happened}. {note}"),
        None => format!("{operation}: {happened}"),
    };
    Event::new(action).on(tenant).about("run", run.0, words)
}

/// None for an empty one. Secrets and addresses are not kept.
fn usable_note(note: &str) -> Result<Option<String>, ServiceError> {
    let note = note.trim();
    let refused = |why: String| Err(ServiceError::Invalid(format!("note: {why}")));
    if note.chars().count() > LONGEST_NOTE {
        return refused(format!("it is longer than {LONGEST_NOTE} characters"));
    }
    if note.chars().any(char::is_control) {
        return refused("it holds a character that can't be shown, such as a line break".into());
    }
    Ok(Some(sanitize::message(note)).filter(|note| !note.is_empty()))
}
