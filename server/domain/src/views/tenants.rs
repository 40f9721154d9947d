//! Tenants as their list and their page show them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::runs::RunRow;
use crate::{OperationType, Role, TenantId};

/// One tenant in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantRow {
    pub id: TenantId,
    pub name: String,
    /// The directory's id at Microsoft.
    pub directory_id: String,
    pub role: Role,
    /// Policies and groups that the last syncs found.
    pub policies: i64,
    pub groups: i64,
    pub active_runs: i64,
    /// The latest run of any operation.
    pub last_run: Option<RunRow>,
}

/// One tenant's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantDetail {
    pub tenant: TenantRow,
    /// "Global", "US Government", …
    pub cloud: String,
    pub client_id: String,
    /// An IANA name.
    pub time_zone: String,
    /// What Microsoft calls the organization; known once the connection was verified.
    pub organization_name: Option<String>,
    pub verified_at: Option<DateTime<Utc>>,
    pub inventory_synced_at: Option<DateTime<Utc>>,
    pub groups_synced_at: Option<DateTime<Utc>>,
    /// The operations that this tenant offers, each with whether the reader may start it.
    pub operations: Vec<(OperationType, bool)>,
    /// Newest first, at most ten.
    pub recent_runs: Vec<RunRow>,
    pub as_of: DateTime<Utc>,
}
