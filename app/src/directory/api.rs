//! Server function of the directory cache.

use domain::views::directory::GroupsPage;
use leptos::prelude::*;

use crate::error::AppError;

/// One page of a tenant's cached groups, by name. `text` is part of the name.
#[server(prefix = "/api", endpoint = "group_list")]
pub async fn group_list(
    tenant: String,
    #[server(default)] text: Option<String>,
    #[server(default)] cursor: Option<String>,
) -> Result<GroupsPage, AppError> {
    use domain::views::directory::GroupQuery;

    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::directory::list(&caller, &db, tenant, &GroupQuery { text, cursor }).await?)
}
