//! Server functions of members and invitations. Inviting and accepting are forms that the server takes itself.

use domain::{
    InvitationId, TenantId, UserId,
    views::members::{InvitationOffer, MembersPage},
};
use leptos::prelude::*;

use super::answer::FormAnswer;
use crate::error::AppError;

/// A tenant's members, and for its owners the invitations that wait.
#[server(prefix = "/api", endpoint = "member_list")]
pub async fn member_list(tenant: String) -> Result<MembersPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::access::members(&caller, &db, tenant).await?)
}

/// Gives a member another role.
///
/// # Errors
/// `NotAllowed` for others than owners, `Invalid` for a role that is none and for the tenant's last owner.
#[server(prefix = "/api", endpoint = "change_role")]
pub async fn change_role(
    tenant_id: TenantId,
    user_id: UserId,
    role: String,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let role = role
        .parse()
        .map_err(|error| crate::error::answer_with(AppError::invalid("role", error)))?;
    services::access::change_role(&caller, &db, tenant_id, user_id, role).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/members"));
    Ok(())
}

/// Takes a member out of the tenant.
///
/// # Errors
/// As [`change_role`].
#[server(prefix = "/api", endpoint = "remove_member")]
pub async fn remove_member(tenant_id: TenantId, user_id: UserId) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::access::remove_member(&caller, &db, tenant_id, user_id).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/members"));
    Ok(())
}

/// Ends an invitation that waits.
#[server(prefix = "/api", endpoint = "revoke_invitation")]
pub async fn revoke_invitation(
    tenant_id: TenantId,
    invitation_id: InvitationId,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::access::revoke_invitation(&caller, &db, tenant_id, invitation_id).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/members"));
    Ok(())
}

/// What an invitation offers; the token is all that somebody needs to ask.
#[server(prefix = "/api", endpoint = "invitation")]
pub async fn invitation(token: String) -> Result<InvitationOffer, AppError> {
    let db = crate::asking::database()?;
    let caller = crate::asking::caller();
    Ok(services::access::offer(caller.as_ref(), &db, &token).await?)
}

/// What the form that led to this page answered.
#[server(name = ReadFormAnswer, prefix = "/api", endpoint = "form_answer")]
pub async fn form_answer() -> Result<FormAnswer, AppError> {
    let answer = use_context::<Option<FormAnswer>>().flatten();
    Ok(answer.unwrap_or_default())
}
