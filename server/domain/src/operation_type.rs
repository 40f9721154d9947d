//! The taxonomy of operations: stable names, what people read, and who may start them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Role;

/// A kind of long-running work on a tenant. Its text form is stored and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OperationType {
    #[serde(rename = "tenant.verify")]
    TenantVerify,
    #[serde(rename = "inventory.sync")]
    InventorySync,
    #[serde(rename = "directory_groups.sync")]
    DirectoryGroupsSync,
    #[serde(rename = "backup_set.capture")]
    BackupSetCapture,
    #[serde(rename = "backup_schedule.run")]
    BackupScheduleRun,
    #[serde(rename = "policy.export")]
    PolicyExport,
    #[serde(rename = "policy.delete")]
    PolicyDelete,
    #[serde(rename = "restore.preview")]
    RestorePreview,
    #[serde(rename = "restore.execute")]
    RestoreExecute,
}

impl OperationType {
    pub const ALL: [Self; 9] = [
        Self::InventorySync,
        Self::DirectoryGroupsSync,
        Self::TenantVerify,
        Self::BackupSetCapture,
        Self::BackupScheduleRun,
        Self::PolicyExport,
        Self::PolicyDelete,
        Self::RestorePreview,
        Self::RestoreExecute,
    ];

    /// Those that need nothing but a tenant and start on its page; the others start where their inputs are chosen.
    pub const OF_TENANT: [Self; 3] = [
        Self::InventorySync,
        Self::DirectoryGroupsSync,
        Self::TenantVerify,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantVerify => "tenant.verify",
            Self::InventorySync => "inventory.sync",
            Self::DirectoryGroupsSync => "directory_groups.sync",
            Self::BackupSetCapture => "backup_set.capture",
            Self::BackupScheduleRun => "backup_schedule.run",
            Self::PolicyExport => "policy.export",
            Self::PolicyDelete => "policy.delete",
            Self::RestorePreview => "restore.preview",
            Self::RestoreExecute => "restore.execute",
        }
    }

    /// The operation as a noun: "Inventory sync".
    pub fn label(self) -> &'static str {
        match self {
            Self::TenantVerify => "Connection check",
            Self::InventorySync => "Inventory sync",
            Self::DirectoryGroupsSync => "Directory groups sync",
            Self::BackupSetCapture => "Backup",
            Self::BackupScheduleRun => "Scheduled backup",
            Self::PolicyExport => "Policy export",
            Self::PolicyDelete => "Policy deletion",
            Self::RestorePreview => "Restore preview",
            Self::RestoreExecute => "Restore",
        }
    }

    /// The words on the start surface's button.
    pub fn button(self) -> &'static str {
        match self {
            Self::TenantVerify => "Verify connection",
            Self::InventorySync => "Sync inventory",
            Self::DirectoryGroupsSync => "Sync directory groups",
            Self::BackupSetCapture => "Back up now",
            Self::BackupScheduleRun => "Run now",
            Self::PolicyExport => "Export",
            Self::PolicyDelete => "Delete",
            Self::RestorePreview => "Generate preview",
            Self::RestoreExecute => "Execute restore",
        }
    }

    /// One sentence under the button: what pressing it will do.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::TenantVerify => "Signs in to Microsoft Graph and reads the organization.",
            Self::InventorySync => {
                "Reads every policy of every kind. Changes nothing in Microsoft 365."
            }
            Self::DirectoryGroupsSync => {
                "Caches the directory's groups by name. Changes nothing in Microsoft 365."
            }
            Self::BackupSetCapture | Self::BackupScheduleRun => {
                "Reads policies with all that a restore needs. Changes nothing in Microsoft 365."
            }
            Self::PolicyExport => {
                "Reads the chosen policies as they are now, as files to download. Changes nothing in Microsoft 365."
            }
            Self::PolicyDelete => {
                "Backs the chosen policies up, then deletes them in Microsoft 365."
            }
            Self::RestorePreview => {
                "Reads the tenant and shows what a restore would do. Changes nothing in Microsoft 365."
            }
            Self::RestoreExecute => "Writes the previewed policies to Microsoft 365.",
        }
    }

    /// What the counts of a run count.
    pub fn item_noun(self, count: u32) -> &'static str {
        let (one, several) = match self {
            Self::TenantVerify => ("check", "checks"),
            Self::InventorySync
            | Self::BackupSetCapture
            | Self::BackupScheduleRun
            | Self::PolicyExport
            | Self::PolicyDelete
            | Self::RestorePreview
            | Self::RestoreExecute => ("policy", "policies"),
            Self::DirectoryGroupsSync => ("group", "groups"),
        };
        if count == 1 { one } else { several }
    }

    /// Whether "Run again" may start it with the same inputs; the others are reviewed and confirmed where they start.
    pub fn repeats_at_once(self) -> bool {
        match self {
            Self::TenantVerify
            | Self::InventorySync
            | Self::DirectoryGroupsSync
            | Self::BackupSetCapture
            | Self::BackupScheduleRun
            | Self::PolicyExport => true,
            Self::PolicyDelete | Self::RestorePreview | Self::RestoreExecute => false,
        }
    }

    /// Whether only the items that failed can be done again.
    pub fn retries_failed_items(self) -> bool {
        match self {
            Self::InventorySync
            | Self::BackupSetCapture
            | Self::BackupScheduleRun
            | Self::PolicyExport => true,
            Self::TenantVerify
            | Self::DirectoryGroupsSync
            | Self::PolicyDelete
            | Self::RestorePreview
            | Self::RestoreExecute => false,
        }
    }

    /// Whether a member with this role may start it.
    pub fn may_be_started_by(self, role: Role) -> bool {
        match self {
            Self::TenantVerify
            | Self::InventorySync
            | Self::DirectoryGroupsSync
            | Self::BackupSetCapture
            | Self::BackupScheduleRun
            | Self::PolicyExport
            | Self::PolicyDelete
            | Self::RestorePreview
            | Self::RestoreExecute => role >= Role::Operator,
        }
    }
}

impl fmt::Display for OperationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no known operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown operation type")]
pub struct UnknownOperationType;

impl FromStr for OperationType {
    type Err = UnknownOperationType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == text)
            .ok_or(UnknownOperationType)
    }
}
