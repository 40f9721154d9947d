//! The runs list: newest first, by cursor, with every filter in one statement.

use chrono::TimeDelta;
use domain::{
    OperationType, RunCursor, RunId,
    views::runs::{RunPage, RunQuery, RunRow},
};

use super::row::{RunRecord, into_rows, select_runs};
use crate::{Caller, Db, ServiceError, name_cursor::contains};

const PAGE: usize = 50;
/// How far back a text is searched unless a first day is given.
const SEARCHED_DAYS: i64 = 30;

/// A select of the runs that match a query, with the given rest of the statement.
macro_rules! matching_runs {
    ($rest:literal) => {
        select_runs!(concat!(
            "where r.tenant_id = any($1)
               and ($2::text is null or r.status = $2)
               and ($3::text is null or r.outcome = $3)
               and ($4::text is null or r.type = $4)
               and ($5::bigint is null or r.user_id = $5)
               and ($7::date is null or r.created_at >= $7::timestamp at time zone 'UTC')
               and ($8::date is null or r.created_at < ($8::date + 1)::timestamp at time zone 'UTC')
               and ($9::text is null or r.type = any($10) or r.id = $11 or lower(t.name) like $9
                    or lower(r.initiator_name) like $9 or lower(r.failure_summary::text) like $9) ",
            $rest
        ))
    };
}

/// One page of the runs that the caller may see.
pub async fn list(caller: &Caller, db: &Db, query: &RunQuery) -> Result<RunPage, ServiceError> {
    if let Some(tenant) = query.tenant {
        caller.role_on(tenant)?;
    }
    let (older_than, newer_than) = match query.cursor {
        Some(RunCursor::Older(run)) => (Some(run), None),
        Some(RunCursor::Newer(run)) => (None, Some(run)),
        None => (None, None),
    };
    let as_of = db.now().await?;
    let text = query.text.as_deref().map(contains).transpose()?;
    // Looking for a text reads every run of its time, so it does not go back for ever unless that is asked for.
    let searched_since = (text.is_some() && query.from.is_none())
        .then(|| as_of.date_naive() - TimeDelta::days(SEARCHED_DAYS));
    let number = query.text.as_deref().and_then(run_number);
    let matching = sqlx::query_as(match newer_than {
        None => matching_runs!("and ($6::bigint is null or r.id < $6) order by r.id desc limit 51"),
        Some(_) => matching_runs!("and r.id > $6 order by r.id limit 51"),
    })
    .bind(match query.tenant {
        Some(tenant) => vec![tenant.0],
        None => caller.tenant_ids(),
    })
    .bind(query.status.map(|status| status.as_str()))
    .bind(query.outcome.map(|outcome| outcome.as_str()))
    .bind(query.operation_type.as_deref())
    .bind(query.mine.then_some(caller.user_id))
    .bind(older_than.or(newer_than))
    .bind(query.from.or(searched_since))
    .bind(query.to)
    .bind(&text)
    .bind(query.text.as_deref().map(operations_named))
    .bind(number);
    let mut found: Vec<RunRecord> = match text {
        None => matching.fetch_all(&db.pool).await?,
        Some(_) => {
            let mut tx = db.pool.begin().await?;
            sqlx::query("set local statement_timeout = 3000")
                .execute(&mut *tx)
                .await?;
            let found = matching.fetch_all(&mut *tx).await;
            found.map_err(|error| match was_cut_off(&error) {
                true => ServiceError::Invalid(
                    "text: that would take too long; narrow it by tenant, operation or days".into(),
                ),
                false => error.into(),
            })?
        }
    };
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    if newer_than.is_some() {
        found.reverse();
    }
    let first = found
        .first()
        .map(|run| RunCursor::Newer(run.id).to_string());
    let last = found.last().map(|run| RunCursor::Older(run.id).to_string());
    Ok(RunPage {
        newer: first.filter(|_| older_than.is_some() || (newer_than.is_some() && more)),
        older: last.filter(|_| newer_than.is_some() || more),
        rows: into_rows(found, caller.user_id)?,
        searched_since,
        as_of,
    })
}

/// "42" or "#42".
fn run_number(text: &str) -> Option<i64> {
    text.trim().trim_start_matches('#').parse().ok()
}

/// Operations whose label holds the text.
fn operations_named(text: &str) -> Vec<String> {
    let wanted = text.trim().to_lowercase();
    OperationType::ALL
        .into_iter()
        .filter(|operation| operation.label().to_lowercase().contains(&wanted))
        .map(|operation| operation.as_str().to_owned())
        .collect()
}

/// Whether the statement took longer than it may.
pub(crate) fn was_cut_off(error: &sqlx::Error) -> bool {
    const QUERY_CANCELED: &str = "57014";
    error
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code == QUERY_CANCELED)
}

/// One run, if the caller may see it.
pub async fn one(caller: &Caller, db: &Db, run: RunId) -> Result<RunRow, ServiceError> {
    let record: Option<RunRecord> =
        sqlx::query_as(select_runs!("where r.id = $1 and r.tenant_id = any($2)"))
            .bind(run)
            .bind(caller.tenant_ids())
            .fetch_optional(&db.pool)
            .await?;
    record
        .ok_or(ServiceError::NotFound)?
        .into_row(Some(caller.user_id))
}

/// The newest runs of one tenant; the caller's right was checked before.
pub(crate) async fn newest_of_tenant(
    caller: &Caller,
    db: &Db,
    tenant: domain::TenantId,
    at_most: i64,
) -> Result<Vec<RunRow>, ServiceError> {
    let found: Vec<RunRecord> = sqlx::query_as(select_runs!(
        "where r.tenant_id = $1 order by r.id desc limit $2"
    ))
    .bind(tenant)
    .bind(at_most)
    .fetch_all(&db.pool)
    .await?;
    into_rows(found, caller.user_id)
}

/// Runs that have not ended, oldest first.
pub(crate) async fn active(
    caller: &Caller,
    db: &Db,
    at_most: i64,
) -> Result<Vec<RunRow>, ServiceError> {
    let found: Vec<RunRecord> = sqlx::query_as(select_runs!(
        "where r.tenant_id = any($1) and r.status in ('queued', 'running') order by r.id limit $2"
    ))
    .bind(caller.tenant_ids())
    .bind(at_most)
    .fetch_all(&db.pool)
    .await?;
    into_rows(found, caller.user_id)
}

/// Those of these runs that the caller may see.
pub(crate) async fn these(
    caller: &Caller,
    db: &Db,
    runs: &[RunId],
) -> Result<Vec<RunRow>, ServiceError> {
    let found: Vec<RunRecord> = sqlx::query_as(select_runs!(
        "where r.id = any($1) and r.tenant_id = any($2) order by r.id"
    ))
    .bind(runs)
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    into_rows(found, caller.user_id)
}
