//! The queue and its workers, for those who start operations.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::runs::RunRow;
use crate::TenantId;

/// A count that stops somewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capped {
    pub count: i64,
    /// There are more than were counted.
    pub more: bool,
}

/// A process's worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerRow {
    pub name: String,
    pub last_seen_at: DateTime<Utc>,
    /// Whether its last sign of life is recent.
    pub alive: bool,
    /// What it is doing, as far as the reader may see it.
    pub doing: Vec<RunRow>,
    /// Runs of tenants that the reader does not see.
    pub others: i64,
}

/// A tenant whose runs wait for its other runs to end, or for Microsoft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingTenant {
    pub tenant: TenantId,
    pub name: String,
    /// Runs that wait until fewer of this tenant are running.
    pub parked: i64,
    pub running: i64,
    /// Microsoft asked for patience until then.
    pub throttled_until: Option<DateTime<Utc>>,
}

/// `/queues`: numbers are of the whole installation, names only of what the reader sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuesPage {
    /// Queued and free to begin.
    pub ready: Capped,
    /// Since when the one at the front waits.
    pub oldest_ready_at: Option<DateTime<Utc>>,
    /// Queued, but their tenants are busy.
    pub parked: Capped,
    pub running: Capped,
    /// Between two tries.
    pub retrying: Capped,
    /// Of the last hour.
    pub ended: Capped,
    pub failed: Capped,
    /// Those that are alive first.
    pub workers: Vec<WorkerRow>,
    pub tenants: Vec<WaitingTenant>,
    pub as_of: DateTime<Utc>,
}
