//! Server functions of the overview, and of what it expects.

use domain::{
    AcknowledgementId, RunId, TenantId,
    views::overview::{ExpectedEvery, Overview},
};
use leptos::prelude::*;

use crate::error::AppError;

/// Where the overview tells of what needs someone.
#[cfg(feature = "ssr")]
const SECTION: &str = "#attention-title";

/// Everything on the overview.
#[server(name = ReadOverview, prefix = "/api", endpoint = "overview")]
pub async fn overview() -> Result<Overview, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::overview::overview(&caller, &db).await?)
}

/// Says that somebody looks after a way to fail, wherever these runs met it, and goes back to the overview, which says for
/// how many that is new.
///
/// # Errors
/// `NotFound` if the caller does not see one of the runs, `NotAllowed` without the right to start its operation,
/// `Invalid` for a run that did not fail that way, and for a note that is longer than 200 characters or not one line.
#[server(prefix = "/api", endpoint = "acknowledge_failures")]
pub async fn acknowledge_failures(
    code: String,
    #[server(default)] runs: Vec<RunId>,
    #[server(default)] note: String,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let code = code
        .parse()
        .map_err(|error| crate::error::answer_with(AppError::invalid("code", error)))?;
    let added = services::overview::acknowledge(&caller, &db, code, &runs, &note).await?;
    leptos_axum::redirect(&format!("/?acknowledged={added}{SECTION}"));
    Ok(())
}

/// Lets a failure need someone again, and goes back to the overview.
///
/// # Errors
/// `NotFound` for an acknowledgement that the caller does not see, `NotAllowed` as for [`acknowledge_failures`].
#[server(prefix = "/api", endpoint = "take_back_acknowledgement")]
pub async fn take_back_acknowledgement(acknowledgement: AcknowledgementId) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::overview::take_back(&caller, &db, acknowledgement).await?;
    leptos_axum::redirect(&format!("/?taken_back=1{SECTION}"));
    Ok(())
}

/// How old the last good run of each operation may be on a tenant.
#[server(name = ReadExpectations, prefix = "/api", endpoint = "expectations")]
pub async fn expectations(tenant: String) -> Result<Vec<ExpectedEvery>, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::overview::expectations(&caller, &db, tenant).await?)
}

/// Says how often an operation is expected on a tenant, and goes back to its page, which says what is expected now.
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
    leptos_axum::redirect(&format!(
        "/tenants/{tenant_id}?expected={operation}#expected-title"
    ));
    Ok(())
}
