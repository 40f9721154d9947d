//! The policies that somebody has chosen, by name, before something is done with them.

use domain::{OperationType, PolicyId, TenantId, views::inventory::ChosenPolicies};

use super::list::{Record, into_row};
use crate::{Caller, Db, ServiceError, backups};

/// # Errors
/// `NotFound` if one of them is not this tenant's, `Invalid` for none at all or too many at once.
pub async fn chosen(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    policies: Vec<PolicyId>,
) -> Result<ChosenPolicies, ServiceError> {
    caller.role_on(tenant)?;
    let policies = backups::checked(db, tenant, policies).await?;
    let found: Vec<Record> = sqlx::query_as(
        "select id, kind, name, lower(name) as sort_name, platform, settings_count, last_modified_at, vanished_at
         from inventory_policies where tenant_id = $1 and id = any($2) order by lower(name), id",
    )
    .bind(tenant)
    .bind(&policies)
    .fetch_all(&db.pool)
    .await?;
    Ok(ChosenPolicies {
        tenant_name: backups::tenant_name(db, tenant).await?,
        rows: found.into_iter().map(into_row).collect(),
        may_start: caller
            .may_start(tenant, OperationType::PolicyDelete)
            .is_ok(),
    })
}
