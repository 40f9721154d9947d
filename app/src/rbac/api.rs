//! Server functions of access setup. They ask Microsoft with the session's own access, and hand out nothing of it.

use domain::{
    TenantId,
    views::rbac::{AssignmentChoice, SetupAnswer, SetupPage, SetupQuery},
};
use leptos::prelude::*;

use crate::error::AppError;

/// What the page shows, with whatever the session's access lets it ask.
#[server(prefix = "/api", endpoint = "access_setup")]
pub async fn access_setup(
    tenant: String,
    #[server(default)] query: SetupQuery,
) -> Result<SetupPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let (access, session) = delegated()?;
    let visit = services::rbac::Visit {
        caller: &caller,
        db: &db,
        access: &access,
        session: session.as_ref(),
        tenant,
    };
    Ok(services::rbac::page(visit, &query).await?)
}

/// Gives a role to groups, once for each `once`, and goes to the page that says so.
///
/// # Errors
/// `NotAllowed` without the right or without access of one's own, `Invalid` for a choice that is not complete.
#[server(prefix = "/api", endpoint = "assign_role")]
pub async fn assign_role(
    tenant_id: TenantId,
    choice: AssignmentChoice,
    once: String,
) -> Result<SetupAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let (access, session) = delegated()?;
    let visit = services::rbac::Visit {
        caller: &caller,
        db: &db,
        access: &access,
        session: session.as_ref(),
        tenant: tenant_id,
    };
    let answer = services::rbac::assign(visit, &choice, &once).await?;
    let once = crate::ui::address::encode(&once);
    leptos_axum::redirect(&format!(
        "{}?answer={once}",
        services::rbac::path(tenant_id)
    ));
    Ok(answer)
}

/// Where delegated access is kept, and the session that asks.
#[cfg(feature = "ssr")]
fn delegated() -> Result<
    (
        services::rbac::DelegatedAccess,
        Option<services::access::SessionKey>,
    ),
    AppError,
> {
    let access = use_context::<services::rbac::DelegatedAccess>().ok_or_else(|| {
        tracing::error!("a server function was called without delegated access in its context");
        crate::error::answer_with(AppError::Internal)
    })?;
    let session = use_context::<Option<services::access::SessionKey>>().flatten();
    Ok((access, session))
}
