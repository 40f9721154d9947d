//! Several selected runs, and one action for all of them: what it would do, and what it did.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{OperationType, RunId, views::runs::RunRow};

/// The most runs that can be selected at once, be it one by one or as everything that matches.
pub const MOST_SELECTED: usize = 1_000;

/// What can be done with several runs at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// Starts the same work again, each as a new run.
    Again,
    /// Starts only what failed again: the items that failed, or the whole work where it has none.
    Retry,
    /// Tells the caller when they end.
    Follow,
}

impl BulkAction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Retry => "retry",
            Self::Follow => "follow",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Again => "Run again",
            Self::Retry => "Retry what failed",
            Self::Follow => "Notify me",
        }
    }
}

impl fmt::Display for BulkAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is again, retry or follow")]
pub struct UnknownAction;

impl FromStr for BulkAction {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "again" => Ok(Self::Again),
            "retry" => Ok(Self::Retry),
            "follow" => Ok(Self::Follow),
            _ => Err(UnknownAction),
        }
    }
}

/// Why nothing can be done with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    NotAllowed,
    StillActive,
    HasEnded,
    NothingFailed,
    /// It is asked for where it is reviewed and confirmed.
    NotRepeatable,
    UnknownOperation,
}

impl Obstacle {
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotAllowed => "Your role on this tenant does not allow it.",
            Self::StillActive => "It has not ended yet.",
            Self::HasEnded => "It has ended already; there is nothing more to be told.",
            Self::NothingFailed => {
                "It succeeded or was put right since; nothing of it is left to be retried."
            }
            Self::NotRepeatable => {
                "It is asked for where it is reviewed and confirmed, not repeated from here."
            }
            Self::UnknownOperation => "This version does not know the operation.",
        }
    }
}

/// Why `action` can't be done with a run in its present state, by somebody who may or may not start its operation.
pub fn obstacle(action: BulkAction, run: &RunRow, may_start: bool) -> Option<Obstacle> {
    let active = run.state.status().is_active();
    match action {
        BulkAction::Follow => (!active).then_some(Obstacle::HasEnded),
        BulkAction::Again | BulkAction::Retry => {
            match run.operation_type.parse::<OperationType>() {
                Err(_) => Some(Obstacle::UnknownOperation),
                Ok(_) if !may_start => Some(Obstacle::NotAllowed),
                Ok(_) if active => Some(Obstacle::StillActive),
                Ok(_) if action == BulkAction::Retry && !run.is_to_be_mended() => {
                    Some(Obstacle::NothingFailed)
                }
                Ok(operation) if !operation.repeats_at_once() => Some(Obstacle::NotRepeatable),
                Ok(_) => None,
            }
        }
    }
}

/// The exact set that was selected, whatever is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSet {
    pub runs: Vec<RunRow>,
    /// Numbers of which there is no run, or none that the reader may see.
    pub unknown: Vec<RunId>,
    /// Set where the runs were found by filters instead of being ticked.
    pub everything: Option<Everything>,
    pub as_of: DateTime<Utc>,
}

/// The exact set that an action would be done with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkPreview {
    pub action: BulkAction,
    /// Names the action once it is done, so that a second press does nothing more.
    pub batch: String,
    pub possible: Vec<RunRow>,
    pub impossible: Vec<(RunRow, Obstacle)>,
    /// Numbers of which there is no run, or none that the reader may see.
    pub unknown: Vec<RunId>,
    /// Set where the runs were found by filters instead of being ticked.
    pub everything: Option<Everything>,
    pub as_of: DateTime<Utc>,
}

impl BulkPreview {
    /// Whether there is no run at all, not even one to be left out.
    pub fn is_empty(&self) -> bool {
        self.possible.is_empty() && self.impossible.is_empty() && self.unknown.is_empty()
    }
}

/// How far a set goes that was to be everything that matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Everything {
    /// Whether more match than can be taken at once, so that the set is the newest.
    pub more: bool,
    /// Since when a text was searched, where that is later than what was asked for.
    pub searched_since: Option<NaiveDate>,
    /// Whether that is because going back further took too long.
    pub cut_off: bool,
}

/// What became of one run of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkResult {
    /// The server has not come to this one yet, or was stopped before.
    NotDone,
    Started(Box<RunRow>),
    /// The same work was active already.
    AlreadyActive(Box<RunRow>),
    Following,
    Refused(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkItem {
    pub run: RunRow,
    pub result: BulkResult,
}

/// An action that was done with several runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkReport {
    pub action: BulkAction,
    pub items: Vec<BulkItem>,
    /// Whether it is being done still: something was begun in the last seconds, and something is open.
    pub under_way: bool,
    pub done_at: DateTime<Utc>,
    pub as_of: DateTime<Utc>,
}
