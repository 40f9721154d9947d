//! Messages to one person about runs that this person started, follows, or is told of by a saved view.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::runs::{RunRow, label_of};
use crate::{NotificationId, OperationType, RunId, SavedViewId};

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
    /// A rehearsal of a restore.
    #[serde(default)]
    pub dry_run: bool,
    pub tenant_name: String,
    pub event: NotificationEvent,
    pub created_at: DateTime<Utc>,
    pub read: bool,
    /// Set where one action of the reader started this run together with others: then this row stands for all of them.
    pub batch: Option<Batch>,
    /// The saved view for whose sake the reader is told.
    pub view: Option<OfView>,
    /// Set where so many runs of a view ended that they share this row.
    pub digest: Option<Digest>,
}

/// A saved view that somebody is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfView {
    pub id: SavedViewId,
    /// None once the reader is not offered it any more.
    pub name: Option<String>,
}

/// How many runs of a view share a row, as far as the reader may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub id: String,
    pub succeeded: i64,
    pub partially_succeeded: i64,
    pub failed: i64,
}

impl Digest {
    /// "12 runs ended in “Failed last night”: 12 failed".
    fn sentence(&self, view: Option<&str>) -> String {
        let what = match self.succeeded + self.partially_succeeded + self.failed {
            1 => "1 run".to_owned(),
            runs => format!("{runs} runs"),
        };
        let place = view.map(|name| format!(" in “{name}”")).unwrap_or_default();
        let parts = [
            (self.failed, "failed"),
            (self.partially_succeeded, "partially succeeded"),
            (self.succeeded, "succeeded"),
        ];
        format!("{what} ended{place}: {}", each(&parts))
    }
}

/// "10 succeeded, 2 failed": those of which there are any.
fn each(parts: &[(i64, &str)]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    parts.join(", ")
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
        let parts = [
            (self.succeeded, "succeeded"),
            (self.partially_succeeded, "partially succeeded"),
            (self.failed, "failed"),
            (self.active, "not ended yet"),
        ];
        let what = match (self.repeats, self.runs()) {
            (true, 1) => "Run again of 1 run".to_owned(),
            (true, runs) => format!("Run again of {runs} runs"),
            (false, 1) => "1 run".to_owned(),
            (false, runs) => format!("{runs} runs started together"),
        };
        format!("{what}: {}", each(&parts))
    }
}

impl NotificationRow {
    /// "Inventory sync for Contoso: succeeded", or what became of the whole batch or of all that share the row.
    pub fn sentence(&self) -> String {
        if let Some(batch) = &self.batch {
            return batch.sentence();
        }
        let view = self.view.as_ref().and_then(|view| view.name.as_deref());
        if let Some(digest) = &self.digest {
            return digest.sentence(view);
        }
        let operation = label_of(&self.operation_type, self.dry_run);
        let tenant = &self.tenant_name;
        let is_restore = self.operation_type == OperationType::RestoreExecute.as_str();
        let ended = match self.event {
            // Its run is there from the preview on.
            NotificationEvent::Queued if is_restore => "previewed, nothing is written yet",
            event => event.label(),
        };
        match view {
            Some(view) => format!("{operation} for {tenant}: {ended} (in “{view}”)"),
            None => format!("{operation} for {tenant}: {ended}"),
        }
    }

    /// Where it leads: to the run, to what became of the whole batch, or to the view.
    pub fn href(&self) -> String {
        match (&self.batch, &self.digest, &self.view) {
            (Some(batch), _, _) => format!("/runs/bulk/{}", batch.id),
            (None, Some(_), Some(view)) => format!("/runs?view={}", view.id),
            (None, Some(_), None) => "/runs?view=all".to_owned(),
            (None, None, _) => format!("/runs/{}", self.run_id),
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
    /// Those of them that tell of something that did not succeed.
    pub unread_bad: i64,
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
