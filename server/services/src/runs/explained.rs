//! For tests: how the database would answer the list's own statements.

use domain::views::runs::RunQuery;
use sqlx::QueryBuilder;

use super::{
    counts::push_counts,
    list::{PAGE, as_far_as_searched, push_select},
    matching::Part,
};
use crate::{Caller, Db, ServiceError};

/// The statement and the plan of a page of the list, and of the counts beside it.
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
    let mut plans = Vec::new();
    for mut sql in [page, counts] {
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
