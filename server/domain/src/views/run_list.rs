//! What stands around the runs list: who may be filtered by, how many runs are in which state, and what an export holds.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Outcome, RunId, Status, TenantId, UserId};

/// Who started a run, as the URL names them: `system`, or a person's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InitiatorFilter {
    /// The scheduler and TenantAtlas itself.
    System,
    Person(UserId),
}

impl fmt::Display for InitiatorFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Person(user) => user.fmt(f),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is `system` or the number of a person")]
pub struct BadInitiator;

impl FromStr for InitiatorFilter {
    type Err = BadInitiator;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "system" => Ok(Self::System),
            number => number.parse().map(Self::Person).map_err(|_| BadInitiator),
        }
    }
}

/// How runs ended, as the URL asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeFilter {
    Is(Outcome),
    /// In part or not at all: what somebody may have to look at.
    NotSucceeded,
}

impl OutcomeFilter {
    /// What [`Self::NotSucceeded`] holds.
    pub const BAD: [Outcome; 2] = [Outcome::Failed, Outcome::PartiallySucceeded];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Is(outcome) => outcome.as_str(),
            Self::NotSucceeded => "not_succeeded",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Is(outcome) => outcome.label(),
            Self::NotSucceeded => "Did not succeed",
        }
    }

    pub fn holds(self, outcome: Outcome) -> bool {
        match self {
            Self::Is(only) => only == outcome,
            Self::NotSucceeded => Self::BAD.contains(&outcome),
        }
    }
}

impl From<Outcome> for OutcomeFilter {
    fn from(outcome: Outcome) -> Self {
        Self::Is(outcome)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an outcome to filter by")]
pub struct BadOutcome;

impl FromStr for OutcomeFilter {
    type Err = BadOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "not_succeeded" => Ok(Self::NotSucceeded),
            outcome => outcome.parse().map(Self::Is).map_err(|_| BadOutcome),
        }
    }
}

/// A time that ends now, as the URL names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    Hour,
    Day,
    Week,
    Month,
}

impl Last {
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// As PostgreSQL writes it, and people read it: "24 hours".
    pub fn length(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a time to look back by")]
pub struct BadLast;

impl FromStr for Last {
    type Err = BadLast;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|one| one.as_str() == text);
        known.ok_or(BadLast)
    }
}

/// Somebody who has started runs that the reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInitiator {
    pub id: UserId,
    pub name: String,
}

/// The states that runs are counted by, in the order in which they are shown.
pub const COUNTED_STATES: [(Status, Outcome); 5] = [
    (Status::Running, Outcome::Pending),
    (Status::Queued, Outcome::Pending),
    (Status::Completed, Outcome::Failed),
    (Status::Completed, Outcome::PartiallySucceeded),
    (Status::Completed, Outcome::Succeeded),
];

/// Nothing is counted beyond this: a number costs the same however many runs there are.
pub const COUNTED_AT_MOST: u32 = 500;
/// The most runs that one export holds.
pub const EXPORTED_AT_MOST: usize = 100_000;

/// How many there are, up to [`COUNTED_AT_MOST`]; one more stands for "and more".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CappedCount(pub u32);

impl CappedCount {
    pub fn is_capped(self) -> bool {
        self.0 > COUNTED_AT_MOST
    }
}

impl fmt::Display for CappedCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_capped() {
            false => self.0.fmt(f),
            true => write!(f, "{COUNTED_AT_MOST}+"),
        }
    }
}

/// How many runs match in one state, whatever state the query itself asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCount {
    pub status: Status,
    pub outcome: Outcome,
    pub runs: CappedCount,
}

/// How many runs the counts say are in the states that are asked for: at least as many, where one of them is capped.
pub fn counted(
    counts: &[StateCount],
    status: Option<Status>,
    outcome: Option<OutcomeFilter>,
) -> u32 {
    let is_asked_for = |count: &&StateCount| {
        status.is_none_or(|status| status == count.status)
            && outcome.is_none_or(|outcome| outcome.holds(count.outcome))
    };
    counts
        .iter()
        .filter(is_asked_for)
        .map(|count| count.runs.0)
        .sum()
}

/// One run in an export. The fields' names and order are the export's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedRun {
    pub id: RunId,
    pub operation: String,
    pub operation_type: String,
    pub tenant_id: TenantId,
    pub tenant: String,
    pub status: &'static str,
    pub outcome: &'static str,
    pub started_by: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub took_seconds: Option<i64>,
    pub total: Option<u32>,
    pub success: Option<u32>,
    pub failed: Option<u32>,
    pub skipped: Option<u32>,
    pub failures: Vec<ExportedFailure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedFailure {
    pub code: String,
    pub message: String,
    pub count: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_says_when_there_are_more_than_were_counted() {
        let written: Vec<_> = [0, 499, 500, 501]
            .map(|runs| CappedCount(runs).to_string())
            .into();
        assert_eq!(written, ["0", "499", "500", "500+"]);
    }

    #[test]
    fn only_states_that_are_asked_for_are_counted_together() {
        let counts: Vec<_> = COUNTED_STATES
            .into_iter()
            .zip([1, 2, 30, 400, 501])
            .map(|((status, outcome), runs)| StateCount {
                status,
                outcome,
                runs: CappedCount(runs),
            })
            .collect();
        let bad = Some(OutcomeFilter::NotSucceeded);
        let failed = Some(Outcome::Failed.into());
        for (status, outcome, expected) in [
            (None, None, 934),
            (Some(Status::Queued), None, 2),
            (None, bad, 430),
            (Some(Status::Completed), failed, 30),
            (Some(Status::Running), failed, 0),
            (None, Some(Outcome::Pending.into()), 3),
        ] {
            assert_eq!(counted(&counts, status, outcome), expected);
        }
    }

    #[test]
    fn what_the_url_says_is_read_back() {
        for outcome in ["failed", "not_succeeded"] {
            assert_eq!(outcome.parse().map(OutcomeFilter::as_str), Ok(outcome));
        }
        assert_eq!("bad".parse::<OutcomeFilter>(), Err(BadOutcome));
        for last in Last::ALL {
            assert_eq!(last.as_str().parse(), Ok(last));
        }
        assert_eq!("2h".parse::<Last>(), Err(BadLast));
    }

    #[test]
    fn an_initiator_is_the_system_or_a_number() {
        for filter in [InitiatorFilter::System, InitiatorFilter::Person(UserId(7))] {
            assert_eq!(filter.to_string().parse(), Ok(filter));
        }
        assert_eq!("ada".parse::<InitiatorFilter>(), Err(BadInitiator));
    }
}
