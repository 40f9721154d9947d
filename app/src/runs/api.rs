//! Server functions of runs: starting one, listing them, showing one.

use domain::{
    RunId, TenantId,
    views::runs::{RunDetail, StartAnswer},
};
use leptos::prelude::*;

use super::{filters::RunFilters, runs_page::RunListing};
use crate::error::AppError;

/// Asks for a run and goes to the tenant's page, which shows the answer with the link to the run.
///
/// # Errors
/// `NotFound` for a tenant that the caller does not see, `NotAllowed` without the right to start this operation,
/// `Invalid` for an operation or inputs that are not known.
#[server(prefix = "/api", endpoint = "start_operation")]
pub async fn start_operation(
    tenant_id: TenantId,
    operation_type: String,
    #[server(default)] kinds: Option<Vec<String>>,
) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let operation = operation_type
        .parse()
        .map_err(|error| crate::error::answer_with(AppError::invalid("operation_type", error)))?;
    let mut inputs = domain::Inputs::new();
    // The same kinds in another order are the same work.
    let mut kinds = kinds.unwrap_or_default();
    kinds.sort_unstable();
    kinds.dedup();
    if !kinds.is_empty() {
        inputs.insert("kinds".to_owned(), kinds.into());
    }
    let answer = services::runs::start(&caller, &db, tenant_id, operation, inputs).await?;
    let path = format!("/tenants/{tenant_id}");
    Ok(crate::asking::answer_at(&path, answer))
}

/// One page of the runs that match, newest first.
///
/// With `seen`, the page begins at that run and newer ones are only counted, so that nothing moves under the reader.
#[server(prefix = "/api", endpoint = "run_list")]
pub async fn run_list(
    #[server(default)] filters: RunFilters,
    #[server(default)] seen: Option<RunId>,
) -> Result<RunListing, AppError> {
    use domain::RunCursor;

    let (caller, db) = crate::asking::asked()?;
    let mut query = filters.to_query().map_err(crate::error::answer_with)?;
    let Some(seen) = seen.filter(|_| query.cursor.is_none()) else {
        let page = services::runs::list(&caller, &db, &query).await?;
        return Ok(RunListing {
            page,
            new_runs: 0,
            more_new_runs: false,
        });
    };
    query.cursor = Some(RunCursor::Newer(seen));
    let new = services::runs::list(&caller, &db, &query).await?;
    query.cursor = Some(RunCursor::Older(RunId(seen.0.saturating_add(1))));
    let mut page = services::runs::list(&caller, &db, &query).await?;
    page.newer = None;
    Ok(RunListing {
        page,
        new_runs: new.rows.len(),
        more_new_runs: new.newer.is_some(),
    })
}

/// Everything on one run's page.
#[server(name = ReadRunDetail, prefix = "/api", endpoint = "run_detail")]
pub async fn run_detail(run: String) -> Result<RunDetail, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let run = crate::asking::id(&run, "run")?;
    Ok(services::runs::detail(&caller, &db, run).await?)
}
