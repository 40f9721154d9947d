//! The runs list: newest first, by cursor. A search that takes too long looks less far back, and says so.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    RunCursor, RunId,
    views::{
        run_list::RunInitiator,
        runs::{RunPage, RunQuery, RunRow},
    },
};
use sqlx::{FromRow, Postgres, QueryBuilder, postgres::PgRow};

use super::{
    matching::{Matching, Part},
    row::{RunRecord, into_rows, select_runs},
};
use crate::{Caller, Db, ServiceError};

pub(super) const PAGE: usize = 50;
/// How far back a text is searched unless a first day is given; and how far after that took too long.
const SEARCHED_DAYS: [i64; 2] = [30, 2];
/// How long each try of a search may take.
const PATIENCE: &str = "set local statement_timeout = 1500";

/// One page of the runs that the caller may see.
pub async fn list(caller: &Caller, db: &Db, query: &RunQuery) -> Result<RunPage, ServiceError> {
    let as_of = db.now().await?;
    let part = Part::of_page(query.cursor, PAGE as i64 + 1);
    let (horizon, mut found): (_, Vec<RunRecord>) =
        found(caller, db, query, (push_select, part), as_of).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let (older_than, newer_than) = match query.cursor {
        Some(RunCursor::Older(_)) => (true, false),
        Some(RunCursor::Newer(_)) => (false, true),
        None => (false, false),
    };
    if newer_than {
        found.reverse();
    }
    let rows = into_rows(found, caller.user_id)?;
    let first = rows.first().map(|run| RunCursor::Newer(run.position()));
    let last = rows.last().map(|run| RunCursor::Older(run.position()));
    let cursor = |place: Option<RunCursor>, is_there: bool| {
        place.filter(|_| is_there).map(|place| place.to_string())
    };
    Ok(RunPage {
        newer: cursor(first, older_than || (newer_than && more)),
        older: cursor(last, newer_than || more),
        rows,
        searched_since: horizon.since,
        cut_off: horizon.cut_off,
        as_of,
    })
}

/// The numbers of the newest that match, and how far back they were looked for.
pub(super) async fn newest(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
    at_most: usize,
) -> Result<(Horizon, Vec<RunId>), ServiceError> {
    let part = Part::Newest(at_most as i64);
    let as_of = db.now().await?;
    let (horizon, found): (_, Vec<(RunId, DateTime<Utc>)>) =
        found(caller, db, query, (push_places, part), as_of).await?;
    Ok((horizon, found.into_iter().map(|(run, _)| run).collect()))
}

/// Those of these runs that match.
pub(crate) async fn among(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
    runs: &[RunId],
) -> Result<Vec<RunId>, ServiceError> {
    let matching = Matching::of(caller, db, query).await?;
    let mut sql = QueryBuilder::new("");
    matching.push_among(&mut sql, runs);
    let found = sql.build_query_scalar().persistent(false);
    Ok(found.fetch_all(&db.pool).await?)
}

/// Writes a statement about a part of what matches.
type Push = fn(&mut QueryBuilder<Postgres>, &Matching, Part);

/// What a statement finds, and how far back it looked for it.
async fn found<T>(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
    (push, part): (Push, Part),
    as_of: DateTime<Utc>,
) -> Result<(Horizon, Vec<T>), ServiceError>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let matching = Matching::of(caller, db, query).await?;
    if query.text.is_some() {
        return search(db, matching, (push, part), query, as_of).await;
    }
    let mut sql = QueryBuilder::new("");
    push(&mut sql, &matching, part);
    // A plan made once for all values would be the wrong one for most.
    let found = sql.build_query_as().persistent(false);
    Ok((Horizon::default(), found.fetch_all(&db.pool).await?))
}

/// A select of the part's runs by number and place, in its order.
pub(super) fn push_places(sql: &mut QueryBuilder<Postgres>, matching: &Matching, part: Part) {
    matching.push(sql, part);
}

/// A select of the part's runs, in its order.
pub(super) fn push_select(sql: &mut QueryBuilder<Postgres>, matching: &Matching, part: Part) {
    sql.push(select_runs!("where r.id in (select id from ("));
    matching.push(sql, part);
    sql.push(") as page)")
        .push(part.order("r.created_at", "r.id"));
}

/// How far back a search looked, where that is not as far as it was asked to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Horizon {
    pub since: Option<NaiveDate>,
    pub cut_off: bool,
}

/// The days from which on a search is tried, each later than the one before.
fn horizons(query: &RunQuery, as_of: DateTime<Utc>) -> Vec<NaiveDate> {
    let today = as_of.date_naive();
    let last = query.to.map_or(today, |to| to.min(today));
    let days = |days| {
        last.checked_sub_signed(TimeDelta::days(days))
            .unwrap_or(last)
    };
    let ours = SEARCHED_DAYS.map(days);
    match query.from {
        Some(from) => [from]
            .into_iter()
            .chain(ours.into_iter().filter(|day| *day > from))
            .collect(),
        None => ours.into(),
    }
}

/// What matches, as far back as a search looks at first.
pub(super) async fn as_far_as_searched(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
) -> Result<Matching, ServiceError> {
    let matching = Matching::of(caller, db, query).await?;
    Ok(match query.text {
        Some(_) => matching.since(horizons(query, db.now().await?).first().copied()),
        None => matching,
    })
}

async fn search<T>(
    db: &Db,
    mut matching: Matching,
    (push, part): (Push, Part),
    query: &RunQuery,
    as_of: DateTime<Utc>,
) -> Result<(Horizon, Vec<T>), ServiceError>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    for (tries, since) in horizons(query, as_of).into_iter().enumerate() {
        matching = matching.since(Some(since));
        let mut tx = db.pool.begin().await?;
        sqlx::query(PATIENCE).execute(&mut *tx).await?;
        let mut sql = QueryBuilder::new("");
        push(&mut sql, &matching, part);
        let found = sql
            .build_query_as()
            .persistent(false)
            .fetch_all(&mut *tx)
            .await;
        match found {
            Err(error) if was_cut_off(&error) => continue,
            found => {
                let horizon = Horizon {
                    since: (query.from != Some(since)).then_some(since),
                    cut_off: tries > 0,
                };
                return Ok((horizon, found?));
            }
        }
    }
    Err(ServiceError::Invalid(
        "text: that would take too long; narrow it by tenant, operation or days".into(),
    ))
}

/// Whether the statement took longer than it may.
pub(crate) fn was_cut_off(error: &sqlx::Error) -> bool {
    const QUERY_CANCELED: &str = "57014";
    error
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code == QUERY_CANCELED)
}

/// People who have started runs that the caller may see, by name.
pub async fn initiators(caller: &Caller, db: &Db) -> Result<Vec<RunInitiator>, ServiceError> {
    let found: Vec<(domain::UserId, String)> = sqlx::query_as(
        "select i.user_id, max(u.name) from run_initiators i join users u on u.id = i.user_id
         where i.tenant_id = any($1) group by i.user_id order by lower(max(u.name)), i.user_id limit 200",
    )
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    let initiator = |(id, name)| RunInitiator { id, name };
    Ok(found.into_iter().map(initiator).collect())
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

/// The newest runs of each of these tenants, newest first; the caller's right was checked before.
pub(crate) async fn newest_of_each(
    caller: &Caller,
    db: &Db,
    tenants: &[i64],
    at_most: i64,
) -> Result<Vec<RunRow>, ServiceError> {
    let found: Vec<RunRecord> = sqlx::query_as(select_runs!(
        "where r.id in (
             select newest.id from unnest($1) as of_tenant (id) cross join lateral (
                 select n.id from operation_runs n where n.tenant_id = of_tenant.id
                 order by n.created_at desc, n.id desc limit $2
             ) as newest
         )
         order by r.created_at desc, r.id desc"
    ))
    .bind(tenants)
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
