//! Backup schedules as their page shows them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::backups::KindChoice;
use crate::{RunId, ScheduleId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRow {
    pub id: ScheduleId,
    pub name: String,
    /// Five fields of cron.
    pub cron: String,
    pub time_zone: String,
    /// Labels of the kinds; none for every kind.
    pub kinds: Vec<String>,
    /// How many sets are kept.
    pub keep: i32,
    pub enabled: bool,
    /// None while it is paused.
    pub next_due_at: Option<DateTime<Utc>>,
    pub last_run: Option<RunId>,
    /// Outcome of the last run, or its status while it is active.
    pub last_outcome: Option<String>,
    /// Sets that are there.
    pub sets: i64,
}

/// `/tenants/{id}/schedules`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulesPage {
    pub tenant_name: String,
    pub rows: Vec<ScheduleRow>,
    pub kinds: Vec<KindChoice>,
    /// Whether the reader may make and run schedules.
    pub may_start: bool,
    pub as_of: DateTime<Utc>,
}
