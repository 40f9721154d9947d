//! A tenant's cached groups as the groups page shows them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::GroupId;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupQuery {
    /// Part of the name, in any case.
    pub text: Option<String>,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRow {
    pub id: GroupId,
    /// The group's id at Microsoft.
    pub graph_id: String,
    pub name: String,
    pub description: Option<String>,
    /// "Security", "Microsoft 365", "Dynamic security", …
    pub kind: String,
}

/// One page of cached groups, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupsPage {
    pub tenant_name: String,
    pub rows: Vec<GroupRow>,
    pub next: Option<String>,
    pub total: i64,
    pub synced_at: Option<DateTime<Utc>>,
    pub as_of: DateTime<Utc>,
}
