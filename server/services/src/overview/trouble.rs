//! What needs someone: operations whose last ended run did not succeed, by who must act, and what people said of it.

use chrono::{DateTime, Utc};
use domain::{
    AcknowledgementId, Actor, FailureCode, FailureSummary, OperationType, RunId, TenantId,
    views::overview::{Attention, Standing, Trouble, Troubled},
};
use sqlx::{FromRow, PgConnection, types::Json};

use crate::{Caller, Db, ServiceError};

/// As many characters of a run's messages as stand beside it, unless the first alone has more.
const SAID: usize = 240;

/// What failed and has not succeeded since.
pub(super) struct Troubles {
    pub attention: Vec<Attention>,
    pub acknowledged: Vec<Trouble>,
}

#[derive(FromRow)]
struct LastWord {
    run: RunId,
    tenant_id: TenantId,
    tenant_name: String,
    operation_type: String,
    failure_summary: Option<Json<FailureSummary>>,
    ended_at: DateTime<Utc>,
}

/// What is known about one way in which a run failed.
#[derive(FromRow)]
struct Known {
    id: Option<AcknowledgementId>,
    by_name: Option<String>,
    acknowledged_at: Option<DateTime<Utc>>,
    note: Option<String>,
    earlier_by_name: Option<String>,
    earlier_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
    resolved_by_run_id: Option<RunId>,
    has_items: bool,
}

/// A later success of the same operation on the same tenant settles a failure by itself.
pub(super) async fn troubles(caller: &Caller, db: &Db) -> Result<Troubles, ServiceError> {
    // Both statements see the same moment, or a run that ends between them would be shown with what was said of another.
    let mut tx = db
        .pool
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    let mut found = Vec::new();
    for last in last_words(&mut tx, caller).await? {
        found.extend(ways_of(caller, last));
    }
    let known = known(&mut tx, &found).await?;
    tx.rollback().await?;
    for ((_, troubled), known) in found.iter_mut().zip(known) {
        troubled.has_items = known.has_items;
        troubled.standing = known.standing();
    }
    let (acknowledged, open): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|(_, one)| matches!(one.standing, Standing::Acknowledged { .. }));
    Ok(Troubles {
        attention: by_actor(by_code(open)),
        acknowledged: by_code(acknowledged),
    })
}

/// Newest first.
async fn last_words(tx: &mut PgConnection, caller: &Caller) -> Result<Vec<LastWord>, ServiceError> {
    let found = sqlx::query_as(
        "select last.id as run, t.id as tenant_id, t.name as tenant_name, o.type as operation_type,
                last.failure_summary, last.completed_at as ended_at
         from tenants t
         cross join unnest($2::text[]) as o (type)
         cross join lateral (
             select r.id, r.outcome, r.failure_summary, r.completed_at from operation_runs r
             where r.tenant_id = t.id and r.type = o.type and r.status = 'completed' and not r.dry_run
             order by r.created_at desc limit 1
         ) as last
         where t.id = any($1) and last.outcome <> 'succeeded'
         order by last.completed_at desc, last.id desc",
    )
    .bind(caller.tenant_ids())
    .bind(OperationType::ALL.map(|operation| operation.as_str()))
    .fetch_all(tx)
    .await?;
    Ok(found)
}

/// Each way in which the run failed that somebody must act on, without what is yet to be looked up.
fn ways_of(caller: &Caller, last: LastWord) -> Vec<(FailureCode, Troubled)> {
    let summary = last.failure_summary.map(|summary| summary.0);
    let summary = summary.unwrap_or_default();
    let operation = last.operation_type.parse();
    let may_acknowledge =
        operation.is_ok_and(|operation| caller.may_start(last.tenant_id, operation).is_ok());
    let may_replace_secret = caller.may_replace_secret(last.tenant_id).is_ok();
    counted(&summary)
        .into_iter()
        .filter(|(code, _)| code.actor() != Actor::Nobody)
        .map(|(code, count)| {
            let troubled = Troubled {
                run: last.run,
                tenant: last.tenant_id,
                tenant_name: last.tenant_name.clone(),
                operation_type: last.operation_type.clone(),
                count,
                has_items: false,
                said: said(&summary, code),
                ended_at: last.ended_at,
                standing: Standing::New,
                may_acknowledge,
                may_replace_secret,
            };
            (code, troubled)
        })
        .collect()
}

/// One for each of `found`, in its order; each by some looks into indexes.
async fn known(
    tx: &mut PgConnection,
    found: &[(FailureCode, Troubled)],
) -> Result<Vec<Known>, ServiceError> {
    let of = |part: fn(&Troubled) -> i64| -> Vec<i64> {
        found.iter().map(|(_, troubled)| part(troubled)).collect()
    };
    let types: Vec<&str> = found
        .iter()
        .map(|(_, one)| one.operation_type.as_str())
        .collect();
    let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    let known = sqlx::query_as(
        "select active.id, active.user_name as by_name, active.acknowledged_at, active.note,
                earlier.user_name as earlier_by_name, earlier.acknowledged_at as earlier_at,
                earlier.ended_at as resolved_at, earlier.resolved_by_run_id,
                exists (
                    select from operation_run_items i
                    where i.run_id = w.run_id and i.code = w.code and i.state = 'failed'
                ) as has_items
         from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) with ordinality
             as w (tenant_id, run_id, type, code, place)
         left join trouble_acknowledgements active
             on active.tenant_id = w.tenant_id and active.type = w.type and active.code = w.code
                 and active.ended_at is null
         left join lateral (
             select a.user_name, a.acknowledged_at, a.ended_at, a.resolved_by_run_id from trouble_acknowledgements a
             where a.tenant_id = w.tenant_id and a.type = w.type and a.code = w.code
                 and a.resolved_by_run_id is not null
             order by a.id desc limit 1
         ) as earlier on true
         order by w.place",
    )
    .bind(of(|one| one.tenant.0))
    .bind(of(|one| one.run.0))
    .bind(types)
    .bind(codes)
    .fetch_all(tx)
    .await?;
    Ok(known)
}

impl Known {
    fn standing(self) -> Standing {
        if let (Some(id), Some(by), Some(at)) = (self.id, self.by_name, self.acknowledged_at) {
            let note = self.note;
            return Standing::Acknowledged { id, by, at, note };
        }
        match (
            self.earlier_by_name,
            self.earlier_at,
            self.resolved_at,
            self.resolved_by_run_id,
        ) {
            (Some(by), Some(acknowledged_at), Some(resolved_at), Some(resolved_by)) => {
                Standing::CameBack {
                    by,
                    acknowledged_at,
                    resolved_at,
                    resolved_by,
                }
            }
            _ => Standing::New,
        }
    }
}

/// What concerns most runs first.
fn by_code(found: Vec<(FailureCode, Troubled)>) -> Vec<Trouble> {
    let mut troubles: Vec<Trouble> = Vec::new();
    for (code, troubled) in found {
        match troubles.iter_mut().find(|one| one.code == code) {
            Some(known) => known.runs.push(troubled),
            None => troubles.push(Trouble {
                code,
                runs: vec![troubled],
            }),
        }
    }
    troubles.sort_by_key(|one| std::cmp::Reverse(one.runs.len()));
    troubles
}

fn by_actor(mut troubles: Vec<Trouble>) -> Vec<Attention> {
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
pub(super) fn counted(summary: &FailureSummary) -> Vec<(FailureCode, u32)> {
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

/// The messages of one code, the most frequent first and as many as fit; none is cut, as its end may be what matters.
fn said(summary: &FailureSummary, code: FailureCode) -> String {
    let messages: Vec<&str> = summary
        .groups()
        .iter()
        .filter(|group| group.code == code)
        .map(|group| group.message.as_str())
        .collect();
    let mut length = 0;
    let fitting = messages.iter().take_while(|message| {
        let is_first = length == 0;
        length += message.chars().count();
        is_first || length <= SAID
    });
    let mut parts: Vec<String> = fitting.map(|message| (*message).to_owned()).collect();
    match messages.len() - parts.len() {
        0 => {}
        more => parts.push(format!("and {more} more")),
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use domain::FailureGroup;

    use super::*;

    #[test]
    fn as_many_messages_of_a_code_stand_beside_a_run_as_fit() {
        let forbidden = |message: &str| FailureGroup::new(FailureCode::Forbidden, message);
        let throttled = FailureGroup::new(FailureCode::Throttled, "Wait");
        let short = FailureSummary::default().with([forbidden("a"), throttled, forbidden("b")]);
        assert_eq!(said(&short, FailureCode::Forbidden), "a · b");
        assert_eq!(said(&short, FailureCode::WorkerLost), "");
        let long = ["x", "y", "z"].map(|letter| forbidden(&letter.repeat(130)));
        let long = said(
            &FailureSummary::default().with(long),
            FailureCode::Forbidden,
        );
        assert_eq!(long, format!("{} · and 2 more", "x".repeat(130)));
    }
}
