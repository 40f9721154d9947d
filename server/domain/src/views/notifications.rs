//! Messages to one person about runs that this person started.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::runs::{RunRow, operation_label};
use crate::{NotificationId, RunId};

/// What a notification reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationEvent {
    Queued,
    Succeeded,
    PartiallySucceeded,
    Failed,
}

impl NotificationEvent {
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Succeeded => "succeeded",
            Self::PartiallySucceeded => "partially succeeded",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRow {
    pub id: NotificationId,
    pub run_id: RunId,
    pub operation_type: String,
    pub tenant_name: String,
    pub event: NotificationEvent,
    pub created_at: DateTime<Utc>,
    pub read: bool,
    /// Set where one action of the reader started this run together with others: then this row stands for all of them.
    pub batch: Option<Batch>,
}

/// What became of runs that one action started together, as far as the reader may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    pub id: String,
    /// Whether every one of them repeats another run.
    pub repeats: bool,
    pub active: i64,
    pub succeeded: i64,
    pub partially_succeeded: i64,
    pub failed: i64,
}

impl Batch {
    pub fn runs(&self) -> i64 {
        self.active + self.succeeded + self.partially_succeeded + self.failed
    }

    /// "Run again of 12 runs: 10 succeeded, 2 failed".
    pub fn sentence(&self) -> String {
        let parts: Vec<_> = [
            (self.succeeded, "succeeded"),
            (self.partially_succeeded, "partially succeeded"),
            (self.failed, "failed"),
            (self.active, "not ended yet"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
        let what = match (self.repeats, self.runs()) {
            (true, 1) => "Run again of 1 run".to_owned(),
            (true, runs) => format!("Run again of {runs} runs"),
            (false, 1) => "1 run".to_owned(),
            (false, runs) => format!("{runs} runs started together"),
        };
        format!("{what}: {}", parts.join(", "))
    }
}

impl NotificationRow {
    /// "Inventory sync for Contoso: succeeded", or what became of the whole batch.
    pub fn sentence(&self) -> String {
        if let Some(batch) = &self.batch {
            return batch.sentence();
        }
        let operation = operation_label(&self.operation_type);
        format!(
            "{operation} for {}: {}",
            self.tenant_name,
            self.event.label()
        )
    }

    /// Where it leads: to the run, or to what became of the whole batch.
    pub fn href(&self) -> String {
        match &self.batch {
            Some(batch) => format!("/runs/bulk/{}", batch.id),
            None => format!("/runs/{}", self.run_id),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationsPage {
    /// Newest first.
    pub rows: Vec<NotificationRow>,
    /// At most [`MOST_UNREAD`] are counted.
    pub unread: i64,
    /// Cursor of the next page, if there is one.
    pub older: Option<String>,
    pub as_of: DateTime<Utc>,
}

/// What the frame around every page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameSummary {
    pub user_name: String,
    /// At most [`MOST_UNREAD`] are counted.
    pub unread: i64,
    /// Runs that are running on the tenants that this person sees, at most 100 counted.
    pub running: i64,
    /// The reader's own runs that have not ended, oldest first; at most [`MOST_ACTIVE`].
    pub active: Vec<RunRow>,
    pub more_active: bool,
    /// The newest unread endings, newest first.
    pub news: Vec<NotificationRow>,
    /// Whether the reader may open `/queues`.
    pub may_see_queues: bool,
}

/// So many unread notifications are counted; what belongs to one batch counts as one.
pub const MOST_UNREAD: i64 = 1000;
/// So many active runs are shown on every page.
pub const MOST_ACTIVE: usize = 8;
