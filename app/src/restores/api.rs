//! Server functions of restores that have begun: listing, showing, previewing, mapping, executing, beginning anew.

use domain::{
    RestoreId, TenantId,
    views::{
        restores::{MappingKind, RestorePage, RestoresPage},
        runs::StartAnswer,
    },
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// The target that leaves out what refers to the source.
pub const LEAVE_OUT: &str = "leave_out";

/// One line of the mapping form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingLine {
    pub what: MappingKind,
    pub source_id: String,
    /// An id of the target tenant, [`LEAVE_OUT`], or nothing while it is undecided.
    #[serde(default)]
    pub target: String,
    /// The exact name of a group of the target tenant, where no other target was chosen.
    #[serde(default)]
    pub name: String,
    /// The target when the form was shown. A line that still has it is left alone: somebody else may have decided
    /// meanwhile.
    #[serde(default)]
    pub was: String,
}

/// One page of a tenant's restores, newest first.
#[server(prefix = "/api", endpoint = "restore_list")]
pub async fn restore_list(
    tenant: String,
    #[server(default)] cursor: Option<String>,
) -> Result<RestoresPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::restores::list(&caller, &db, tenant, cursor.as_deref()).await?)
}

/// Everything of one restore, with one page of its policies.
#[server(name = ReadRestore, prefix = "/api", endpoint = "restore_detail")]
pub async fn restore_detail(
    tenant: String,
    restore: String,
    #[server(default)] cursor: Option<String>,
) -> Result<RestorePage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let restore = crate::asking::id(&restore, "restore")?;
    Ok(services::restores::page(&caller, &db, tenant, restore, cursor.as_deref()).await?)
}

/// Asks for a preview; the restore's page shows the answer.
#[server(prefix = "/api", endpoint = "generate_preview")]
pub async fn generate_preview(
    tenant_id: TenantId,
    restore_id: RestoreId,
) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let answer = services::restores::start_preview(&caller, &db, tenant_id, restore_id).await?;
    let path = format!("/tenants/{tenant_id}/restores/{restore_id}");
    Ok(crate::asking::answer_at(&path, answer))
}

/// Keeps what a person decided about the lines of the mapping, and undoes what they took back; the others are left as
/// they are.
#[server(prefix = "/api", endpoint = "decide_mapping")]
pub async fn decide_mapping(
    tenant_id: TenantId,
    restore_id: RestoreId,
    #[server(default)] choices: Vec<MappingLine>,
) -> Result<(), AppError> {
    use domain::mapping::Decision;
    use services::restores::MappingChoice;

    let (caller, db) = crate::asking::asked()?;
    let choices = choices
        .into_iter()
        .filter_map(|line| {
            let name = line.name.trim();
            let decision = match line.target.as_str() {
                same if same == line.was && name.is_empty() => return None,
                same if same == line.was => Some(Decision::To(name.to_owned())),
                "" => None,
                LEAVE_OUT => Some(Decision::Leave),
                id => Some(Decision::To(id.to_owned())),
            };
            Some(MappingChoice {
                what: line.what,
                source_id: line.source_id,
                decision,
            })
        })
        .collect();
    services::restores::decide(&caller, &db, tenant_id, restore_id, choices).await?;
    leptos_axum::redirect(&format!(
        "/tenants/{tenant_id}/restores/{restore_id}?saved=mapping"
    ));
    Ok(())
}

/// Asks for the execution of what was previewed, or for a dry run of it; the restore's page shows the answer.
///
/// # Errors
/// `Invalid` if policies would be overwritten and `confirmation` is not the tenant's name.
#[server(prefix = "/api", endpoint = "execute_restore")]
pub async fn execute_restore(
    tenant_id: TenantId,
    restore_id: RestoreId,
    dry_run: bool,
    #[server(default)] confirmation: String,
) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let answer =
        services::restores::execute(&caller, &db, tenant_id, restore_id, dry_run, &confirmation)
            .await?;
    let path = format!("/tenants/{tenant_id}/restores/{restore_id}");
    Ok(crate::asking::answer_at(&path, answer))
}

/// Begins a restore of the same policies, or only of those that failed, and goes to its page.
#[server(prefix = "/api", endpoint = "restore_again")]
pub async fn restore_again(
    tenant_id: TenantId,
    restore_id: RestoreId,
    only_failed: bool,
) -> Result<RestoreId, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let new = services::restores::again(&caller, &db, tenant_id, restore_id, only_failed).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/restores/{new}"));
    Ok(new)
}

/// Gives a restore up; what it has written stays.
#[server(prefix = "/api", endpoint = "abort_restore")]
pub async fn abort_restore(tenant_id: TenantId, restore_id: RestoreId) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::restores::abort(&caller, &db, tenant_id, restore_id).await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/restores/{restore_id}"));
    Ok(())
}
