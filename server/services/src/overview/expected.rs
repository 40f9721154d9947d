//! How often an operation is expected on a tenant: by its schedules, or because somebody said so.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{AuditAction, OperationType, TenantId, views::overview::ExpectedEvery};
use sqlx::FromRow;

use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
    schedules::Cadence,
};

/// What a scheduled run may take before it counts as missed.
const GRACE: TimeDelta = TimeDelta::hours(1);

/// What is done again and again without a schedule that says how often.
const EXPECTABLE: [OperationType; 4] = [
    OperationType::InventorySync,
    OperationType::DirectoryGroupsSync,
    OperationType::TenantVerify,
    OperationType::BackupSetCapture,
];

/// How often one operation is expected on one tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expectation {
    pub hours: i64,
    by: By,
}

/// What makes an operation overdue.
#[derive(Debug, Clone, Copy)]
enum By {
    /// The age of its last good run; without any, how long it has been expected.
    Age { since: DateTime<Utc> },
    /// A due time of its schedule that passed without a good run.
    Schedule { missed: bool },
}

impl Expectation {
    pub fn is_overdue(&self, last_good_at: Option<DateTime<Utc>>, as_of: DateTime<Utc>) -> bool {
        match self.by {
            By::Age { since } => {
                as_of - last_good_at.unwrap_or(since) > TimeDelta::hours(self.hours)
            }
            By::Schedule { missed } => missed,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Expected(HashMap<(TenantId, String), Expectation>);

impl Expected {
    pub fn of(&self, tenant: TenantId, operation_type: &str) -> Option<&Expectation> {
        self.0.get(&(tenant, operation_type.to_owned()))
    }
}

#[derive(FromRow)]
struct Schedule {
    tenant_id: TenantId,
    cron: String,
    time_zone: String,
    next_due_at: DateTime<Utc>,
    last_due_at: Option<DateTime<Utc>>,
    last_good_due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

pub(super) async fn of_tenants(caller: &Caller, db: &Db) -> Result<Expected, ServiceError> {
    let mut expected = Expected::default();
    let said: Vec<(TenantId, String, i32, DateTime<Utc>)> = sqlx::query_as(
        "select tenant_id, type, within_hours, since from run_expectations where tenant_id = any($1)",
    )
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    for (tenant, operation_type, hours, since) in said {
        let expectation = Expectation {
            hours: i64::from(hours),
            by: By::Age { since },
        };
        expected.0.insert((tenant, operation_type), expectation);
    }
    let schedules: Vec<Schedule> = sqlx::query_as(
        "select s.tenant_id, s.cron, s.time_zone, s.next_due_at, now() as now,
                (select max(b.due_at) from backup_schedule_starts b
                 where b.schedule_id = s.id and b.due_at < now() - make_interval(secs => $2)) as last_due_at,
                (select b.due_at from backup_schedule_starts b join operation_runs r on r.id = b.run_id
                 where b.schedule_id = s.id and r.outcome = 'succeeded'
                 order by b.due_at desc limit 1) as last_good_due_at
         from backup_schedules s where s.tenant_id = any($1) and s.next_due_at is not null",
    )
    .bind(caller.tenant_ids())
    .bind(GRACE.num_seconds() as f64)
    .fetch_all(&db.pool)
    .await?;
    for schedule in schedules {
        let after = Cadence::new(&schedule.cron, &schedule.time_zone)?.next(schedule.next_due_at);
        // One that comes once more and never again is expected on no regular terms.
        let Some(after) = after else { continue };
        let hours = (after - schedule.next_due_at).num_hours().max(1);
        let missed = schedule.next_due_at + GRACE < schedule.now
            || schedule.last_due_at > schedule.last_good_due_at;
        let operation = OperationType::BackupScheduleRun.as_str().to_owned();
        let of = (schedule.tenant_id, operation);
        // Of several schedules the most frequent one tells how often; each of them can be late.
        let (hours, missed) = match expected.0.get(&of) {
            Some(Expectation {
                hours: other,
                by: By::Schedule { missed: late },
            }) => (hours.min(*other), missed || *late),
            _ => (hours, missed),
        };
        let by = By::Schedule { missed };
        expected.0.insert(of, Expectation { hours, by });
    }
    Ok(expected)
}

/// The operations for which somebody may say how often they are expected, with what was said.
pub async fn expectations(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
) -> Result<Vec<ExpectedEvery>, ServiceError> {
    caller.role_on(tenant)?;
    let said: Vec<(String, i32)> =
        sqlx::query_as("select type, within_hours from run_expectations where tenant_id = $1")
            .bind(tenant)
            .fetch_all(&db.pool)
            .await?;
    Ok(EXPECTABLE
        .into_iter()
        .map(|operation| {
            let same = |one: &&(String, i32)| one.0 == operation.as_str();
            ExpectedEvery {
                operation,
                within_hours: said.iter().find(same).map(|(_, hours)| *hours),
                may_change: caller.may_start(tenant, operation).is_ok(),
            }
        })
        .collect())
}

/// Says how old the last good run of an operation may be on a tenant; none for whatever age.
///
/// # Errors
/// `Invalid` for an operation that is not expected on regular terms, and for hours that are not between 1 and 8,784 (a leap year).
pub async fn expect(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    operation: OperationType,
    within_hours: Option<i32>,
) -> Result<(), ServiceError> {
    let event = || {
        let words = match within_hours {
            Some(hours) => format!("{} within {hours} h", operation.label()),
            None => format!("{} at whatever age", operation.label()),
        };
        Event::new(AuditAction::ExpectationSet)
            .on(tenant)
            .about("expectation", None, words)
    };
    let right = caller.may_start(tenant, operation);
    audit::allowed(caller, db, event(), right).await?;
    if !EXPECTABLE.contains(&operation) {
        return Err(ServiceError::Invalid(format!(
            "operation: {} is expected when somebody needs it, or as its schedule says",
            operation.label()
        )));
    }
    let mut tx = db.pool.begin().await?;
    match within_hours {
        None => {
            sqlx::query("delete from run_expectations where tenant_id = $1 and type = $2")
                .bind(tenant)
                .bind(operation.as_str())
                .execute(&mut *tx)
                .await?;
        }
        Some(hours) if !(1..=8784).contains(&hours) => {
            return Err(ServiceError::Invalid(
                "hours: between 1 and 8784, or empty for whatever age".into(),
            ));
        }
        Some(hours) => {
            sqlx::query(
                "insert into run_expectations (tenant_id, type, within_hours) values ($1, $2, $3)
                 on conflict on constraint run_expectations_pkey do update set within_hours = excluded.within_hours",
            )
            .bind(tenant)
            .bind(operation.as_str())
            .bind(hours)
            .execute(&mut *tx)
            .await?;
        }
    }
    audit::done(&mut tx, caller, event()).await?;
    tx.commit().await?;
    Ok(())
}
