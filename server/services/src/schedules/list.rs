//! A tenant's schedules by name.

use chrono::{DateTime, Utc};
use domain::{
    OperationType, RunId, ScheduleId, TenantId,
    views::{
        backups::KindChoice,
        schedules::{ScheduleRow, SchedulesPage},
    },
};
use graph::PolicyKind;
use sqlx::FromRow;

use crate::{Caller, Db, ServiceError, backups::tenant_name, inventory::kind_label};

#[derive(FromRow)]
struct Record {
    id: ScheduleId,
    name: String,
    cron: String,
    time_zone: String,
    kinds: Vec<String>,
    keep: i32,
    enabled: bool,
    next_due_at: Option<DateTime<Utc>>,
    last_run: Option<RunId>,
    last_outcome: Option<String>,
    sets: i64,
}

pub async fn list(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
) -> Result<SchedulesPage, ServiceError> {
    caller.role_on(tenant)?;
    let found: Vec<Record> = sqlx::query_as(
        "select s.id, s.name, s.cron, s.time_zone, s.kinds, s.keep, s.enabled, s.next_due_at,
                o.id as last_run, case o.outcome when 'pending' then o.status else o.outcome end as last_outcome,
                (select count(*) from backup_sets b where b.schedule_id = s.id) as sets
         from backup_schedules s
         left join lateral (
             select r.id, r.outcome, r.status from backup_schedule_starts d join operation_runs r on r.id = d.run_id
             where d.schedule_id = s.id order by d.due_at desc limit 1
         ) o on true
         where s.tenant_id = $1 order by lower(s.name), s.id limit 500",
    )
    .bind(tenant)
    .fetch_all(&db.pool)
    .await?;
    Ok(SchedulesPage {
        tenant_name: tenant_name(db, tenant).await?,
        rows: found.into_iter().map(into_row).collect(),
        kinds: PolicyKind::all()
            .iter()
            .map(|kind| KindChoice {
                key: kind.key.to_owned(),
                label: kind.label.to_owned(),
            })
            .collect(),
        may_start: caller
            .may_start(tenant, OperationType::BackupScheduleRun)
            .is_ok(),
        as_of: db.now().await?,
    })
}

fn into_row(record: Record) -> ScheduleRow {
    ScheduleRow {
        id: record.id,
        name: record.name,
        cron: record.cron,
        time_zone: record.time_zone,
        kinds: record
            .kinds
            .iter()
            .map(|key| kind_label(key).to_owned())
            .collect(),
        keep: record.keep,
        enabled: record.enabled,
        next_due_at: record.next_due_at,
        last_run: record.last_run,
        last_outcome: record.last_outcome,
        sets: record.sets,
    }
}
