//! Making, pausing and deleting schedules.

use domain::{AuditAction, OperationType, ScheduleId, TenantId};
use graph::PolicyKind;

use super::Cadence;
use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
};

/// A schedule as a person enters it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSchedule {
    pub name: String,
    pub cron: String,
    /// An IANA name.
    pub time_zone: String,
    /// Keys of policy kinds; none for every kind.
    pub kinds: Vec<String>,
    /// How many sets are kept.
    pub keep: i32,
}

pub async fn create(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    mut new: NewSchedule,
) -> Result<ScheduleId, ServiceError> {
    let action = AuditAction::ScheduleCreate;
    may_keep(caller, db, tenant, action, None).await?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains('\0') {
        return Err(ServiceError::Invalid("name: 1 to 200 characters".into()));
    }
    if !(1..=1000).contains(&new.keep) {
        return Err(ServiceError::Invalid("keep: 1 to 1000 backups".into()));
    }
    new.kinds.sort_unstable();
    new.kinds.dedup();
    if new
        .kinds
        .iter()
        .any(|key| PolicyKind::by_key(key).is_none())
    {
        return Err(ServiceError::Invalid("kinds: not a kind of policy".into()));
    }
    let cadence = Cadence::new(&new.cron, &new.time_zone)?;
    let next = cadence
        .next(db.now().await?)
        .ok_or_else(|| ServiceError::Invalid("cron: there is no such time".into()))?;
    let mut tx = db.pool.begin().await?;
    let id: ScheduleId = sqlx::query_scalar(
        "insert into backup_schedules (tenant_id, name, cron, time_zone, kinds, keep, next_due_at, user_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
    )
    .bind(tenant)
    .bind(name)
    .bind(new.cron.split_whitespace().collect::<Vec<_>>().join(" "))
    .bind(&new.time_zone)
    .bind(&new.kinds)
    .bind(new.keep)
    .bind(next)
    .bind(caller.user_id)
    .fetch_one(&mut *tx)
    .await?;
    audit::done(&mut tx, caller, event(tenant, action, Some(id), name)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Pauses a schedule or lets it go on. Times that passed meanwhile are not made up for.
pub async fn set_enabled(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    schedule: ScheduleId,
    enabled: bool,
) -> Result<(), ServiceError> {
    let action = match enabled {
        true => AuditAction::ScheduleResume,
        false => AuditAction::SchedulePause,
    };
    may_keep(caller, db, tenant, action, Some(schedule)).await?;
    let known: Option<(String, String, String)> = sqlx::query_as(
        "select cron, time_zone, name from backup_schedules where id = $1 and tenant_id = $2",
    )
    .bind(schedule)
    .bind(tenant)
    .fetch_optional(&db.pool)
    .await?;
    let (cron, zone, name) = known.ok_or(ServiceError::NotFound)?;
    let next = Cadence::new(&cron, &zone)?.next(db.now().await?);
    let mut tx = db.pool.begin().await?;
    sqlx::query(
        "update backup_schedules set enabled = $3, next_due_at = case when $3 then $4 end
         where id = $1 and tenant_id = $2",
    )
    .bind(schedule)
    .bind(tenant)
    .bind(enabled)
    .bind(next)
    .execute(&mut *tx)
    .await?;
    let event = event(tenant, action, Some(schedule), &name);
    audit::done(&mut tx, caller, event).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes a schedule; its backups stay.
pub async fn delete(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    schedule: ScheduleId,
) -> Result<(), ServiceError> {
    let action = AuditAction::ScheduleDelete;
    may_keep(caller, db, tenant, action, Some(schedule)).await?;
    let mut tx = db.pool.begin().await?;
    let deleted: Option<String> = sqlx::query_scalar(
        "delete from backup_schedules where id = $1 and tenant_id = $2 returning name",
    )
    .bind(schedule)
    .bind(tenant)
    .fetch_optional(&mut *tx)
    .await?;
    let name = deleted.ok_or(ServiceError::NotFound)?;
    let event = event(tenant, action, Some(schedule), &name);
    audit::done(&mut tx, caller, event).await?;
    tx.commit().await?;
    Ok(())
}

fn event(tenant: TenantId, action: AuditAction, schedule: Option<ScheduleId>, name: &str) -> Event {
    Event::new(action)
        .on(tenant)
        .about("schedule", schedule.map(|schedule| schedule.0), name)
}

/// Who may start what a schedule starts may keep schedules.
async fn may_keep(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    action: AuditAction,
    schedule: Option<ScheduleId>,
) -> Result<(), ServiceError> {
    let right = caller.may_start(tenant, OperationType::BackupScheduleRun);
    let event = event(tenant, action, schedule, "Schedule");
    audit::allowed(caller, db, event, right).await
}
