//! Tenants by operations: each operation's latest run, and how old the last good one is.

use chrono::{DateTime, Utc};
use domain::{
    RunId, Status, TenantId,
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
    at: Option<DateTime<Utc>>,
    ended_id: Option<RunId>,
    ended_outcome: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    good_before_at: Option<DateTime<Utc>>,
}

pub(super) async fn tenants(
    caller: &Caller,
    db: &Db,
    as_of: DateTime<Utc>,
) -> Result<Vec<TenantLine>, ServiceError> {
    let found = sqlx::query_as(
        // Three looks into an index for each cell, however many runs there are.
        "select t.id as tenant_id, t.name, o.type as operation_type, latest.id, latest.status, latest.outcome,
                coalesce(latest.completed_at, latest.created_at) as at,
                ended.id as ended_id, ended.outcome as ended_outcome, ended.completed_at as ended_at,
                good.completed_at as good_before_at
         from tenants t
         cross join unnest($2::text[]) with ordinality as o (type, place)
         left join lateral (
             select r.id, r.status, r.outcome, r.completed_at, r.created_at from operation_runs r
             where r.tenant_id = t.id and r.type = o.type and not r.dry_run order by r.created_at desc limit 1
         ) as latest on true
         left join lateral (
             select r.id, r.outcome, r.completed_at from operation_runs r
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
    let run = |id, status: &str, outcome: &str, at| match (status.parse(), outcome.parse()) {
        (Ok(status), Ok(outcome)) => Ok(LatestRun {
            id,
            status,
            outcome,
            at,
        }),
        _ => Err(ServiceError::Internal(format!(
            "run {id} is stored as {status}, {outcome}"
        ))),
    };
    let latest = match (record.id, record.status, record.outcome, record.at) {
        (Some(id), Some(status), Some(outcome), Some(at)) => Some(run(id, &status, &outcome, at)?),
        _ => None,
    };
    let last_ended = match (record.ended_id, record.ended_outcome, record.ended_at) {
        (Some(id), Some(outcome), Some(at)) => {
            Some(run(id, Status::Completed.as_str(), &outcome, at)?)
        }
        _ => None,
    };
    let mut cell = Cell {
        latest,
        last_ended,
        good_before_at: record.good_before_at,
        expected_hours: of.map(|of| of.hours),
        overdue: false,
    };
    cell.overdue = of.is_some_and(|of| of.is_overdue(cell.last_good_at(), as_of));
    Ok(cell)
}
