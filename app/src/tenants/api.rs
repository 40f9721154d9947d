//! Server functions of tenants.

use domain::{
    TenantId,
    views::tenants::{TenantDetail, TenantRow},
};
use leptos::prelude::*;

use crate::error::AppError;

/// Every tenant that the reader looks after, by name.
#[server(prefix = "/api", endpoint = "tenant_list")]
pub async fn tenant_list() -> Result<Vec<TenantRow>, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::tenants::list(&caller, &db).await?)
}

/// The same tenants by name alone, for a choice.
#[server(prefix = "/api", endpoint = "tenant_names")]
pub async fn tenant_names() -> Result<Vec<(TenantId, String)>, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::tenants::names(&caller, &db).await?)
}

/// One tenant's page.
#[server(name = ReadTenantDetail, prefix = "/api", endpoint = "tenant_detail")]
pub async fn tenant_detail(tenant: String) -> Result<TenantDetail, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::tenants::detail(&caller, &db, tenant).await?)
}
