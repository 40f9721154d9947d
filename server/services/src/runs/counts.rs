//! How many runs of a list are in which state. Nothing is counted beyond some hundred, so a number costs little.

use chrono::NaiveDate;
use domain::views::{
    run_list::{COUNTED_AT_MOST, COUNTED_STATES, CappedCount, StateCount},
    runs::{RunPage, RunQuery, RunRow},
};
use sqlx::{Postgres, QueryBuilder, Row, postgres::PgRow};

use super::{
    list::{as_far_as_searched, list, was_cut_off},
    matching::{Matching, Part},
};
use crate::{Caller, Db, ServiceError};

const ONE_MORE: i64 = COUNTED_AT_MOST as i64 + 1;
/// Counts are worth less waiting than the list itself.
const PATIENCE: &str = "set local statement_timeout = 700";

/// One page of the list, and the counts beside it in whichever state the query asks for; none if counting took too long.
pub async fn list_with_counts(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
) -> Result<(RunPage, Option<Vec<StateCount>>), ServiceError> {
    // How far back a text is counted is known once it was searched.
    if query.text.is_none() {
        return tokio::try_join!(
            list(caller, db, query),
            of_each_state(caller, db, query, None)
        );
    }
    let page = list(caller, db, query).await?;
    let is_everything = query.cursor.is_none() && page.older.is_none();
    let counts = match is_everything && query.status.is_none() && query.outcome.is_none() {
        true => Some(counted(&page.rows)),
        false => of_each_state(caller, db, query, page.searched_since).await?,
    };
    Ok((page, counts))
}

async fn of_each_state(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
    searched_since: Option<NaiveDate>,
) -> Result<Option<Vec<StateCount>>, ServiceError> {
    let matching = Matching::of(caller, db, query).await?;
    let matching = matching.since(searched_since.or(query.from));
    let mut sql = QueryBuilder::new("");
    push_counts(&mut sql, &matching);
    let Some(row) = patiently(db, sql).await? else {
        return Ok(None);
    };
    let count = |(index, (status, outcome))| {
        let runs = capped(row.try_get(index)?);
        Ok(StateCount {
            status,
            outcome,
            runs,
        })
    };
    let counts: Result<_, sqlx::Error> =
        COUNTED_STATES.into_iter().enumerate().map(count).collect();
    Ok(Some(counts?))
}

/// A select of one row: the count of each state.
pub(super) fn push_counts(sql: &mut QueryBuilder<Postgres>, matching: &Matching) {
    sql.push("select ");
    for (index, (status, outcome)) in COUNTED_STATES.into_iter().enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        sql.push("(select count(*) from (");
        matching.push(sql, Part::AnyOf(status, outcome, ONE_MORE));
        sql.push(") as counted)");
    }
}

/// How many runs match, whichever page is asked for; none if counting took too long.
pub async fn how_many(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
) -> Result<Option<CappedCount>, ServiceError> {
    let matching = as_far_as_searched(caller, db, query).await?;
    let mut sql = QueryBuilder::new("select count(*) from (");
    matching.push(&mut sql, Part::Any(ONE_MORE));
    sql.push(") as counted");
    let row = patiently(db, sql).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.map(capped))
}

fn capped(runs: i64) -> CappedCount {
    CappedCount(u32::try_from(runs).unwrap_or(COUNTED_AT_MOST + 1))
}

fn counted(rows: &[RunRow]) -> Vec<StateCount> {
    let count = |(status, outcome)| {
        let is_it = |run: &&RunRow| (run.state.status(), run.state.outcome()) == (status, outcome);
        let runs = rows.iter().filter(is_it).count();
        StateCount {
            status,
            outcome,
            runs: capped(i64::try_from(runs).unwrap_or(ONE_MORE)),
        }
    };
    COUNTED_STATES.into_iter().map(count).collect()
}

async fn patiently(
    db: &Db,
    mut sql: QueryBuilder<Postgres>,
) -> Result<Option<PgRow>, ServiceError> {
    let mut tx = db.pool.begin().await?;
    sqlx::query(PATIENCE).execute(&mut *tx).await?;
    match sql.build().persistent(false).fetch_one(&mut *tx).await {
        Err(error) if was_cut_off(&error) => Ok(None),
        row => Ok(Some(row?)),
    }
}
