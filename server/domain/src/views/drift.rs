//! Drift: what differs between two backups of a tenant.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::backups::{AssignmentLine, VersionRef};
use crate::{BackupSetId, diff::Difference};

/// A backup set to choose as one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftSet {
    pub id: BackupSetId,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub policies: i64,
}

/// How a policy differs between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftChange {
    Changed,
    OnlyBefore,
    OnlyAfter,
}

impl DriftChange {
    pub const ALL: [Self; 3] = [Self::Changed, Self::OnlyBefore, Self::OnlyAfter];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::OnlyBefore => "only_before",
            Self::OnlyAfter => "only_after",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Changed => "Changed",
            Self::OnlyBefore => "Only in the earlier",
            Self::OnlyAfter => "Only in the later",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What is asked for; every part stands in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriftQuery {
    /// None: the full backup before the later one.
    pub from: Option<BackupSetId>,
    /// None: the newest full backup.
    pub to: Option<BackupSetId>,
    pub change: Option<DriftChange>,
    pub cursor: Option<String>,
}

/// One policy that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftRow {
    pub change: DriftChange,
    pub kind_label: String,
    /// As in the later backup that has it.
    pub name: String,
    pub before: Option<VersionRef>,
    pub after: Option<VersionRef>,
    /// Empty for a policy that only one of them has, and for one whose versions differ in nothing that is compared.
    pub differences: Vec<Difference>,
    pub assignments_added: Vec<AssignmentLine>,
    pub assignments_removed: Vec<AssignmentLine>,
    /// Of a policy that only the earlier has: whether the inventory has it still, and if not, since when.
    pub inventory: Option<InInventory>,
}

/// What the inventory says of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InInventory {
    Present,
    GoneSince(DateTime<Utc>),
}

/// How many policies differ in each way, and how many do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftTotals {
    pub changed: i64,
    pub only_before: i64,
    pub only_after: i64,
    pub same: i64,
}

impl DriftTotals {
    pub fn of(&self, change: DriftChange) -> i64 {
        match change {
            DriftChange::Changed => self.changed,
            DriftChange::OnlyBefore => self.only_before,
            DriftChange::OnlyAfter => self.only_after,
        }
    }
}

/// `/tenants/{id}/drift`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftPage {
    pub tenant_name: String,
    /// What can be chosen, newest first.
    pub sets: Vec<DriftSet>,
    /// The two that are compared; none if the tenant has fewer than two.
    pub between: Option<(DriftSet, DriftSet)>,
    pub totals: DriftTotals,
    /// One page of what differs, by name.
    pub rows: Vec<DriftRow>,
    pub next: Option<String>,
    /// Whether the reader may back up and restore.
    pub may_start: bool,
    pub as_of: DateTime<Utc>,
}
