//! One action for several selected runs: what it would do, doing it, and what became of each.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use chrono::{DateTime, Utc};
use domain::{
    RunId,
    views::{
        run_batches::{
            BulkAction, BulkItem, BulkPreview, BulkReport, BulkResult, Everything, MOST_SELECTED,
            RunSet, obstacle,
        },
        runs::{RunQuery, RunRow},
    },
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    follow::follow,
    list::{newest, these},
    repeat::{retry_failed, run_again},
};
use crate::{Caller, Db, ServiceError};

/// The longest that an answer waits for all of it to be done.
const PATIENCE: Duration = Duration::from_secs(5);

/// The exact set that these runs are, as far as the caller sees them.
///
/// # Errors
/// `Invalid` for none or more than [`MOST_SELECTED`].
pub async fn set_of(caller: &Caller, db: &Db, runs: &[RunId]) -> Result<RunSet, ServiceError> {
    let chosen = chosen(runs)?;
    let found = these(caller, db, &chosen).await?;
    let seen: BTreeSet<RunId> = found.iter().map(|run| run.id).collect();
    let unknown = chosen.into_iter().filter(|run| !seen.contains(run));
    Ok(RunSet {
        runs: found,
        unknown: unknown.collect(),
        everything: None,
        as_of: db.now().await?,
    })
}

/// The set of everything that matches at this moment: at most [`MOST_SELECTED`], the newest.
///
/// # Errors
/// `NotFound` for a tenant that the caller does not see; `Invalid` for a search that takes too long.
pub async fn set_of_everything(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
) -> Result<RunSet, ServiceError> {
    let (horizon, mut runs) = newest(caller, db, query, MOST_SELECTED + 1).await?;
    let more = runs.len() > MOST_SELECTED;
    runs.truncate(MOST_SELECTED);
    Ok(RunSet {
        runs: these(caller, db, &runs).await?,
        unknown: Vec::new(),
        everything: Some(Everything {
            more,
            searched_since: horizon.since,
            cut_off: horizon.cut_off,
        }),
        as_of: db.now().await?,
    })
}

/// What of a set `action` would be done with, and what it can't be done with and why.
pub fn preview(caller: &Caller, action: BulkAction, set: RunSet) -> BulkPreview {
    let mut possible = Vec::new();
    let mut impossible = Vec::new();
    for run in set.runs {
        match obstacle(action, &run, caller.may_start_again(&run)) {
            None => possible.push(run),
            Some(why) => impossible.push((run, why)),
        }
    }
    BulkPreview {
        action,
        batch: Uuid::new_v4().to_string(),
        possible,
        impossible,
        unknown: set.unknown,
        everything: set.everything,
        as_of: set.as_of,
    }
}

/// Does `action` with each of these runs and notes what became of it. The same batch again does what was not done yet.
///
/// What was confirmed is done even if whoever asked goes away in the middle. What takes long goes on after the answer,
/// while [`report`] tells how far it is.
pub async fn do_batch(
    caller: &Caller,
    db: &Db,
    batch: Uuid,
    action: BulkAction,
    runs: &[RunId],
) -> Result<(), ServiceError> {
    let found = these(caller, db, &chosen(runs)?).await?;
    if found.is_empty() {
        return Err(ServiceError::NotFound);
    }
    note_set(caller, db, batch, action, &found).await?;
    let (caller, db) = (caller.clone(), db.clone());
    let doing = tokio::spawn(async move {
        let done = do_what_is_open(&caller, &db, batch, action).await;
        if let Err(error) = &done {
            tracing::error!(%batch, %error, "an action with several runs was cut short");
        }
        done
    });
    match tokio::time::timeout(PATIENCE, doing).await {
        Ok(done) => {
            done.map_err(|error| ServiceError::Internal(format!("batch {batch}: {error}")))?
        }
        Err(_) => Ok(()),
    }
}

async fn do_what_is_open(
    caller: &Caller,
    db: &Db,
    batch: Uuid,
    action: BulkAction,
) -> Result<(), ServiceError> {
    let open: Vec<RunId> = sqlx::query_scalar(
        "select i.run_id from run_batch_items i join run_batches b on b.id = i.batch_id
         where b.id = $1 and b.user_id = $2 and b.action = $3 and i.result = 'not_done'",
    )
    .bind(batch)
    .bind(caller.user_id)
    .bind(action.as_str())
    .fetch_all(&db.pool)
    .await?;
    for run in these(caller, db, &open).await? {
        if !take(db, batch, run.id).await? {
            continue;
        }
        let done = match obstacle(action, &run, caller.may_start_again(&run)) {
            Some(why) => Ok(Done::refused(why.sentence())),
            None => match action {
                BulkAction::Again | BulkAction::Retry => {
                    start(caller, db, action, &run, batch).await
                }
                BulkAction::Follow => follow(caller, db, run.id).await.map(|()| Done::FOLLOWING),
            },
        };
        let done = match done {
            Ok(done) => done,
            Err(ServiceError::NotFound) => Done::refused("It is not there any more."),
            Err(ServiceError::Forbidden(why) | ServiceError::Invalid(why)) => Done::refused(&why),
            Err(error) => return Err(error),
        };
        note_result(db, batch, run.id, done).await?;
    }
    // A page that watches it hears of the end, whatever was done.
    sqlx::query("select pg_notify('tenantatlas_changed', json_build_object('user', $1)::text)")
        .bind(caller.user_id.0)
        .execute(&db.pool)
        .await?;
    Ok(())
}

/// Begins nothing more of an action of the caller's. What was begun already is not undone; [`do_batch`] goes on with the rest.
///
/// # Errors
/// `NotFound` for an action that is not the caller's.
pub async fn stop(caller: &Caller, db: &Db, batch: Uuid) -> Result<(), ServiceError> {
    let stopped = sqlx::query(
        "update run_batches set stopped_at = coalesce(stopped_at, now()) where id = $1 and user_id = $2",
    )
    .bind(batch)
    .bind(caller.user_id)
    .execute(&db.pool)
    .await?;
    match stopped.rows_affected() {
        0 => Err(ServiceError::NotFound),
        _ => Ok(()),
    }
}

/// What an action of the caller's did.
pub async fn report(caller: &Caller, db: &Db, batch: Uuid) -> Result<BulkReport, ServiceError> {
    let head: Option<(String, DateTime<Utc>, bool)> = sqlx::query_as(
        "select b.action, b.created_at, b.stopped_at is null and exists (
             select from run_batch_items i
             where i.batch_id = b.id and i.taken_at > now() - interval '10 seconds'
         )
         from run_batches b where b.id = $1 and b.user_id = $2",
    )
    .bind(batch)
    .bind(caller.user_id)
    .fetch_optional(&db.pool)
    .await?;
    let (action, done_at, lately) = head.ok_or(ServiceError::NotFound)?;
    let noted: Vec<Noted> = sqlx::query_as(
        "select run_id, result, answer_run_id, reason from run_batch_items where batch_id = $1 order by run_id",
    )
    .bind(batch)
    .fetch_all(&db.pool)
    .await?;
    let wanted: Vec<RunId> = noted
        .iter()
        .flat_map(|noted| [Some(noted.run_id), noted.answer_run_id])
        .flatten()
        .collect();
    let rows = these(caller, db, &wanted).await?;
    let rows: HashMap<RunId, RunRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let items = noted.into_iter().filter_map(|noted| noted.item(&rows));
    let items: Vec<_> = items.collect();
    let open = items.iter().any(|item| item.result == BulkResult::NotDone);
    Ok(BulkReport {
        action: action
            .parse()
            .map_err(|_| ServiceError::Internal(format!("unknown action {action}")))?,
        items,
        under_way: lately && open,
        done_at,
        as_of: db.now().await?,
    })
}

fn chosen(runs: &[RunId]) -> Result<Vec<RunId>, ServiceError> {
    let chosen: BTreeSet<RunId> = runs.iter().copied().collect();
    match chosen.len() {
        0 => Err(ServiceError::Invalid("runs: none is chosen".into())),
        count if count > MOST_SELECTED => Err(ServiceError::Invalid(format!(
            "runs: at most {MOST_SELECTED} can be chosen at once; these are {count}"
        ))),
        _ => Ok(chosen.into_iter().collect()),
    }
}

/// Whether this run of the batch is ours to do. What somebody took and did not end in a minute was cut short.
async fn take(db: &Db, batch: Uuid, run: RunId) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query(
        "update run_batch_items set taken_at = now()
         where batch_id = $1 and run_id = $2 and result = 'not_done'
           and (taken_at is null or taken_at < now() - interval '1 minute')
           and exists (select from run_batches where id = $1 and stopped_at is null)",
    )
    .bind(batch)
    .bind(run)
    .execute(&db.pool)
    .await?;
    Ok(taken.rows_affected() == 1)
}

async fn start(
    caller: &Caller,
    db: &Db,
    action: BulkAction,
    run: &RunRow,
    batch: Uuid,
) -> Result<Done, ServiceError> {
    // Whoever was cut short may have started it without noting so.
    let started: Option<RunId> = sqlx::query_scalar(
        "select id from operation_runs where batch_id = $1 and repeats_run_id = $2",
    )
    .bind(batch)
    .bind(run.id)
    .fetch_optional(&db.pool)
    .await?;
    if started.is_some() {
        return Ok(Done {
            result: "started",
            answer: started,
            reason: None,
        });
    }
    let answer = match action == BulkAction::Retry && run.items_to_retry() > 0 {
        true => retry_failed(caller, db, run.id, Some(batch)).await?,
        false => run_again(caller, db, run.id, Some(batch)).await?,
    };
    let result = match answer.created {
        true => "started",
        false => "already_active",
    };
    Ok(Done {
        result,
        answer: Some(answer.run.id),
        reason: None,
    })
}

/// What became of one run, as it is stored.
struct Done {
    result: &'static str,
    answer: Option<RunId>,
    reason: Option<String>,
}

impl Done {
    const FOLLOWING: Self = Self {
        result: "following",
        answer: None,
        reason: None,
    };

    fn refused(why: &str) -> Self {
        Self {
            result: "refused",
            answer: None,
            reason: Some(why.to_owned()),
        }
    }
}

/// Writes down the exact set before anything is done with it. The set of a batch that is known already stays as it is.
async fn note_set(
    caller: &Caller,
    db: &Db,
    batch: Uuid,
    action: BulkAction,
    runs: &[RunRow],
) -> Result<(), ServiceError> {
    let mut tx = db.pool.begin().await?;
    sqlx::query("update run_batches set stopped_at = null where id = $1 and user_id = $2")
        .bind(batch)
        .bind(caller.user_id)
        .execute(&mut *tx)
        .await?;
    let is_new = sqlx::query(
        "insert into run_batches (id, user_id, action) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(batch)
    .bind(caller.user_id)
    .bind(action.as_str())
    .execute(&mut *tx)
    .await?
    .rows_affected()
        == 1;
    if is_new {
        let runs: Vec<RunId> = runs.iter().map(|run| run.id).collect();
        sqlx::query(
            "insert into run_batch_items (batch_id, run_id) select $1, unnest($2::bigint[])",
        )
        .bind(batch)
        .bind(runs)
        .execute(&mut *tx)
        .await?;
    }
    Ok(tx.commit().await?)
}

async fn note_result(db: &Db, batch: Uuid, run: RunId, done: Done) -> Result<(), ServiceError> {
    sqlx::query(
        "update run_batch_items set result = $3, answer_run_id = $4, reason = $5
         where batch_id = $1 and run_id = $2",
    )
    .bind(batch)
    .bind(run)
    .bind(done.result)
    .bind(done.answer)
    .bind(done.reason)
    .execute(&db.pool)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Noted {
    run_id: RunId,
    result: String,
    answer_run_id: Option<RunId>,
    reason: Option<String>,
}

impl Noted {
    /// None for a run that the reader does not see any more.
    fn item(self, rows: &HashMap<RunId, RunRow>) -> Option<BulkItem> {
        let run = rows.get(&self.run_id)?.clone();
        let answer = self.answer_run_id.and_then(|run| rows.get(&run)).cloned();
        let result = match (self.result.as_str(), answer) {
            ("started", Some(run)) => BulkResult::Started(Box::new(run)),
            ("already_active", Some(run)) => BulkResult::AlreadyActive(Box::new(run)),
            ("following", _) => BulkResult::Following,
            ("refused", _) => BulkResult::Refused(self.reason.unwrap_or_default()),
            _ => BulkResult::NotDone,
        };
        Some(BulkItem { run, result })
    }
}
