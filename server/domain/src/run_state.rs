//! The state of an operation run: `queued → running → completed`, with its data inside, so that no illegal combination can be written.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::SummaryCounts;

/// Where a run stands, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Running,
    Completed,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Queued, Self::Running, Self::Completed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Completed => "Completed",
        }
    }

    /// Queued or running: an identical request gets this run instead of a new one.
    pub fn is_active(self) -> bool {
        self != Self::Completed
    }

    /// Only forward; staying is allowed while active (that is how progress is reported).
    pub fn may_become(self, next: Self) -> bool {
        self.is_active() && next >= self
    }
}

/// How a run ended, as stored; `pending` exactly while it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pending,
    Succeeded,
    PartiallySucceeded,
    Failed,
    /// Reserved: known to the database and the labels, produced by nothing.
    Cancelled,
}

impl Outcome {
    const ALL: [Self; 5] = [
        Self::Pending,
        Self::Succeeded,
        Self::PartiallySucceeded,
        Self::Failed,
        Self::Cancelled,
    ];

    pub fn is_reserved(self) -> bool {
        self == Self::Cancelled
    }

    /// All outcomes. `None` stands for the default, which includes reserved ones.
    pub fn values(include_reserved: impl Into<Option<bool>>) -> Vec<Self> {
        let include_reserved = include_reserved.into().unwrap_or(true);
        Self::ALL
            .into_iter()
            .filter(|outcome| include_reserved || !outcome.is_reserved())
            .collect()
    }

    /// Outcomes with the words that people read. `None` stands for the default, which excludes reserved ones.
    pub fn ui_labels(include_reserved: impl Into<Option<bool>>) -> Vec<(Self, &'static str)> {
        Self::values(include_reserved.into().unwrap_or(false))
            .into_iter()
            .map(|outcome| (outcome, outcome.label()))
            .collect()
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::PartiallySucceeded => "partially_succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Succeeded => "Succeeded",
            Self::PartiallySucceeded => "Partially succeeded",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// The outcomes that the product produces. `cancelled` is not among them, so no code can end a run with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminalOutcome {
    Succeeded,
    PartiallySucceeded,
    Failed,
}

impl TerminalOutcome {
    /// What counts mean for a run that came to its end: nothing failed, some did, or nothing else happened.
    pub fn of_counts(counts: SummaryCounts) -> Self {
        match (counts.failed, counts.success + counts.skipped) {
            (0, _) => Self::Succeeded,
            (_, 0) => Self::Failed,
            _ => Self::PartiallySucceeded,
        }
    }
}

impl From<TerminalOutcome> for Outcome {
    fn from(outcome: TerminalOutcome) -> Self {
        match outcome {
            TerminalOutcome::Succeeded => Self::Succeeded,
            TerminalOutcome::PartiallySucceeded => Self::PartiallySucceeded,
            TerminalOutcome::Failed => Self::Failed,
        }
    }
}

/// A run's state with the data that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum RunState {
    Queued,
    Running {
        started_at: DateTime<Utc>,
    },
    Completed {
        /// None for a run that ended without ever starting.
        started_at: Option<DateTime<Utc>>,
        completed_at: DateTime<Utc>,
        /// Read back as stored, so a reserved value written by hand can still be shown.
        outcome: Outcome,
    },
}

/// [`RunState::label`] of the two parts of a state.
pub fn state_label(status: Status, outcome: Outcome) -> &'static str {
    match status {
        Status::Completed => outcome.label(),
        Status::Queued | Status::Running => status.label(),
    }
}

/// Columns that no run can have; only a damaged database shows this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stored run state is not one that a run can have: {status}, {outcome}")]
pub struct ImpossibleState {
    pub status: String,
    pub outcome: String,
}

impl RunState {
    /// The state that these columns mean.
    pub fn from_columns(
        status: &str,
        outcome: &str,
        started_at: Option<DateTime<Utc>>,
        completed_at: Option<DateTime<Utc>>,
    ) -> Result<Self, ImpossibleState> {
        let impossible = || ImpossibleState {
            status: status.to_owned(),
            outcome: outcome.to_owned(),
        };
        let parsed = (status.parse(), outcome.parse());
        match (parsed, started_at, completed_at) {
            ((Ok(Status::Queued), Ok(Outcome::Pending)), None, None) => Ok(Self::Queued),
            ((Ok(Status::Running), Ok(Outcome::Pending)), Some(started_at), None) => {
                Ok(Self::Running { started_at })
            }
            ((Ok(Status::Completed), Ok(outcome)), started_at, Some(completed_at))
                if outcome != Outcome::Pending =>
            {
                Ok(Self::Completed {
                    started_at,
                    completed_at,
                    outcome,
                })
            }
            _ => Err(impossible()),
        }
    }

    pub fn status(&self) -> Status {
        match self {
            Self::Queued => Status::Queued,
            Self::Running { .. } => Status::Running,
            Self::Completed { .. } => Status::Completed,
        }
    }

    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Completed { outcome, .. } => *outcome,
            _ => Outcome::Pending,
        }
    }

    /// The one or two words a person reads: the outcome once there is one, else the status.
    pub fn label(&self) -> &'static str {
        state_label(self.status(), self.outcome())
    }

    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Queued => None,
            Self::Running { started_at } => Some(*started_at),
            Self::Completed { started_at, .. } => *started_at,
        }
    }

    pub fn completed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Completed { completed_at, .. } => Some(*completed_at),
            _ => None,
        }
    }

    /// Seconds of execution, once it has ended.
    pub fn took_seconds(&self) -> Option<i64> {
        let (started, completed) = (self.started_at()?, self.completed_at()?);
        Some((completed - started).num_seconds().max(0))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown status or outcome")]
pub struct UnknownState;

impl FromStr for Status {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownState)
    }
}

impl FromStr for Outcome {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(UnknownState)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_moves_only_forward_and_an_end_is_final() {
        use Status::*;
        let legal = [
            (Queued, Queued),
            (Queued, Running),
            (Queued, Completed),
            (Running, Running),
            (Running, Completed),
        ];
        for from in Status::ALL {
            for to in Status::ALL {
                assert_eq!(
                    from.may_become(to),
                    legal.contains(&(from, to)),
                    "{from} to {to}"
                );
            }
        }
    }

    #[test]
    fn values_include_reserved_outcomes_by_default_and_labels_do_not() {
        assert!(Outcome::values(None).contains(&Outcome::Cancelled));
        assert!(!Outcome::values(false).contains(&Outcome::Cancelled));
        let labels: Vec<_> = Outcome::ui_labels(None)
            .into_iter()
            .map(|(_, l)| l)
            .collect();
        assert_eq!(
            labels,
            ["Pending", "Succeeded", "Partially succeeded", "Failed"]
        );
        assert_eq!(Outcome::ui_labels(true).len(), 5);
        assert_eq!(
            Outcome::ui_labels(true)[4],
            (Outcome::Cancelled, "Cancelled")
        );
    }

    #[test]
    fn every_combination_of_columns_is_a_state_or_is_refused() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let mut legal = 0;
        for status in ["queued", "running", "completed", "done"] {
            for outcome in [
                "pending",
                "succeeded",
                "partially_succeeded",
                "failed",
                "cancelled",
            ] {
                for started in [None, Some(now)] {
                    for completed in [None, Some(now)] {
                        let Ok(state) = RunState::from_columns(status, outcome, started, completed)
                        else {
                            continue;
                        };
                        legal += 1;
                        assert_eq!(state.status().as_str(), status);
                        assert_eq!(state.outcome().as_str(), outcome);
                        assert_eq!(state.started_at(), started);
                        assert_eq!(state.completed_at(), completed);
                    }
                }
            }
        }
        // queued, running, and completed with four outcomes, started or not
        assert_eq!(legal, 1 + 1 + 8);
    }
}
