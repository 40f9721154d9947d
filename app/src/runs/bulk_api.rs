//! Server functions of several selected runs: what an action would do, doing it, and what it did.

use domain::{
    RunId,
    views::run_batches::{BulkPreview, BulkReport, RunSet},
};
use leptos::prelude::*;

use super::filters::RunFilters;
use crate::error::AppError;

/// The exact set that an action would be done with.
#[server(prefix = "/api", endpoint = "preview_bulk")]
pub async fn preview_bulk(
    #[server(default)] action: String,
    #[server(default)] runs: Vec<String>,
) -> Result<BulkPreview, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let action = action
        .parse()
        .map_err(|error| crate::error::answer_with(AppError::invalid("action", error)))?;
    let set = services::runs::set_of(&caller, &db, &ids(&runs)?).await?;
    Ok(services::runs::preview(&caller, action, set))
}

/// The same for everything that the filters match at this moment, with the filters in words.
#[server(prefix = "/api", endpoint = "preview_everything")]
pub async fn preview_everything(
    #[server(default)] action: String,
    #[server(default)] filters: RunFilters,
) -> Result<(BulkPreview, Vec<String>), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let action = action
        .parse()
        .map_err(|error| crate::error::answer_with(AppError::invalid("action", error)))?;
    let (set, words) = everything(&caller, &db, &filters).await?;
    Ok((services::runs::preview(&caller, action, set), words))
}

/// The exact set that a file would hold.
#[server(prefix = "/api", endpoint = "export_set")]
pub async fn export_set(#[server(default)] runs: Vec<String>) -> Result<RunSet, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::runs::set_of(&caller, &db, &ids(&runs)?).await?)
}

/// The newest of everything that the filters match at this moment, with the filters in words.
#[server(prefix = "/api", endpoint = "export_everything")]
pub async fn export_everything(
    #[server(default)] filters: RunFilters,
) -> Result<(RunSet, Vec<String>), AppError> {
    let (caller, db) = crate::asking::asked()?;
    everything(&caller, &db, &filters).await
}

#[cfg(feature = "ssr")]
fn ids(runs: &[String]) -> Result<Vec<RunId>, AppError> {
    let runs = runs.iter();
    runs.map(|run| crate::asking::id(run, "runs")).collect()
}

#[cfg(feature = "ssr")]
async fn everything(
    caller: &services::Caller,
    db: &services::Db,
    filters: &RunFilters,
) -> Result<(RunSet, Vec<String>), AppError> {
    let query = filters.to_query().map_err(crate::error::answer_with)?;
    let set = services::runs::set_of_everything(caller, db, &query).await?;
    let tenants = services::tenants::names(caller, db).await?;
    let people = services::runs::initiators(caller, db).await?;
    let chips = filters.chips(&tenants, &people).into_iter();
    Ok((set, chips.map(|chip| chip.words).collect()))
}

/// Does the action with each of these runs and goes to the page that says what became of them.
///
/// # Errors
/// `NotFound` if the caller sees none of the runs; `Invalid` for none or too many, or an unknown action.
#[server(prefix = "/api", endpoint = "bulk_runs")]
pub async fn bulk_runs(
    #[server(default)] batch: String,
    #[server(default)] action: String,
    #[server(default)] runs: Vec<RunId>,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let action = action
        .parse()
        .map_err(|error| crate::error::answer_with(AppError::invalid("action", error)))?;
    let batch = crate::asking::id(&batch, "batch")?;
    services::runs::do_batch(&caller, &db, batch, action, &runs).await?;
    leptos_axum::redirect(&format!("/runs/bulk/{batch}"));
    Ok(())
}

/// Begins nothing more of an action of the caller's that is being done, and goes to the page that says what became of it.
///
/// # Errors
/// `NotFound` for an action that is not the caller's.
#[server(prefix = "/api", endpoint = "stop_bulk_runs")]
pub async fn stop_bulk_runs(#[server(default)] batch: String) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let batch = crate::asking::id(&batch, "batch")?;
    services::runs::stop(&caller, &db, batch).await?;
    leptos_axum::redirect(&format!("/runs/bulk/{batch}"));
    Ok(())
}

/// What an action of the reader's did.
#[server(name = ReadBulkReport, prefix = "/api", endpoint = "bulk_report")]
pub async fn bulk_report(batch: String) -> Result<BulkReport, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let batch = batch
        .parse()
        .map_err(|_| crate::error::answer_with(AppError::NotFound))?;
    Ok(services::runs::report(&caller, &db, batch).await?)
}
