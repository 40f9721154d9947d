//! A restore's own states, and what may be done with it in each.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Outcome, Status, vocabulary::run_state_of};

/// `draft → scoped → preview_queued → previewed → queued → running →` an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreStatus {
    /// A backup set is chosen.
    Draft,
    /// The policies to restore are chosen.
    Scoped,
    PreviewQueued,
    Previewed,
    /// Execution was asked for.
    Queued,
    Running,
    Completed,
    CompletedWithErrors,
    Failed,
    Aborted,
}

impl RestoreStatus {
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::Scoped,
        Self::PreviewQueued,
        Self::Previewed,
        Self::Queued,
        Self::Running,
        Self::Completed,
        Self::CompletedWithErrors,
        Self::Failed,
        Self::Aborted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scoped => "scoped",
            Self::PreviewQueued => "preview_queued",
            Self::Previewed => "previewed",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::CompletedWithErrors => "completed_with_errors",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Scoped => "Policies chosen",
            Self::PreviewQueued => "Preview under way",
            Self::Previewed => "Previewed",
            Self::Queued => "Waiting to be executed",
            Self::Running => "Running",
            Self::Completed => "Succeeded",
            Self::CompletedWithErrors => "Partially succeeded",
            Self::Failed => "Failed",
            Self::Aborted => "Aborted",
        }
    }

    /// The shadow run's state; none where there is no shadow.
    pub fn shadow(self) -> Option<(Status, Outcome)> {
        run_state_of(self.as_str())
    }

    pub fn has_ended(self) -> bool {
        matches!(self.shadow(), Some((Status::Completed, _)))
    }

    /// Whether what is restored, and into what, may be chosen anew.
    pub fn may_be_scoped(self) -> bool {
        matches!(self, Self::Draft | Self::Scoped | Self::Previewed)
    }

    /// Whether a preview may be asked for.
    pub fn may_be_previewed(self) -> bool {
        matches!(self, Self::Scoped | Self::Previewed)
    }

    /// Whether execution may be asked for.
    pub fn may_be_executed(self) -> bool {
        self == Self::Previewed
    }
}

impl fmt::Display for RestoreStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a status of a restore")]
pub struct UnknownRestoreStatus;

impl FromStr for RestoreStatus {
    type Err = UnknownRestoreStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownRestoreStatus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_shadow_from_previewed_on_and_not_before() {
        for status in RestoreStatus::ALL {
            let early = matches!(
                status,
                RestoreStatus::Draft | RestoreStatus::Scoped | RestoreStatus::PreviewQueued
            );
            assert_eq!(status.shadow().is_none(), early, "{status}");
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
