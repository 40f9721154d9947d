//! Making, pausing and deleting schedules.

use domain::{OperationType, Role, ScheduleId, TenantId};
use graph::PolicyKind;

use super::Cadence;
use crate::{Caller, Db, ServiceError};

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
    may_keep(caller, tenant)?;
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
    Ok(sqlx::query_scalar(
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
    .fetch_one(&db.pool)
    .await?)
}

/// Pauses a schedule or lets it go on. Times that passed meanwhile are not made up for.
pub async fn set_enabled(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    schedule: ScheduleId,
    enabled: bool,
) -> Result<(), ServiceError> {
    may_keep(caller, tenant)?;
    let known: Option<(String, String)> = sqlx::query_as(
        "select cron, time_zone from backup_schedules where id = $1 and tenant_id = $2",
    )
    .bind(schedule)
    .bind(tenant)
    .fetch_optional(&db.pool)
    .await?;
    let (cron, zone) = known.ok_or(ServiceError::NotFound)?;
    let next = Cadence::new(&cron, &zone)?.next(db.now().await?);
    sqlx::query(
        "update backup_schedules set enabled = $3, next_due_at = case when $3 then $4 end
         where id = $1 and tenant_id = $2",
    )
    .bind(schedule)
    .bind(tenant)
    .bind(enabled)
    .bind(next)
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// Deletes a schedule; its backups stay.
pub async fn delete(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    schedule: ScheduleId,
) -> Result<(), ServiceError> {
    may_keep(caller, tenant)?;
    let deleted = sqlx::query("delete from backup_schedules where id = $1 and tenant_id = $2")
        .bind(schedule)
        .bind(tenant)
        .execute(&db.pool)
        .await?;
    match deleted.rows_affected() {
        0 => Err(ServiceError::NotFound),
        _ => Ok(()),
    }
}

/// Who may start what a schedule starts may keep schedules.
fn may_keep(caller: &Caller, tenant: TenantId) -> Result<(), ServiceError> {
    let _: Role = caller.role_on(tenant)?;
    caller.may_start(tenant, OperationType::BackupScheduleRun)
}
