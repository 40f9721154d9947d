//! For tests: how the database would answer the list's own statements.

use domain::views::{run_batches::MOST_SELECTED, runs::RunQuery};
use sqlx::QueryBuilder;

use super::{
    counts::push_counts,
    list::{PAGE, as_far_as_searched, push_places, push_select},
    matching::Part,
};
use crate::{Caller, Db, ServiceError};

/// The statement and the plan of a page of the list, of the counts beside it, and of everything that can be selected.
pub async fn plans(
    caller: &Caller,
    db: &Db,
    query: &RunQuery,
) -> Result<Vec<(String, String)>, ServiceError> {
    let matching = as_far_as_searched(caller, db, query).await?;
    let mut page = QueryBuilder::new("explain ");
    let part = Part::of_page(query.cursor, PAGE as i64 + 1);
    push_select(&mut page, &matching, part);
    let mut counts = QueryBuilder::new("explain ");
    push_counts(&mut counts, &matching);
    let mut everything = QueryBuilder::new("explain ");
    let newest = Part::Newest(MOST_SELECTED as i64 + 1);
    push_places(&mut everything, &matching, newest);
    let mut plans = Vec::new();
    for mut sql in [page, counts, everything] {
        let plan: Vec<String> = sql
            .build_query_scalar()
            .persistent(false)
            .fetch_all(&db.pool)
            .await?;
        let statement = sql.sql().as_str().to_owned();
        plans.push((statement, plan.join("\n")));
    }
    Ok(plans)
}
