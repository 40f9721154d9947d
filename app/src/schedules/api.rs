//! Server functions of schedules.

use domain::{
    ScheduleId, TenantId,
    views::{runs::StartAnswer, schedules::SchedulesPage},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// A tenant's schedules.
#[server(prefix = "/api", endpoint = "schedule_list")]
pub async fn schedule_list(tenant: String) -> Result<SchedulesPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::schedules::list(&caller, &db, tenant).await?)
}

/// A schedule as its form sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduleForm {
    pub name: String,
    /// `hour`, `day`, `week` or `cron`.
    pub every: String,
    /// `HH:MM`.
    pub at: String,
    /// 0 (Sunday) to 6.
    pub weekday: String,
    pub cron: String,
    pub time_zone: String,
    pub keep: String,
    pub kinds: Vec<String>,
}

/// Makes a schedule.
///
/// # Errors
/// `Invalid`, naming the field that can't be used.
#[server(prefix = "/api", endpoint = "create_schedule")]
pub async fn create_schedule(tenant_id: TenantId, schedule: ScheduleForm) -> Result<(), AppError> {
    use services::schedules::{self, NewSchedule};

    let (caller, db) = crate::asking::asked()?;
    let ScheduleForm {
        name,
        every,
        at,
        weekday,
        cron,
        time_zone,
        keep,
        kinds,
    } = schedule;
    let keep = keep.trim().parse().map_err(|_| {
        crate::error::answer_with(AppError::invalid("keep", "a number from 1 to 1000"))
    })?;
    let new = NewSchedule {
        name,
        cron: schedules::cron_of(&every, &at, &weekday, &cron)?,
        time_zone: time_zone.trim().to_owned(),
        kinds,
        keep,
    };
    schedules::create(&caller, &db, tenant_id, new).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/schedules"));
    Ok(())
}

/// Starts a schedule beside its times.
#[server(prefix = "/api", endpoint = "run_schedule")]
pub async fn run_schedule(
    tenant_id: TenantId,
    schedule_id: ScheduleId,
) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let answer = services::schedules::run_now(&caller, &db, tenant_id, schedule_id).await?;
    let word = if answer.created {
        "created"
    } else {
        "existing"
    };
    leptos_axum::redirect(&format!(
        "/tenants/{tenant_id}/schedules?run={}&answer={word}",
        answer.run.id
    ));
    Ok(answer)
}

/// Pauses a schedule, or lets it go on.
#[server(prefix = "/api", endpoint = "enable_schedule")]
pub async fn enable_schedule(
    tenant_id: TenantId,
    schedule_id: ScheduleId,
    enabled: bool,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::schedules::set_enabled(&caller, &db, tenant_id, schedule_id, enabled).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/schedules"));
    Ok(())
}

/// Deletes a schedule; its backups stay.
#[server(prefix = "/api", endpoint = "delete_schedule")]
pub async fn delete_schedule(tenant_id: TenantId, schedule_id: ScheduleId) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::schedules::delete(&caller, &db, tenant_id, schedule_id).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/schedules"));
    Ok(())
}
