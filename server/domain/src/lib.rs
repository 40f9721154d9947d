//! What TenantAtlas talks about: ids, operation runs and their states, identity, failures, roles. No clock, no I/O.

pub mod access;
pub mod audit;
pub mod cursor;
pub mod diff;
pub mod failure_code;
pub mod failures;
pub mod identity;
pub mod ids;
pub mod mapping;
pub mod operation_type;
pub mod preferences;
pub mod restore;
pub mod retry_policy;
pub mod run_state;
#[cfg(feature = "server")]
pub mod sanitize;
pub mod summary_counts;
pub mod views;
pub mod vocabulary;

pub use access::{Role, Roles};
pub use audit::{AuditAction, AuditResult, Means};
pub use cursor::{AuditCursor, RunCursor, RunPosition};
pub use failure_code::{Actor, FailureCode};
pub use failures::{FailureGroup, FailureSummary};
pub use identity::{IdentityError, IdentityHash, Inputs, run_identity_hash};
pub use ids::{
    AcknowledgementId, AuditEventId, BackupSetId, GroupId, InvitationId, NotificationId, PolicyId,
    RestoreId, RunId, SavedViewId, ScheduleId, TenantId, UserId, VersionId,
};
pub use operation_type::OperationType;
pub use restore::RestoreStatus;
pub use retry_policy::RetryPolicy;
pub use run_state::{Outcome, RunState, Status, TerminalOutcome, state_label};
pub use summary_counts::SummaryCounts;
