//! Server functions of schedules.

use domain::{
    ScheduleId, TenantId,
    views::{runs::StartAnswer, schedules::SchedulesPage},
};
use leptos::prelude::*;

use crate::error::AppError;

/// A tenant's schedules.
#[server(prefix = "/api", endpoint = "schedule_list")]
pub async fn schedule_list(tenant: String) -> Result<SchedulesPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::schedules::list(&caller, &db, tenant).await?)
}

/// Makes a schedule. `every` is `hour`, `day`, `week` or `cron`; `at` is `HH:MM`, `weekday` 0 (Sunday) to 6.
#[server(prefix = "/api", endpoint = "create_schedule")]
pub async fn create_schedule(
    tenant_id: TenantId,
    name: String,
    every: String,
    #[server(default)] at: String,
    #[server(default)] weekday: String,
    #[server(default)] cron: String,
    time_zone: String,
    keep: String,
    #[server(default)] kinds: Option<Vec<String>>,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let keep = keep.trim().parse().map_err(|_| {
        crate::error::answer_with(AppError::invalid("keep", "a number from 1 to 1000"))
    })?;
    let new = services::schedules::NewSchedule {
        name,
        cron: services::schedules::cron_of(&every, &at, &weekday, &cron)?,
        time_zone: time_zone.trim().to_owned(),
        kinds: kinds.unwrap_or_default(),
        keep,
    };
    services::schedules::create(&caller, &db, tenant_id, new).await?;
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
