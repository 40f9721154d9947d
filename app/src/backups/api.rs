//! Server functions of backups: starting a capture, listing sets, showing a set, a version, two versions.

use domain::{
    BackupSetId, PolicyId, TenantId,
    views::{
        backups::{Addable, BackupSetPage, BackupsPage, ComparePage, VersionPage},
        drift::DriftPage,
        runs::StartAnswer,
    },
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{drift_page::DriftFilters, set_page::ItemFilters};
use crate::error::AppError;

/// Backs up a tenant, or only some kinds of its policies, and goes to the list of backups, which shows the answer.
///
/// # Errors
/// `NotFound` for a tenant that the caller does not see, `NotAllowed` without the right to back it up,
/// `Invalid` for a kind that is not known.
#[server(prefix = "/api", endpoint = "back_up_now")]
pub async fn back_up_now(
    tenant_id: TenantId,
    #[server(default)] kinds: Option<Vec<String>>,
) -> Result<StartAnswer, AppError> {
    use services::backups::Selection;

    let (caller, db) = crate::asking::asked()?;
    let selection = Selection::of_kinds(kinds.unwrap_or_default())?;
    let answer = services::backups::back_up_now(&caller, &db, tenant_id, selection).await?;
    let path = format!("/tenants/{tenant_id}/backups");
    Ok(crate::asking::answer_at(&path, answer))
}

/// Captures policies of the inventory into a set and goes to the set, which shows the answer.
///
/// # Errors
/// `NotFound` for a set or policy that is not this tenant's, `Invalid` if no policy is chosen.
#[server(prefix = "/api", endpoint = "add_policies")]
pub async fn add_policies(
    tenant_id: TenantId,
    set_id: BackupSetId,
    // A form without a tick sends none.
    #[server(default)] policies: Vec<PolicyId>,
) -> Result<StartAnswer, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let answer = services::backups::add_policies(&caller, &db, tenant_id, set_id, policies).await?;
    let path = format!("/tenants/{tenant_id}/backups/{set_id}");
    Ok(crate::asking::answer_at(&path, answer))
}

/// One page of a tenant's backup sets, newest first.
#[server(prefix = "/api", endpoint = "backup_list")]
pub async fn backup_list(
    tenant: String,
    #[server(default)] cursor: Option<String>,
) -> Result<BackupsPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    Ok(services::backups::list(&caller, &db, tenant, cursor.as_deref()).await?)
}

/// One page of a set's policies, by name.
#[server(prefix = "/api", endpoint = "backup_set")]
pub async fn backup_set(
    tenant: String,
    set: String,
    #[server(default)] filters: ItemFilters,
) -> Result<BackupSetPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let set = crate::asking::id(&set, "set")?;
    Ok(services::backups::set(&caller, &db, tenant, set, &filters.into_query()).await?)
}

/// What can be added to a set: a hundred policies at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddableListing {
    pub tenant_name: String,
    pub set_name: String,
    pub may_start: bool,
    pub policies: Vec<Addable>,
}

/// Policies of the inventory that can be added to a set, by name.
#[server(prefix = "/api", endpoint = "addable_policies")]
pub async fn addable_policies(
    tenant: String,
    set: String,
    #[server(default)] text: Option<String>,
) -> Result<AddableListing, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let set = crate::asking::id(&set, "set")?;
    let page = services::backups::set(&caller, &db, tenant, set, &Default::default()).await?;
    let policies = services::backups::addable(&caller, &db, tenant, set, text.as_deref()).await?;
    Ok(AddableListing {
        tenant_name: page.tenant_name,
        set_name: page.set.name,
        may_start: page.may_start,
        policies,
    })
}

/// One version of a policy with its history.
#[server(prefix = "/api", endpoint = "backup_version")]
pub async fn backup_version(tenant: String, version: String) -> Result<VersionPage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let version = crate::asking::id(&version, "version")?;
    Ok(services::backups::version(&caller, &db, tenant, version).await?)
}

/// Two versions side by side.
#[server(prefix = "/api", endpoint = "compare_versions")]
pub async fn compare_versions(
    tenant: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
) -> Result<ComparePage, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let from = crate::asking::id(&from, "from")?;
    let to = crate::asking::id(&to, "to")?;
    Ok(services::backups::compare(&caller, &db, tenant, from, to).await?)
}

/// What differs between two backups of a tenant.
#[server(prefix = "/api", endpoint = "drift")]
pub async fn drift(
    tenant: String,
    #[server(default)] filters: DriftFilters,
) -> Result<DriftPage, AppError> {
    use domain::views::drift::{DriftChange, DriftQuery};

    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let set =
        |text: Option<String>, name| text.map(|text| crate::asking::id(&text, name)).transpose();
    let change = filters.change.map(|text| {
        DriftChange::parse(&text).ok_or_else(|| {
            let why = format!(
                "“{}” is not a way to differ",
                crate::asking::shortened(&text)
            );
            crate::error::answer_with(AppError::invalid("change", why))
        })
    });
    let query = DriftQuery {
        from: set(filters.from, "from")?,
        to: set(filters.to, "to")?,
        change: change.transpose()?,
        cursor: filters.cursor,
    };
    Ok(services::backups::drift(&caller, &db, tenant, &query).await?)
}
