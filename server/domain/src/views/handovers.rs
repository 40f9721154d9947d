//! A run as somebody outside sees it who was given a link: what happened, and nobody's name.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::runs::TimelineStep;
use crate::{FailureGroup, RunId, RunState, SummaryCounts};

/// A link that still works. The link itself is known to whoever made it, and to those they gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    pub id: i64,
    pub by: String,
    pub expires_at: DateTime<Utc>,
}

/// What whoever has the link sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    pub run_id: RunId,
    pub operation_type: String,
    pub tenant_name: String,
    /// Microsoft's id of the tenant, as its support asks for it.
    pub directory_id: String,
    pub state: RunState,
    pub counts: Option<SummaryCounts>,
    pub failures: Vec<FailureGroup>,
    pub steps: Vec<TimelineStep>,
    /// The latest request of each failure code.
    pub request_ids: Vec<(String, String)>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub as_of: DateTime<Utc>,
}
