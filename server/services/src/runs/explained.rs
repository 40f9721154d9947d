//! For tests: how the database would answer the list's own statements.

use domain::views::{run_batches::MOST_SELECTED, runs::RunQuery};
use serde_json::Value;
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

/// How many runs are looked at for a page of the list, as the database counted while it read it.
pub async fn rows_read(caller: &Caller, db: &Db, query: &RunQuery) -> Result<i64, ServiceError> {
    let matching = as_far_as_searched(caller, db, query).await?;
    let mut page = QueryBuilder::new("explain (analyze, format json) ");
    let part = Part::of_page(query.cursor, PAGE as i64 + 1);
    push_select(&mut page, &matching, part);
    let plan: Value = page
        .build_query_scalar()
        .persistent(false)
        .fetch_one(&db.pool)
        .await?;
    Ok(runs_in(&plan[0]["Plan"]))
}

fn runs_in(plan: &Value) -> i64 {
    let number = |name: &str| plan[name].as_i64().unwrap_or_default();
    let here = match plan["Relation Name"].as_str() {
        // What a filter removes was read too.
        Some("operation_runs") => {
            (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops")
        }
        _ => 0,
    };
    let below = plan["Plans"].as_array().into_iter().flatten();
    here + below.map(runs_in).sum::<i64>()
}
