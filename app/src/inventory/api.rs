//! Server functions of the inventory: listing policies, and exporting and deleting those that are chosen.

use domain::{
    PolicyId, TenantId,
    views::{
        inventory::{ChosenPolicies, InventoryPage},
        runs::StartAnswer,
    },
};
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

/// The chosen policies, by name, for a look before they are deleted.
#[server(prefix = "/api", endpoint = "look_at_chosen")]
pub async fn look_at_chosen(
    tenant: String,
    #[server(default)] policies: Vec<String>,
) -> Result<ChosenPolicies, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let policies = policies
        .iter()
        .map(|policy| crate::asking::id(policy, "policies"))
        .collect::<Result<_, _>>()?;
    Ok(services::inventory::chosen(&caller, &db, tenant, policies).await?)
}

/// Exports chosen policies and goes to the inventory, which shows the answer.
///
/// # Errors
/// `NotFound` for a policy that is not this tenant's, `NotAllowed` without the right, `Invalid` if none is chosen.
#[server(prefix = "/api", endpoint = "export_policies")]
pub async fn export_policies(
    tenant_id: TenantId,
    // A form without a tick sends none.
    #[server(default)] policies: Vec<PolicyId>,
) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let answer = services::backups::export(&caller, &db, tenant_id, policies).await?;
    let path = format!("/tenants/{tenant_id}/inventory");
    Ok(crate::asking::answer_at(&path, answer))
}

/// Deletes chosen policies, after a backup of them, and goes to the inventory, which shows the answer.
///
/// # Errors
/// As [`export_policies`]; `Invalid` too if `confirmation` is not the tenant's name.
#[server(prefix = "/api", endpoint = "delete_policies")]
pub async fn delete_policies(
    tenant_id: TenantId,
    #[server(default)] policies: Vec<PolicyId>,
    #[server(default)] confirmation: String,
) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let answer =
        services::backups::delete(&caller, &db, tenant_id, policies, &confirmation).await?;
    let path = format!("/tenants/{tenant_id}/inventory");
    Ok(crate::asking::answer_at(&path, answer))
}
