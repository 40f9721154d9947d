//! Backup sets, the versions of policies that they hold, and two versions side by side.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::imports::{ImportedFileQuery, ImportedFiles};
use crate::{BackupSetId, PolicyId, RunId, TenantId, VersionId, diff::Difference};

/// One backup set in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupSetRow {
    pub id: BackupSetId,
    pub name: String,
    /// "By hand", "Schedule", "Import", "Before a deletion".
    pub origin: String,
    /// Who made it; none for the scheduler.
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub policies: i64,
    pub last_captured_at: Option<DateTime<Utc>>,
    /// The capture that is under way.
    pub active_run: Option<RunId>,
}

/// A kind of policy that a backup may be limited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindChoice {
    pub key: String,
    pub label: String,
}

/// `/tenants/{id}/backups`: a tenant's sets, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupsPage {
    pub tenant_name: String,
    pub rows: Vec<BackupSetRow>,
    /// Cursor of the next (older) page, if there is one.
    pub next: Option<String>,
    pub kinds: Vec<KindChoice>,
    /// Whether the reader may start a backup.
    pub may_start: bool,
    pub as_of: DateTime<Utc>,
}

/// What a set's page is asked for; every part stands in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackupItemQuery {
    pub kind: Option<String>,
    pub text: Option<String>,
    pub cursor: Option<String>,
    /// Of an imported set's files.
    pub files: ImportedFileQuery,
}

/// One policy of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupItemRow {
    pub version: VersionId,
    pub kind: String,
    pub kind_label: String,
    pub name: String,
    pub platform: Option<String>,
    /// When this set took it.
    pub captured_at: DateTime<Utc>,
    /// When this version was first seen; older than `captured_at` for a policy that had not changed.
    pub version_since: DateTime<Utc>,
    /// How many versions of the policy are stored.
    pub versions: i64,
    pub assignments: i64,
    /// Values that Microsoft masks and that are not in the backup.
    pub masked: i64,
}

/// `/tenants/{id}/backups/{set}`: the policies of a set by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupSetPage {
    pub tenant_name: String,
    pub set: BackupSetRow,
    pub rows: Vec<BackupItemRow>,
    pub next: Option<String>,
    /// Kinds in this set, with how many policies of each.
    pub kinds: Vec<(KindChoice, i64)>,
    /// What came of each file, for a set that was imported.
    pub imported: Option<ImportedFiles>,
    pub may_start: bool,
    pub as_of: DateTime<Utc>,
}

/// A policy of the inventory that can be added to a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addable {
    pub policy: PolicyId,
    pub kind_label: String,
    pub name: String,
    /// Whether the set has it already; capturing it again takes its newest version.
    pub in_set: bool,
}

/// One version in a policy's history, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    pub id: VersionId,
    pub name: String,
    pub created_at: DateTime<Utc>,
    /// Sets that hold this version.
    pub sets: i64,
}

/// Whom a policy is assigned to, in words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AssignmentLine {
    /// "All devices", "Group Sales", "Excluded: group Kiosks".
    pub to: String,
    /// "only with filter Corporate", "without filter Personal".
    pub filter: Option<String>,
}

/// `/tenants/{id}/backups/versions/{version}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionPage {
    pub tenant: TenantId,
    pub tenant_name: String,
    pub id: VersionId,
    pub kind_label: String,
    pub name: String,
    pub platform: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Every setting with its value, by readable name.
    pub settings: Vec<(String, String)>,
    /// Names of the policy's scope tags; empty for the default tag alone.
    pub scope_tags: Vec<String>,
    /// None for a kind that is not assigned: its policies say themselves whom they are for.
    pub assignments: Option<Vec<AssignmentLine>>,
    /// Paths of values that are not in the backup.
    pub masked: Vec<String>,
    /// All versions of the policy, this one included.
    pub history: Vec<VersionRow>,
    /// As Microsoft sent it, but for the plain text of encrypted values.
    pub content: Value,
    pub as_of: DateTime<Utc>,
}

/// A version, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRef {
    pub id: VersionId,
    pub name: String,
    pub created_at: DateTime<Utc>,
}

/// `/tenants/{id}/backups/compare?from=…&to=…`: two versions, setting by setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparePage {
    pub tenant_name: String,
    pub kind_label: String,
    pub from: VersionRef,
    pub to: VersionRef,
    pub differences: Vec<Difference>,
    pub assignments_added: Vec<AssignmentLine>,
    pub assignments_removed: Vec<AssignmentLine>,
    pub as_of: DateTime<Utc>,
}
