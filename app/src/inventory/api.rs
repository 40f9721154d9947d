//! Server function of the inventory.

use domain::views::inventory::InventoryPage;
use leptos::prelude::*;

use super::inventory_page::PolicyFilters;
use crate::error::AppError;

/// One page of a tenant's policies, by name.
#[server(prefix = "/api", endpoint = "inventory_list")]
pub async fn inventory_list(
    tenant: String,
    #[server(default)] filters: PolicyFilters,
) -> Result<InventoryPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let query = filters.into_query().map_err(crate::error::answer_with)?;
    Ok(services::inventory::list(&caller, &db, tenant, &query).await?)
}
