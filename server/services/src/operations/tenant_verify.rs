//! `tenant.verify`: signs in to Microsoft Graph and reads the organization.

use domain::FailureCode;
use graph::TenantGraph;
use serde_json::{Map, json};

use super::{Finished, OperationError, Operations, progress::Progress};
use crate::{
    runs::{Item, Lease},
    tenants,
};

pub(super) async fn run(
    operations: &Operations,
    lease: &Lease,
    tenant: &TenantGraph,
    mut progress: Progress<'_>,
) -> Result<Finished, OperationError> {
    progress.step("Sign in and read the organization").await?;
    // A token that is still good would hide that the secret was revoked or has run out.
    operations.graph.forget_token(lease.tenant_id.0);
    let organization = tenant.organization().await?;
    let directory_id = tenant.directory_id();
    if !organization.id.eq_ignore_ascii_case(directory_id) {
        let message = "Microsoft answered for another tenant than the one that is configured.";
        return Err(OperationError::permanent(
            FailureCode::TenantMisconfigured,
            message,
        ));
    }
    tenants::note_verified(&operations.db, lease.tenant_id, &organization.display_name).await?;
    let item = Item::named(&organization.id, &organization.display_name);
    progress.succeeded(item, Some("reachable"));
    Ok(progress.finish(Map::from_iter([(
        "organization".to_owned(),
        json!(organization.display_name),
    )])))
}
