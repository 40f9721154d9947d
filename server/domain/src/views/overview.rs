//! The overview: every tenant's operations, what runs, what needs someone, and how the last weeks went.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::runs::RunRow;
use crate::{
    AcknowledgementId, Actor, FailureCode, OperationType, Outcome, RunId, Status, TenantId,
};

/// The operations that have a column, as those that are done again and again.
pub const COLUMNS: [OperationType; 6] = [
    OperationType::TenantVerify,
    OperationType::InventorySync,
    OperationType::DirectoryGroupsSync,
    OperationType::BackupSetCapture,
    OperationType::BackupScheduleRun,
    OperationType::RestoreExecute,
];

/// Those of them that back a tenant's policies up.
const BACKUPS: [OperationType; 2] = [
    OperationType::BackupSetCapture,
    OperationType::BackupScheduleRun,
];

/// The latest run of an operation on a tenant. A page has hundreds, so it is no more than a cell shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestRun {
    pub id: RunId,
    pub status: Status,
    pub outcome: Outcome,
    /// When it ended, or was created if it has not.
    pub at: DateTime<Utc>,
}

/// One operation on one tenant. A page has hundreds, so what is not there is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// None: it has never run.
    pub latest: Option<LatestRun>,
    /// The last run that has ended, where the latest has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ended: Option<LatestRun>,
    /// When the last run that succeeded ended, unless that is the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_before_at: Option<DateTime<Utc>>,
    /// How old the last good run may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_hours: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
}

impl Cell {
    /// Whether the last run that has ended did not succeed.
    pub fn is_troubled(&self) -> bool {
        [&self.latest, &self.last_ended]
            .into_iter()
            .flatten()
            .find(|run| !run.status.is_active())
            .is_some_and(|run| run.outcome != Outcome::Succeeded)
    }

    /// When the last run that succeeded ended.
    pub fn last_good_at(&self) -> Option<DateTime<Utc>> {
        match &self.latest {
            Some(latest) if latest.outcome == Outcome::Succeeded => Some(latest.at),
            _ => self.good_before_at,
        }
    }
}

/// One tenant with a cell for each of [`COLUMNS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantLine {
    pub tenant: TenantId,
    pub name: String,
    pub cells: Vec<Cell>,
}

impl TenantLine {
    /// Whether no backup of the tenant has ever run, by hand or by a schedule.
    pub fn never_backed_up(&self) -> bool {
        COLUMNS
            .iter()
            .zip(&self.cells)
            .filter(|(operation, _)| BACKUPS.contains(operation))
            .all(|(_, cell)| cell.latest.is_none())
    }
}

/// The most characters of an acknowledgement's note.
pub const LONGEST_NOTE: usize = 200;

/// What people have said about a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing.
    New,
    /// That they look after it; the operation has not succeeded since.
    Acknowledged {
        id: AcknowledgementId,
        by: String,
        at: DateTime<Utc>,
        note: Option<String>,
    },
    /// The same of an earlier time, after which the operation had succeeded.
    CameBack {
        by: String,
        acknowledged_at: DateTime<Utc>,
        resolved_at: DateTime<Utc>,
        /// The run that succeeded.
        resolved_by: RunId,
    },
}

impl Standing {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged { .. } => "acknowledged",
            Self::CameBack { .. } => "came_back",
        }
    }
}

/// An operation on a tenant whose last run did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Troubled {
    pub run: RunId,
    pub tenant: TenantId,
    pub tenant_name: String,
    pub operation_type: String,
    /// How often it failed that way in the run.
    pub count: u32,
    /// Whether the run's page lists items that failed that way.
    pub has_items: bool,
    /// What the run said of it, such as the permission that is missing; empty for nothing.
    pub said: String,
    pub ended_at: DateTime<Utc>,
    pub standing: Standing,
    /// Whether the reader may acknowledge it, or take that back.
    pub may_acknowledge: bool,
    /// Whether the reader may replace the secret with which the tenant's app signs in.
    pub may_replace_secret: bool,
}

impl Troubled {
    /// Whether the reader may do what failed again.
    pub fn may_retry(&self) -> bool {
        let operation = self.operation_type.parse::<OperationType>();
        self.may_acknowledge && operation.is_ok_and(OperationType::repeats_at_once)
    }
}

/// One way to fail, wherever it was the last word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub code: FailureCode,
    /// Newest first.
    pub runs: Vec<Troubled>,
}

/// What one party has to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    pub actor: Actor,
    /// What concerns most runs first.
    pub troubles: Vec<Trouble>,
}

/// How many of the runs created on a day have ended, by outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Of UTC.
    pub day: NaiveDate,
    pub succeeded: i64,
    pub partially_succeeded: i64,
    pub failed: i64,
}

impl Day {
    pub fn of(&self, outcome: Outcome) -> i64 {
        match outcome {
            Outcome::Succeeded => self.succeeded,
            Outcome::PartiallySucceeded => self.partially_succeeded,
            Outcome::Failed => self.failed,
            Outcome::Pending | Outcome::Cancelled => 0,
        }
    }

    pub fn all(&self) -> i64 {
        self.succeeded + self.partially_succeeded + self.failed
    }
}

/// `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// By name.
    pub tenants: Vec<TenantLine>,
    /// Oldest first, so that what runs long stands on top.
    pub active: Vec<RunRow>,
    /// Whether more are active than are listed.
    pub more_active: bool,
    /// What nobody looks after yet.
    pub attention: Vec<Attention>,
    /// What somebody does; by what concerns most runs.
    pub acknowledged: Vec<Trouble>,
    /// Oldest first, without a gap.
    pub days: Vec<Day>,
    pub as_of: DateTime<Utc>,
}

/// How old the last good run of an operation may be on a tenant before the overview calls it overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedEvery {
    pub operation: OperationType,
    /// None for any age.
    pub within_hours: Option<i32>,
    /// Whether the reader may say otherwise.
    pub may_change: bool,
}
