//! Server function of the queues' page.

use domain::views::queues::QueuesPage;
use leptos::prelude::*;

use crate::error::AppError;

/// The queue's depth, its workers, and the tenants that wait.
#[server(name = ReadQueues, prefix = "/api", endpoint = "queues")]
pub async fn queues() -> Result<QueuesPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::queues::queues(&caller, &db).await?)
}
