//! Restores as the wizard and the list show them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    BackupSetId, FailureGroup, RestoreId, RestoreStatus, RunId, SummaryCounts, TenantId, VersionId,
    diff::Difference,
};

use super::backups::AssignmentLine;

/// One restore in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreRow {
    pub id: RestoreId,
    pub status: RestoreStatus,
    pub backup_name: Option<String>,
    /// Where the backup is, for a reader who sees its tenant.
    pub backup: Option<(TenantId, BackupSetId)>,
    /// The tenant that the backup is of, where that is another one.
    pub from_tenant: Option<String>,
    pub initiator_name: String,
    pub policies: i64,
    pub dry_run: bool,
    pub shadow_run: Option<RunId>,
    pub created_at: DateTime<Utc>,
}

/// `/tenants/{id}/restores`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoresPage {
    pub tenant_name: String,
    pub rows: Vec<RestoreRow>,
    pub next: Option<String>,
    pub may_start: bool,
    pub as_of: DateTime<Utc>,
}

/// A backup set that a restore can begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreSource {
    pub set: BackupSetId,
    pub name: String,
    pub tenant: TenantId,
    pub tenant_name: String,
    pub policies: i64,
    pub created_at: DateTime<Utc>,
}

/// What a preview says of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreAction {
    /// It is not there and would be created.
    Create,
    /// It is there and would be changed.
    Update,
    /// It is there and is the same.
    Unchanged,
    /// Several policies have this name; which one is meant is not guessed.
    Conflict,
    /// It can't be restored; the reasons say why.
    Cannot,
}

impl RestoreAction {
    pub const ALL: [Self; 5] = [
        Self::Create,
        Self::Update,
        Self::Unchanged,
        Self::Conflict,
        Self::Cannot,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::Conflict => "conflict",
            Self::Cannot => "cannot",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Unchanged => "Unchanged",
            Self::Conflict => "Conflict",
            Self::Cannot => "Cannot",
        }
    }

    /// Whether executing would write.
    pub fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What became of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    Pending,
    /// A write was begun; whether it came through is looked up before it is repeated.
    Writing,
    Succeeded,
    Skipped,
    Failed,
}

impl ItemState {
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Writing,
        Self::Succeeded,
        Self::Skipped,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Writing => "writing",
            Self::Succeeded => "succeeded",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Not reached",
            Self::Writing => "Being written",
            Self::Succeeded => "Restored",
            Self::Skipped => "Skipped",
            Self::Failed => "Failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// One policy of a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreItem {
    pub version: VersionId,
    pub kind_label: String,
    pub name: String,
    /// None before the preview.
    pub action: Option<RestoreAction>,
    /// Why not, or what to know before.
    pub reasons: Vec<String>,
    pub differences: Vec<Difference>,
    pub assignments_added: Vec<AssignmentLine>,
    pub assignments_removed: Vec<AssignmentLine>,
    /// Those of the backup that name something which waits to be mapped or left out; named as in the backup.
    pub assignments_undecided: Vec<AssignmentLine>,
    /// The same of its scope tags.
    pub scope_tags_undecided: Vec<String>,
    pub state: ItemState,
    /// What went wrong, in a line.
    pub failure: Option<String>,
}

/// What an id of the backup is in the target tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingKind {
    Group,
    Filter,
    ScopeTag,
}

impl MappingKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Filter => "filter",
            Self::ScopeTag => "scope_tag",
        }
    }

    /// The kind under which the inventory has such things; groups are in the directory.
    pub fn policy_kind(self) -> Option<&'static str> {
        match self {
            Self::Group => None,
            Self::Filter => Some("assignment_filters"),
            Self::ScopeTag => Some("scope_tags"),
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Group => "Group",
            Self::Filter => "Filter",
            Self::ScopeTag => "Scope tag",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Group, Self::Filter, Self::ScopeTag]
            .into_iter()
            .find(|one| one.as_str() == text)
    }
}

/// One line of the mapping step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MappingRow {
    pub what: MappingKind,
    pub source_id: String,
    pub source_name: Option<String>,
    /// "Same id", "Same name", "3 of that name", "None of that name".
    pub found: String,
    /// What may be chosen: (id, name).
    pub candidates: Vec<(String, String)>,
    /// The decision: an id of the target tenant.
    pub target_id: Option<String>,
    /// The decision that what refers to it is left out.
    pub left_out: bool,
    /// This restore brings it itself, so there is nothing to decide.
    pub comes_with: bool,
    /// How many of the chosen policies refer to it.
    pub used_by: i64,
}

impl MappingRow {
    /// Whether it waits for a person.
    pub fn is_undecided(&self) -> bool {
        self.target_id.is_none() && !self.left_out && !self.comes_with
    }
}

/// How many policies have each action, and how many items each state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreTotals {
    pub policies: i64,
    pub create: i64,
    pub update: i64,
    pub unchanged: i64,
    pub conflict: i64,
    pub cannot: i64,
}

/// Everything of one restore: `/tenants/{id}/restores/{restore}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestorePage {
    pub tenant_name: String,
    pub row: RestoreRow,
    pub with_assignments: bool,
    pub totals: RestoreTotals,
    /// One page of items, trouble first.
    pub items: Vec<RestoreItem>,
    pub next: Option<String>,
    pub mappings: Vec<MappingRow>,
    /// The run that makes or made the preview.
    pub preview_run: Option<RunId>,
    pub previewed_at: Option<DateTime<Utc>>,
    /// The tenant or its directory was synced after the preview, so it may not be true any more.
    pub out_of_date: Option<String>,
    /// When the cached groups were last synced.
    pub groups_synced_at: Option<DateTime<Utc>>,
    pub counts: Option<SummaryCounts>,
    pub failures: Vec<FailureGroup>,
    /// Why execution is not possible now, in a sentence; none if it is.
    pub blocked: Option<String>,
    /// Whether the reader may preview and execute.
    pub may_start: bool,
    pub as_of: DateTime<Utc>,
}
