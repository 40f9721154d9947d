//! A tenant's policies as the inventory page shows them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::PolicyId;

/// What the inventory page is asked for; every part stands in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyQuery {
    /// Key of a policy kind.
    pub kind: Option<String>,
    /// Part of the name, in any case.
    pub text: Option<String>,
    /// Policies that are gone from the tenant, instead of those that are there.
    pub vanished: bool,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRow {
    pub id: PolicyId,
    pub kind_label: String,
    pub name: String,
    pub platform: Option<String>,
    /// Number of settings, for kinds that have such.
    pub settings: Option<i32>,
    /// Last change in Microsoft 365.
    pub last_modified_at: Option<DateTime<Utc>>,
    /// When a sync first missed it.
    pub vanished_at: Option<DateTime<Utc>>,
}

/// A kind of policy with what the last sync of it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindSummary {
    pub key: String,
    pub label: String,
    pub policies: i64,
    /// Last complete reading of this kind.
    pub synced_at: Option<DateTime<Utc>>,
    /// Why the latest reading failed, if it did.
    pub failure: Option<crate::FailureCode>,
}

/// One page of the inventory, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryPage {
    pub tenant_name: String,
    pub rows: Vec<PolicyRow>,
    pub kinds: Vec<KindSummary>,
    /// Cursor of the next page, if there is one.
    pub next: Option<String>,
    /// All policies that are there, whatever the filter.
    pub total: i64,
    pub synced_at: Option<DateTime<Utc>>,
    /// Whether the reader may export and delete.
    pub may_start: bool,
    pub as_of: DateTime<Utc>,
}

/// Policies chosen in the inventory, before they are deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenPolicies {
    pub tenant_name: String,
    pub rows: Vec<PolicyRow>,
    pub may_start: bool,
}
