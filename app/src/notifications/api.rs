//! Server functions of notifications and of the frame that counts them.

use domain::{
    RunId, SavedViewId,
    views::notifications::{FrameSummary, NotificationsPage},
};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use crate::error::AppError;

/// The run whose page stands at this path; opening it reads its notifications.
pub fn run_being_read(path: &str) -> Option<RunId> {
    path.strip_prefix("/runs/")?.parse().ok()
}

/// The same for a batch of runs that one action started.
pub fn batch_being_read(path: &str) -> Option<String> {
    path.strip_prefix("/runs/bulk/").map(str::to_owned)
}

/// The saved view that the list of runs shows: opening it reads what was told of it in one line.
pub fn view_being_read(path: &str, query: &ParamsMap) -> Option<SavedViewId> {
    let named = (path == "/runs").then(|| query.get("view"))?;
    named?.parse().ok()
}

/// What the frame shows; nothing for someone who is not signed in. Marks as read what is being read before it counts.
#[server(prefix = "/api", endpoint = "frame")]
pub async fn frame(
    #[server(default)] run: Option<RunId>,
    #[server(default)] batch: Option<String>,
    #[server(default)] view: Option<SavedViewId>,
) -> Result<Option<FrameSummary>, AppError> {
    if crate::asking::caller().is_none() {
        return Ok(None);
    }
    let (caller, db) = crate::asking::asked()?;
    if let Some(run) = run {
        services::notifications::mark_run_read(&caller, &db, run).await?;
    }
    if let Some(batch) = batch {
        services::notifications::mark_batch_read(&caller, &db, &batch).await?;
    }
    if let Some(view) = view {
        services::notifications::mark_view_read(&caller, &db, view).await?;
    }
    Ok(Some(services::notifications::frame(&caller, &db).await?))
}

/// One page of the reader's notifications, newest first.
#[server(prefix = "/api", endpoint = "notification_list")]
pub async fn notification_list(
    #[server(default)] cursor: Option<String>,
) -> Result<NotificationsPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::notifications::list(&caller, &db, cursor.as_deref()).await?)
}

/// Marks the reader's notifications about one run as read.
#[server(prefix = "/api", endpoint = "mark_run_read")]
pub async fn mark_run_read(run: RunId) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::notifications::mark_run_read(&caller, &db, run).await?)
}

/// Marks one line of the list as read, a run's, a whole batch's or one that several share, and goes back to the page of the list that it stood on.
#[server(prefix = "/api", endpoint = "mark_line_read")]
pub async fn mark_line_read(
    run: RunId,
    #[server(default)] batch: Option<String>,
    #[server(default)] digest: Option<String>,
    #[server(default)] cursor: Option<String>,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    match (batch, digest) {
        (Some(batch), _) => services::notifications::mark_batch_read(&caller, &db, &batch).await?,
        (None, Some(digest)) => {
            services::notifications::mark_digest_read(&caller, &db, &digest).await?;
        }
        (None, None) => services::notifications::mark_run_read(&caller, &db, run).await?,
    }
    let page = crate::ui::address::with_query("/notifications", &[("cursor", cursor)]);
    leptos_axum::redirect(&page);
    Ok(())
}

/// Marks all of the reader's notifications as read.
#[server(prefix = "/api", endpoint = "mark_all_read")]
pub async fn mark_all_read() -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::notifications::mark_all_read(&caller, &db).await?;
    leptos_axum::redirect("/notifications");
    Ok(())
}
