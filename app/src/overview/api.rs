//! Server functions of the overview, and of what it expects.

use domain::{OperationType, TenantId, views::overview::Overview};
use leptos::prelude::*;

use crate::error::AppError;

/// Everything on the overview.
#[server(name = ReadOverview, prefix = "/api", endpoint = "overview")]
pub async fn overview() -> Result<Overview, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::overview::overview(&caller, &db).await?)
}

/// How old, in hours, the last good run of each operation may be on a tenant; none where nobody said so.
#[server(name = ReadExpectations, prefix = "/api", endpoint = "expectations")]
pub async fn expectations(tenant: String) -> Result<Vec<(OperationType, Option<i32>)>, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::overview::expectations(&caller, &db, tenant).await?)
}

/// Says how often an operation is expected on a tenant, and goes back to its page.
///
/// # Errors
/// `NotAllowed` without the right to start the operation, `Invalid` for hours that are no number between 1 and 8,784.
#[server(prefix = "/api", endpoint = "expect_runs")]
pub async fn expect_runs(
    tenant_id: TenantId,
    operation_type: String,
    #[server(default)] hours: String,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let refused = |why: AppError| crate::error::answer_with(why);
    let operation = operation_type
        .parse()
        .map_err(|error| refused(AppError::invalid("operation_type", error)))?;
    let hours = match hours.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            let why = format!("“{}” is no number of hours", crate::asking::shortened(text));
            refused(AppError::invalid("hours", why))
        })?),
    };
    services::overview::expect(&caller, &db, tenant_id, operation, hours).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}"));
    Ok(())
}
