//! Messages to one person about runs that this person started.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::runs::operation_label;
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
}

impl NotificationRow {
    /// "Inventory sync for Contoso: succeeded".
    pub fn sentence(&self) -> String {
        let operation = operation_label(&self.operation_type);
        format!(
            "{operation} for {}: {}",
            self.tenant_name,
            self.event.label()
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationsPage {
    /// Newest first.
    pub rows: Vec<NotificationRow>,
    pub unread: i64,
    /// Cursor of the next page, if there is one.
    pub older: Option<String>,
    pub as_of: DateTime<Utc>,
}

/// What the frame around every page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameSummary {
    pub user_name: String,
    pub unread: i64,
    /// Runs that are running on the tenants that this person sees, at most 100 counted.
    pub running: i64,
}
