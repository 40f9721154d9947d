//! What each operation type does: one file a type.

mod backup_set_capture;
mod directory_groups_sync;
mod failure;
mod inventory_sync;
mod names;
mod policy_delete;
mod progress;
mod restore_execute;
mod restore_links;
mod restore_preview;
mod restore_there;
mod tenant_verify;

use std::sync::Arc;

use domain::{FailureCode, FailureGroup, OperationType, SummaryCounts};
use graph::{GraphClient, PolicyKind, TenantGraph};
use serde_json::{Map, Value};

pub use failure::OperationError;
use progress::Progress;

use crate::{
    Db,
    runs::{EndedItem, Lease, RunUpdate},
    tenants::{self, SecretKey},
};

/// What operations work with.
#[derive(Clone)]
pub struct Operations {
    pub db: Db,
    pub graph: GraphClient,
    pub key: Arc<SecretKey>,
}

/// How an operation came to its end. What it reported before is stored already.
#[derive(Debug, Clone, Default)]
pub struct Finished {
    pub counts: SummaryCounts,
    /// Failures that were not reported yet.
    pub failures: Vec<FailureGroup>,
    /// Items that were not reported yet.
    pub items: Vec<EndedItem>,
    /// Members to add to the run's context.
    pub context: Map<String, Value>,
}

impl From<Finished> for RunUpdate {
    fn from(finished: Finished) -> Self {
        Self {
            counts: Some(finished.counts),
            failures: finished.failures,
            items: finished.items,
            context: finished.context,
        }
    }
}

impl Operations {
    /// Does the work of the run that the lease is for.
    pub async fn perform(&self, lease: &Lease) -> Result<Finished, OperationError> {
        let operation: OperationType = lease
            .operation_type
            .parse()
            .map_err(|_| OperationError::unknown_operation(&lease.operation_type))?;
        let progress = Progress::new(&self.db, lease);
        let tenant = self.tenant(lease, &progress).await?;
        match operation {
            OperationType::TenantVerify => tenant_verify::run(self, lease, &tenant, progress).await,
            OperationType::InventorySync => {
                inventory_sync::run(self, lease, &tenant, progress).await
            }
            OperationType::DirectoryGroupsSync => {
                directory_groups_sync::run(self, lease, &tenant, progress).await
            }
            OperationType::BackupSetCapture => {
                backup_set_capture::run(self, lease, &tenant, progress).await
            }
            OperationType::BackupScheduleRun => {
                backup_set_capture::run_scheduled(self, lease, &tenant, progress).await
            }
            OperationType::PolicyExport => {
                backup_set_capture::run_export(self, lease, &tenant, progress).await
            }
            OperationType::PolicyDelete => policy_delete::run(self, lease, &tenant, progress).await,
            OperationType::RestorePreview => {
                restore_preview::run(self, lease, &tenant, progress).await
            }
            OperationType::RestoreExecute => {
                restore_execute::run(self, lease, &tenant, progress).await
            }
        }
    }

    /// The tenant's Graph, telling the run's page whenever a request has to wait.
    async fn tenant(
        &self,
        lease: &Lease,
        progress: &Progress<'_>,
    ) -> Result<TenantGraph, OperationError> {
        let connection = tenants::connection(&self.db, &self.key, lease.tenant_id).await?;
        Ok(self
            .graph
            .tenant(connection)
            .with_observer(progress.wait_observer()))
    }
}

fn known_kind(key: &str) -> Result<&'static PolicyKind, OperationError> {
    PolicyKind::by_key(key).ok_or_else(|| {
        let message = format!("{key}: this version does not know this kind of policy");
        OperationError::permanent(FailureCode::InputsInvalid, message)
    })
}
