//! Server functions of a restore's first two steps: choosing a backup, and policies of it.

use chrono::{DateTime, Utc};
use domain::{
    BackupSetId, RestoreId, TenantId, VersionId,
    views::{
        backups::{BackupItemRow, KindChoice},
        restores::RestoreSource,
    },
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// The backups that a restore into a tenant can begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceListing {
    pub tenant_name: String,
    pub may_start: bool,
    pub sources: Vec<RestoreSource>,
}

/// Step 1: backups to choose from.
#[server(prefix = "/api", endpoint = "restore_sources")]
pub async fn restore_sources(tenant: String) -> Result<SourceListing, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let restores = services::restores::list(&caller, &db, tenant, None).await?;
    Ok(SourceListing {
        tenant_name: restores.tenant_name,
        may_start: restores.may_start,
        sources: services::restores::sources(&caller, &db, tenant).await?,
    })
}

/// The policies of a backup that a restore can be limited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyListing {
    pub tenant_name: String,
    pub may_start: bool,
    pub source: RestoreSource,
    pub kinds: Vec<(KindChoice, i64)>,
    pub rows: Vec<BackupItemRow>,
    pub next: Option<String>,
    pub as_of: DateTime<Utc>,
}

/// Step 2: policies of the chosen backup, which may be another tenant's that the reader sees.
#[server(prefix = "/api", endpoint = "restore_policies")]
pub async fn restore_policies(
    tenant: String,
    set: String,
    #[server(default)] kind: Option<String>,
    #[server(default)] text: Option<String>,
    #[server(default)] cursor: Option<String>,
) -> Result<PolicyListing, AppError> {
    use domain::views::backups::BackupItemQuery;

    let (caller, db) = crate::asking::asked()?;
    let tenant = crate::asking::id(&tenant, "tenant")?;
    let set: BackupSetId = crate::asking::id(&set, "set")?;
    let restores = services::restores::list(&caller, &db, tenant, None).await?;
    let sources = services::restores::sources(&caller, &db, tenant).await?;
    let source = sources
        .into_iter()
        .find(|source| source.set == set)
        .ok_or_else(|| crate::error::answer_with(AppError::NotFound))?;
    let query = BackupItemQuery {
        kind,
        text,
        cursor,
        ..BackupItemQuery::default()
    };
    let page = services::backups::set(&caller, &db, source.tenant, set, &query).await?;
    Ok(PolicyListing {
        tenant_name: restores.tenant_name,
        may_start: restores.may_start,
        source,
        kinds: page.kinds,
        rows: page.rows,
        next: page.next,
        as_of: page.as_of,
    })
}

/// Begins a restore of a backup, or of these versions in it, and goes to its page.
///
/// With `only_chosen` false all policies are taken, whatever `versions` says: a form sends its ticks in either case.
///
/// # Errors
/// `NotFound` for a backup that the caller does not see, `NotAllowed` without the right to restore,
/// `Invalid` if only chosen policies are wanted and none is.
#[server(prefix = "/api", endpoint = "begin_restore")]
pub async fn begin_restore(
    tenant_id: TenantId,
    set_id: BackupSetId,
    #[server(default)] only_chosen: Option<bool>,
    #[server(default)] versions: Option<Vec<VersionId>>,
    #[server(default)] with_assignments: Option<bool>,
) -> Result<RestoreId, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let versions = match (only_chosen, versions.filter(|all| !all.is_empty())) {
        (Some(false), _) => None,
        (Some(true), None) => {
            let why = AppError::invalid("versions", "choose at least one policy");
            return Err(crate::error::answer_with(why));
        }
        (_, versions) => versions,
    };
    let restore = services::restores::begin(
        &caller,
        &db,
        tenant_id,
        set_id,
        versions,
        with_assignments.unwrap_or(false),
    )
    .await?;
    leptos_axum::redirect(&format!("/tenants/{tenant_id}/restores/{restore}"));
    Ok(restore)
}
