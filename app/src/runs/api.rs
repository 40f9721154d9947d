//! Server functions of runs: starting one, listing them, showing one.

use domain::{
    RunId, TenantId,
    views::{
        handovers::HandedOver,
        run_list::RunInitiator,
        runs::{RunDetail, RunItemsPage, StartAnswer},
    },
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{filter_fields::Choices, typed::Typed};
use super::{filters::RunFilters, runs_page::RunListing};
use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::tenants::api::tenant_names;

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
    // What names no choice is searched for as it stands; the page says why beside it.
    let filters = match meant(&filters).await {
        Err(AppError::Invalid(_)) => filters,
        meant => meant?,
    };
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
    let (mut page, counts) = services::runs::list_with_counts(&caller, &db, &query).await?;
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

/// The filters with those that stand in their text: `tenant:Contoso outcome:failed`.
///
/// # Errors
/// `Invalid`, naming the filter whose value can't be meant, or may mean several.
#[server(prefix = "/api", endpoint = "typed_filters")]
pub async fn typed_filters(#[server(default)] filters: RunFilters) -> Result<RunFilters, AppError> {
    meant(&filters).await.map_err(crate::error::answer_with)
}

#[cfg(feature = "ssr")]
async fn meant(filters: &RunFilters) -> Result<RunFilters, AppError> {
    let Some(typed) = filters.text.as_deref().and_then(Typed::read) else {
        return Ok(filters.clone());
    };
    let choices = Choices {
        tenants: tenant_names().await?,
        people: run_initiators().await?,
    };
    typed.among(filters, &choices)
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

/// Does an ended run's work again as a new, linked run; its page shows the answer.
///
/// # Errors
/// `NotFound` for a run that the caller does not see, `NotAllowed` without the right to start it, `Invalid` for an
/// operation that is confirmed where it starts.
#[server(prefix = "/api", endpoint = "run_again")]
pub async fn run_again(run: RunId) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let answer = services::runs::run_again(&caller, &db, run, None).await?;
    Ok(crate::asking::answer_at(&format!("/runs/{run}"), answer))
}

/// Does again only what failed in an ended run.
///
/// # Errors
/// As [`run_again`]; and `Invalid` if no single item of it failed.
#[server(prefix = "/api", endpoint = "retry_failed_items")]
pub async fn retry_failed_items(run: RunId) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let answer = services::runs::retry_failed(&caller, &db, run, None).await?;
    Ok(crate::asking::answer_at(&format!("/runs/{run}"), answer))
}

/// Tells the caller of the run's end too, or does not any more; goes to the run's page.
///
/// # Errors
/// `NotFound` for a run that the caller does not see, `Invalid` for one that has ended.
#[server(prefix = "/api", endpoint = "follow_run")]
pub async fn follow_run(run: RunId, told: bool) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    match told {
        true => services::runs::follow(&caller, &db, run).await?,
        false => services::runs::unfollow(&caller, &db, run).await?,
    }
    leptos_axum::redirect(&format!("/runs/{run}"));
    Ok(())
}

/// What the items of a run are narrowed to, as it stands in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemFilters {
    /// An item's outcome.
    pub items: Option<String>,
    /// A failure's code.
    pub items_code: Option<String>,
    pub text: Option<String>,
    pub cursor: Option<String>,
}

/// One page of the items behind a run's counts.
#[server(name = ReadRunItems, prefix = "/api", endpoint = "run_items")]
pub async fn run_items(
    run: String,
    #[server(default)] filters: ItemFilters,
) -> Result<RunItemsPage, AppError> {
    use domain::{
        FailureCode,
        views::runs::{ItemOutcome, RunItemQuery},
    };

    let (caller, db) = crate::asking::asked()?;
    let run = crate::asking::id(&run, "run")?;
    let outcome = match filters.items.as_deref() {
        None => None,
        Some(text) => Some(ItemOutcome::parse(text).ok_or_else(|| {
            let may_be = "it is succeeded, failed or skipped";
            crate::error::answer_with(AppError::invalid("items", may_be))
        })?),
    };
    let code = filters
        .items_code
        .as_deref()
        .map(str::parse::<FailureCode>)
        .transpose()
        .map_err(|why| crate::error::answer_with(AppError::invalid("items_code", why)))?;
    let query = RunItemQuery {
        outcome,
        code,
        text: filters.text,
        cursor: filters.cursor,
    };
    Ok(services::runs::items(&caller, &db, run, &query).await?)
}

/// Makes a link that shows a run to whoever has it, and goes there: its address is the link.
///
/// # Errors
/// `NotFound` for a run that the caller does not see, `NotAllowed` for one whose operation they may not start, `Invalid`
/// if the run has too many links already.
#[server(prefix = "/api", endpoint = "hand_over_run")]
pub async fn hand_over_run(run: RunId) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let token = services::runs::hand_over(&caller, &db, run).await?;
    leptos_axum::redirect(&format!("/handover/{token}"));
    Ok(())
}

/// Makes a link show nothing any more.
#[server(prefix = "/api", endpoint = "withdraw_handover")]
pub async fn withdraw_handover(run: RunId, handover: i64) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::runs::withdraw_handover(&caller, &db, run, handover).await?;
    leptos_axum::redirect(&format!("/runs/{run}"));
    Ok(())
}

/// What whoever has the link sees. The one question that needs nobody to be signed in: the token is the right.
///
/// # Errors
/// `NotFound` for a link that never worked, has expired or was withdrawn.
#[server(name = ReadHandedOver, prefix = "/api", endpoint = "handed_over")]
pub async fn handed_over(token: String) -> Result<HandedOver, AppError> {
    let db = crate::asking::database()?;
    let found = services::runs::handed_over(&db, &token).await?;
    found.ok_or_else(|| crate::error::answer_with(AppError::NotFound))
}
