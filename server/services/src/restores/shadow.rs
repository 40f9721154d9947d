//! The shadow run of a restore: made at `previewed`, moved with the restore, ended as it ended.

use domain::{
    FailureCode, FailureGroup, FailureSummary, Inputs, OperationType, RestoreId, RestoreStatus,
    RunId, SummaryCounts, TenantId, UserId, sanitize, vocabulary::run_state_of,
};
use serde_json::{Map, Value, json};
use sqlx::{FromRow, PgConnection};

use crate::{
    Db, ServiceError,
    runs::{self, Belongs, Initiator, NewRun},
};

#[derive(FromRow)]
struct Record {
    tenant_id: TenantId,
    user_id: Option<UserId>,
    initiator_name: String,
    status: String,
    execution: i32,
    shadow_run_id: Option<RunId>,
    summary_counts: Option<Value>,
    failure_summary: Option<Value>,
}

/// Brings the shadow of a restore to what the restore says now. Doing so again, late, or from two places changes nothing.
pub async fn mirror(db: &Db, restore: RestoreId) -> Result<(), ServiceError> {
    let mut tx = db.pool.begin().await?;
    mirror_in(&mut tx, restore).await?;
    tx.commit().await?;
    Ok(())
}

/// The same within the caller's transaction; returns the shadow. The restore's row is locked first, so that of two
/// mirrors the later one sees what the earlier one made.
pub(super) async fn mirror_in(
    tx: &mut PgConnection,
    restore: RestoreId,
) -> Result<Option<RunId>, ServiceError> {
    let record: Option<Record> = sqlx::query_as(
        "select tenant_id, user_id, initiator_name, status, execution, shadow_run_id, summary_counts, failure_summary
         from restore_runs where id = $1 for update",
    )
    .bind(restore)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(record) = record else {
        return Ok(None);
    };
    let status: RestoreStatus = record
        .status
        .parse()
        .map_err(|error| ServiceError::Internal(format!("restore {restore}: {error}")))?;
    end_earlier(tx, restore, &record).await?;
    let Some(state) = status.shadow() else {
        if let Some(run) = record.shadow_run_id {
            withdraw(tx, restore, run).await?;
        }
        return Ok(None);
    };
    let run = match record.shadow_run_id {
        Some(run) => run,
        None => {
            let run = create(tx, restore, &record, record.execution).await?;
            note_shadow(tx, restore, Some(run)).await?;
            run
        }
    };
    let (counts, failures) = (
        counts(record.summary_counts),
        failures(record.failure_summary),
    );
    runs::mirror_in(tx, run, state, counts, failures).await?;
    Ok(Some(run))
}

/// Takes back a shadow that has not begun.
pub(super) async fn withdraw(
    tx: &mut PgConnection,
    restore: RestoreId,
    run: RunId,
) -> Result<(), sqlx::Error> {
    note_shadow(tx, restore, None).await?;
    runs::withdraw_in(tx, run).await
}

#[derive(FromRow)]
struct Execution {
    execution: i32,
    status: String,
    shadow_run_id: Option<RunId>,
    summary_counts: Option<Value>,
    failure_summary: Option<Value>,
}

/// Ends the shadows of executions that had ended, and were followed by another, before anybody mirrored them.
async fn end_earlier(
    tx: &mut PgConnection,
    restore: RestoreId,
    record: &Record,
) -> Result<(), ServiceError> {
    let earlier: Vec<Execution> = sqlx::query_as(
        "select execution, status, shadow_run_id, summary_counts, failure_summary
         from restore_executions where restore_run_id = $1 and not mirrored order by execution",
    )
    .bind(restore)
    .fetch_all(&mut *tx)
    .await?;
    for ended in earlier {
        let run = match ended.shadow_run_id {
            Some(run) => run,
            None => create(tx, restore, record, ended.execution).await?,
        };
        if let Some(state) = run_state_of(&ended.status) {
            let (counts, failures) = (
                counts(ended.summary_counts),
                failures(ended.failure_summary),
            );
            runs::mirror_in(tx, run, state, counts, failures).await?;
        }
        sqlx::query(
            "update restore_executions set mirrored = true, shadow_run_id = $3
             where restore_run_id = $1 and execution = $2",
        )
        .bind(restore)
        .bind(ended.execution)
        .bind(run)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

async fn create(
    tx: &mut PgConnection,
    restore: RestoreId,
    record: &Record,
    execution: i32,
) -> Result<RunId, ServiceError> {
    let initiator = match record.user_id {
        Some(id) => Initiator::User {
            id,
            name: record.initiator_name.clone(),
            origin: None,
        },
        None => Initiator::System,
    };
    let inputs = Inputs::from_iter([
        ("restore_run_id".to_owned(), json!(restore)),
        ("execution".to_owned(), json!(execution)),
    ]);
    let context = Map::from_iter([("restore_run_id".to_owned(), json!(restore))]);
    // Only an ended run: one that is queued may be withdrawn again.
    let repeats = sqlx::query_scalar(
        "select e.shadow_run_id from restore_runs r join restore_runs e on e.id = r.repeats_id
             join operation_runs o on o.id = e.shadow_run_id
         where r.id = $1 and o.status = 'completed'",
    )
    .bind(restore)
    .fetch_optional(&mut *tx)
    .await?;
    let new = NewRun {
        tenant: record.tenant_id,
        operation: OperationType::RestoreExecute,
        inputs: &inputs,
        initiator: &initiator,
        context,
        belongs: Belongs {
            repeats,
            batch: None,
        },
    };
    let created = runs::create_in(tx, &new).await?;
    created.ok_or_else(|| {
        ServiceError::Internal(format!(
            "restore {restore} has a shadow that it does not know"
        ))
    })
}

async fn note_shadow(
    tx: &mut PgConnection,
    restore: RestoreId,
    run: Option<RunId>,
) -> Result<(), sqlx::Error> {
    sqlx::query("update restore_runs set shadow_run_id = $2 where id = $1")
        .bind(restore)
        .bind(run)
        .execute(tx)
        .await?;
    Ok(())
}

fn counts(stored: Option<Value>) -> Option<SummaryCounts> {
    serde_json::from_value(stored?).ok()
}

/// The restore's failures; whoever wrote them, a code that is not registered is told as our own failure.
fn failures(stored: Option<Value>) -> FailureSummary {
    let groups = stored
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|group| {
            let known: Option<FailureGroup> = serde_json::from_value(group.clone()).ok();
            known.unwrap_or_else(|| FailureGroup {
                code: FailureCode::InternalError,
                message: group["message"].as_str().unwrap_or_default().to_owned(),
                count: group["count"]
                    .as_u64()
                    .and_then(|count| u32::try_from(count).ok())
                    .unwrap_or(1),
            })
        });
    FailureSummary::default().with(groups.map(sanitize::failure))
}

/// Restores whose shadow does not say what they say, and all that are running: their counts change without a word that
/// can be relied on.
pub(super) async fn behind(db: &Db) -> Result<Vec<RestoreId>, sqlx::Error> {
    sqlx::query_scalar(
        "select r.id from restore_runs r left join operation_runs o on o.id = r.shadow_run_id
         where case
             when r.status in ('draft', 'scoped', 'preview_queued') then r.shadow_run_id is not null
             when r.status in ('previewed', 'queued') then o.id is null
             when r.status = 'running' then true
             else o.id is null or o.status <> 'completed'
         end
         or r.id in (select restore_run_id from restore_executions where not mirrored)
         order by r.id",
    )
    .fetch_all(&db.pool)
    .await
}
