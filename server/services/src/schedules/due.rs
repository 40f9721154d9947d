//! Starting what is due: once for each due time, by whichever process comes first.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    BackupSetId, Inputs, OperationType, RunId, ScheduleId, TenantId, views::runs::StartAnswer,
};
use serde_json::{Map, json};
use sqlx::{FromRow, PgTransaction};

use super::Cadence;
use crate::{
    Caller, Db, ServiceError, audit,
    backups::Selection,
    runs::{self, Belongs, Ensured, Initiator, NewRun},
};

/// Schedules started in one go; the rest is taken up at once after it.
const AT_ONCE: i64 = 100;

#[derive(FromRow)]
struct Due {
    id: ScheduleId,
    tenant_id: TenantId,
    name: String,
    cron: String,
    time_zone: String,
    kinds: Vec<String>,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
}

/// Starts every schedule that is due, in this process or never: other processes leave alone what this one has in hand.
///
/// Times that passed while nothing ran (a downtime) are started once, as the last of them. Returns how many were started.
pub async fn start_due(db: &Db) -> Result<usize, ServiceError> {
    let mut started = 0;
    loop {
        let mut tx = db.pool.begin().await?;
        let due: Vec<Due> = sqlx::query_as(
            "select id, tenant_id, name, cron, time_zone, kinds, next_due_at as due_at, now() as now
             from backup_schedules where next_due_at <= now()
             order by next_due_at, id limit $1 for update skip locked",
        )
        .bind(AT_ONCE)
        .fetch_all(&mut *tx)
        .await?;
        if due.is_empty() {
            return Ok(started);
        }
        for one in &due {
            let next = match Cadence::new(&one.cron, &one.time_zone) {
                Ok(cadence) => {
                    let latest = latest_due(&cadence, one.due_at, one.now);
                    let run = start(&mut tx, one, latest, &Initiator::System).await?;
                    started += usize::from(run.is_some());
                    cadence.next(one.now)
                }
                // Checked when it was made, so it takes another version or a hand in the database; no other waits for it.
                Err(why) => {
                    tracing::error!(schedule = one.id.0, %why, "a schedule is turned off: its times can't be read");
                    None
                }
            };
            sqlx::query(
                "update backup_schedules set next_due_at = $2, enabled = $2::timestamptz is not null where id = $1",
            )
            .bind(one.id)
            .bind(next)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
    }
}

/// The last due time that has passed; the first one if they are too many to count.
fn latest_due(cadence: &Cadence, first: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let mut latest = first;
    for _ in 0..10_000 {
        match cadence.next(latest) {
            Some(next) if next <= now => latest = next,
            _ => break,
        }
    }
    latest
}

/// Starts a schedule beside its times. While a run that was started so is active, answers with that one.
pub async fn run_now(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    schedule: ScheduleId,
) -> Result<StartAnswer, ServiceError> {
    audit::may_start(caller, db, tenant, OperationType::BackupScheduleRun).await?;
    let mut tx = db.pool.begin().await?;
    let one: Option<Due> = sqlx::query_as(
        "select id, tenant_id, name, cron, time_zone, kinds, now() as due_at, now() as now
         from backup_schedules where id = $1 and tenant_id = $2 for update",
    )
    .bind(schedule)
    .bind(tenant)
    .fetch_optional(&mut *tx)
    .await?;
    let one = one.ok_or(ServiceError::NotFound)?;
    let active: Option<RunId> = sqlx::query_scalar(
        "select id from operation_runs
         where tenant_id = $1 and type = 'backup_schedule.run' and status in ('queued', 'running')
           and (context #>> '{identity,inputs,schedule_id}')::bigint = $2
         order by id limit 1",
    )
    .bind(tenant)
    .bind(schedule)
    .fetch_optional(&mut *tx)
    .await?;
    let ensured = match active {
        Some(run_id) => Ensured {
            run_id,
            created: false,
        },
        None => {
            let started = start(&mut tx, &one, one.due_at, &Initiator::of(caller)).await?;
            Ensured {
                run_id: started
                    .ok_or_else(|| ServiceError::Internal("this moment is new".into()))?,
                created: true,
            }
        }
    };
    tx.commit().await?;
    runs::answer(caller, db, ensured).await
}

/// None if this due time was started before.
async fn start(
    tx: &mut PgTransaction<'_>,
    one: &Due,
    due_at: DateTime<Utc>,
    initiator: &Initiator,
) -> Result<Option<RunId>, ServiceError> {
    let first = sqlx::query(
        "insert into backup_schedule_starts (schedule_id, due_at) values ($1, $2) on conflict do nothing",
    )
    .bind(one.id)
    .bind(due_at)
    .execute(&mut **tx)
    .await?;
    if first.rows_affected() == 0 {
        return Ok(None);
    }
    let set: BackupSetId = sqlx::query_scalar(
        "insert into backup_sets (tenant_id, name, origin, schedule_id)
         values ($1, $2 || to_char($3::timestamptz at time zone 'utc', ', YYYY-MM-DD HH24:MI \"UTC\"'), 'schedule', $4)
         returning id",
    )
    .bind(one.tenant_id)
    // Room for the time behind it.
    .bind(one.name.chars().take(170).collect::<String>())
    .bind(due_at)
    .bind(one.id)
    .fetch_one(&mut **tx)
    .await?;
    let selection = Selection::of_known_kinds(one.kinds.clone());
    let inputs = Inputs::from_iter([
        ("schedule_id".to_owned(), json!(one.id)),
        (
            "due_at".to_owned(),
            json!(due_at.to_rfc3339_opts(SecondsFormat::Micros, true)),
        ),
    ]);
    let context = Map::from_iter([
        ("backup_set_id".to_owned(), json!(set)),
        ("selection".to_owned(), json!(selection)),
    ]);
    let new = NewRun {
        tenant: one.tenant_id,
        operation: OperationType::BackupScheduleRun,
        inputs: &inputs,
        initiator,
        context,
        belongs: Belongs::default(),
    };
    let run = runs::create_in(tx, &new)
        .await?
        .ok_or_else(|| ServiceError::Internal("a due time has one run".into()))?;
    sqlx::query(
        "update backup_schedule_starts set run_id = $3 where schedule_id = $1 and due_at = $2",
    )
    .bind(one.id)
    .bind(due_at)
    .bind(run)
    .execute(&mut **tx)
    .await?;
    runs::dispatch_in(tx, run).await?;
    Ok(Some(run))
}
