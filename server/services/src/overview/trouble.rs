//! What needs someone: operations whose last ended run did not succeed, by who must act.

use chrono::{DateTime, Utc};
use domain::{
    Actor, FailureCode, FailureSummary, OperationType, RunId,
    views::overview::{Attention, Trouble, Troubled},
};
use sqlx::{FromRow, types::Json};

use crate::{Caller, Db, ServiceError};

#[derive(FromRow)]
struct Record {
    run: RunId,
    tenant_name: String,
    operation_type: String,
    failure_summary: Option<Json<FailureSummary>>,
    ended_at: DateTime<Utc>,
}

/// A later success of the same operation on the same tenant settles a failure by itself.
pub(super) async fn attention(caller: &Caller, db: &Db) -> Result<Vec<Attention>, ServiceError> {
    let found: Vec<Record> = sqlx::query_as(
        "select last.id as run, t.name as tenant_name, o.type as operation_type, last.failure_summary,
                last.completed_at as ended_at
         from tenants t
         cross join unnest($2::text[]) as o (type)
         cross join lateral (
             select r.id, r.outcome, r.failure_summary, r.completed_at from operation_runs r
             where r.tenant_id = t.id and r.type = o.type and r.status = 'completed'
             order by r.created_at desc limit 1
         ) as last
         where t.id = any($1) and last.outcome <> 'succeeded'
         order by last.completed_at desc, last.id desc",
    )
    .bind(caller.tenant_ids())
    .bind(OperationType::ALL.map(|operation| operation.as_str()))
    .fetch_all(&db.pool)
    .await?;
    Ok(by_actor(found))
}

fn by_actor(found: Vec<Record>) -> Vec<Attention> {
    let mut troubles: Vec<Trouble> = Vec::new();
    for record in found {
        let summary = record.failure_summary.map(|summary| summary.0);
        for (code, count) in counted(&summary.unwrap_or_default()) {
            let troubled = Troubled {
                run: record.run,
                tenant_name: record.tenant_name.clone(),
                operation_type: record.operation_type.clone(),
                count,
                ended_at: record.ended_at,
            };
            match troubles.iter_mut().find(|one| one.code == code) {
                Some(known) => known.runs.push(troubled),
                None => troubles.push(Trouble {
                    code,
                    runs: vec![troubled],
                }),
            }
        }
    }
    troubles.sort_by_key(|one| std::cmp::Reverse(one.runs.len()));
    let mut attention: Vec<Attention> = Vec::new();
    for actor in [
        Actor::TenantAdmin,
        Actor::AppOwner,
        Actor::Us,
        Actor::Microsoft,
    ] {
        let (his, others): (Vec<_>, Vec<_>) = troubles
            .into_iter()
            .partition(|one| one.code.actor() == actor);
        troubles = others;
        if !his.is_empty() {
            attention.push(Attention {
                actor,
                troubles: his,
            });
        }
    }
    attention
}

/// Each code once. The rest that did not fit into a summary says nothing of its own; a failure without any group is ours.
fn counted(summary: &FailureSummary) -> Vec<(FailureCode, u32)> {
    let mut codes: Vec<(FailureCode, u32)> = Vec::new();
    for group in summary.groups() {
        match codes.iter_mut().find(|(code, _)| *code == group.code) {
            Some((_, count)) => *count = count.saturating_add(group.count),
            None => codes.push((group.code, group.count)),
        }
    }
    codes.retain(|(code, _)| *code != FailureCode::Truncated);
    if codes.is_empty() {
        codes.push((FailureCode::InternalError, 1));
    }
    codes
}
