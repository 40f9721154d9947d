//! Tenants by operations: each operation's latest run, and how old the last good one is.

use chrono::{DateTime, Utc};
use domain::{
    RunId, RunState, Status, TenantId,
    views::overview::{COLUMNS, Cell, LatestRun, TenantLine},
};
use sqlx::FromRow;

use super::expected::{self, Expected};
use crate::{Caller, Db, ServiceError};

#[derive(FromRow)]
struct Record {
    tenant_id: TenantId,
    name: String,
    operation_type: String,
    id: Option<RunId>,
    status: Option<String>,
    outcome: Option<String>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    created_at: Option<DateTime<Utc>>,
    ended_id: Option<RunId>,
    ended_outcome: Option<String>,
    ended_started_at: Option<DateTime<Utc>>,
    ended_completed_at: Option<DateTime<Utc>>,
    ended_created_at: Option<DateTime<Utc>>,
    last_good_at: Option<DateTime<Utc>>,
}

pub(super) async fn tenants(
    caller: &Caller,
    db: &Db,
    as_of: DateTime<Utc>,
) -> Result<Vec<TenantLine>, ServiceError> {
    let found = sqlx::query_as(
        // Three looks into an index for each cell, however many runs there are.
        "select t.id as tenant_id, t.name, o.type as operation_type, latest.id, latest.status, latest.outcome,
                latest.started_at, latest.completed_at, latest.created_at,
                ended.id as ended_id, ended.outcome as ended_outcome, ended.started_at as ended_started_at,
                ended.completed_at as ended_completed_at, ended.created_at as ended_created_at,
                case when latest.outcome = 'succeeded' then latest.completed_at else good.completed_at end as last_good_at
         from tenants t
         cross join unnest($2::text[]) with ordinality as o (type, place)
         left join lateral (
             select r.id, r.status, r.outcome, r.started_at, r.completed_at, r.created_at from operation_runs r
             where r.tenant_id = t.id and r.type = o.type and not r.dry_run order by r.created_at desc limit 1
         ) as latest on true
         left join lateral (
             select r.id, r.outcome, r.started_at, r.completed_at, r.created_at from operation_runs r
             where r.tenant_id = t.id and r.type = o.type and not r.dry_run and r.status = 'completed' and latest.status <> 'completed'
             order by r.created_at desc limit 1
         ) as ended on true
         left join lateral (
             select r.completed_at from operation_runs r
             where r.tenant_id = t.id and r.type = o.type and not r.dry_run and r.outcome = 'succeeded' and latest.outcome <> 'succeeded'
             order by r.created_at desc limit 1
         ) as good on true
         where t.id = any($1)
         order by lower(t.name), t.id, o.place",
    )
    .bind(caller.tenant_ids())
    .bind(COLUMNS.map(|operation| operation.as_str()))
    .fetch_all(&db.pool);
    let (found, expected): (Vec<Record>, Expected) =
        tokio::try_join!(async { Ok(found.await?) }, expected::of_tenants(caller, db))?;
    let mut lines: Vec<TenantLine> = Vec::new();
    for record in found {
        if lines
            .last()
            .is_none_or(|line| line.tenant != record.tenant_id)
        {
            lines.push(TenantLine {
                tenant: record.tenant_id,
                name: record.name.clone(),
                cells: Vec::new(),
            });
        }
        let cell = cell(record, &expected, as_of)?;
        if let Some(line) = lines.last_mut() {
            line.cells.push(cell);
        }
    }
    Ok(lines)
}

fn cell(record: Record, expected: &Expected, as_of: DateTime<Utc>) -> Result<Cell, ServiceError> {
    let of = expected.of(record.tenant_id, &record.operation_type);
    let last_good_at = record.last_good_at;
    let run = |id, status: &str, outcome: &str, started, completed, created_at| {
        RunState::from_columns(status, outcome, started, completed)
            .map(|state| LatestRun {
                id,
                state,
                created_at,
            })
            .map_err(|error| ServiceError::Internal(error.to_string()))
    };
    let latest = match (record.id, record.status, record.outcome, record.created_at) {
        (Some(id), Some(status), Some(outcome), Some(created_at)) => {
            let (started, completed) = (record.started_at, record.completed_at);
            Some(run(id, &status, &outcome, started, completed, created_at)?)
        }
        _ => None,
    };
    let last_ended = match (
        record.ended_id,
        record.ended_outcome,
        record.ended_created_at,
    ) {
        (Some(id), Some(outcome), Some(created_at)) => {
            let (started, completed) = (record.ended_started_at, record.ended_completed_at);
            let status = Status::Completed.as_str();
            Some(run(id, status, &outcome, started, completed, created_at)?)
        }
        _ => None,
    };
    Ok(Cell {
        latest,
        last_ended,
        last_good_at,
        expected_hours: of.map(|of| of.hours),
        overdue: of.is_some_and(|of| of.is_overdue(last_good_at, as_of)),
    })
}
