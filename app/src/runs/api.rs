//! Server functions of runs: starting one, listing them, showing one.

use domain::{
    TenantId,
    views::{
        run_list::RunInitiator,
        runs::{RunDetail, StartAnswer},
    },
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

/// One page of the runs that match, newest first, with how many there are in each state.
///
/// With `seen`, the page begins at that place of the list and newer runs are only counted, so that nothing moves under
/// the reader.
#[server(prefix = "/api", endpoint = "run_list")]
pub async fn run_list(
    #[server(default)] filters: RunFilters,
    #[server(default)] seen: Option<String>,
) -> Result<RunListing, AppError> {
    use domain::{RunCursor, RunId, RunPosition};

    let (caller, db) = crate::asking::asked()?;
    let mut query = filters.to_query().map_err(crate::error::answer_with)?;
    let seen = seen.filter(|_| query.cursor.is_none());
    let (new_runs, more_new_runs) = match seen.and_then(|seen| seen.parse().ok()) {
        Some(RunCursor::Newer(at)) => {
            query.cursor = Some(RunCursor::Newer(at));
            let new = services::runs::list(&caller, &db, &query).await?;
            // The seen one is the first of the page.
            let id = RunId(at.id.0.saturating_add(1));
            query.cursor = Some(RunCursor::Older(RunPosition { id, ..at }));
            (new.rows.len(), new.newer.is_some())
        }
        _ => (0, false),
    };
    let begins_at_seen = new_runs > 0 || (query.cursor.is_some() && filters.cursor.is_none());
    let mut page = services::runs::list(&caller, &db, &query).await?;
    let counts = services::runs::counts(&caller, &db, &query, &page).await?;
    if begins_at_seen {
        page.newer = None;
    }
    Ok(RunListing {
        page,
        counts,
        new_runs,
        more_new_runs,
    })
}

/// People who have started runs that the reader may see.
#[server(prefix = "/api", endpoint = "run_initiators")]
pub async fn run_initiators() -> Result<Vec<RunInitiator>, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::runs::initiators(&caller, &db).await?)
}

/// Everything on one run's page.
#[server(name = ReadRunDetail, prefix = "/api", endpoint = "run_detail")]
pub async fn run_detail(run: String) -> Result<RunDetail, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let run = crate::asking::id(&run, "run")?;
    Ok(services::runs::detail(&caller, &db, run).await?)
}
