//! The audit log as its page and its export show it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{AuditAction, AuditCursor, AuditEventId, AuditResult, Means, TenantId, UserId};

/// One event, as it was told when it happened: names are those of that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    pub id: AuditEventId,
    pub at: DateTime<Utc>,
    /// None for somebody who was not signed in, and for commands.
    pub actor_id: Option<UserId>,
    pub actor: String,
    pub tenant_id: Option<TenantId>,
    pub tenant: Option<String>,
    pub action: AuditAction,
    /// What it was done to: a kind such as `run`, and an id of that kind.
    pub subject_kind: Option<String>,
    pub subject_id: Option<i64>,
    pub subject: Option<String>,
    pub result: AuditResult,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The address that it was asked from.
    pub address: Option<String>,
    pub means: Means,
}

impl AuditRow {
    /// The page of what it was done to.
    pub fn href(&self) -> Option<String> {
        let (kind, id) = (self.subject_kind.as_deref()?, self.subject_id?);
        let tenant = self.tenant_id;
        match kind {
            "run" => Some(format!("/runs/{id}")),
            "restore" => Some(format!("/tenants/{}/restores/{id}", tenant?)),
            "backup_set" => Some(format!("/tenants/{}/backups/{id}", tenant?)),
            "schedule" => Some(format!("/tenants/{}/schedules", tenant?)),
            _ => None,
        }
    }
}

/// Which events are wanted; nothing set means all that the reader may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub person: Option<UserId>,
    pub tenant: Option<TenantId>,
    pub action: Option<AuditAction>,
    pub result: Option<AuditResult>,
    /// First and last day, in UTC.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub cursor: Option<AuditCursor>,
}

/// One page of the log, newest first, and cursors to its neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    pub newer: Option<String>,
    pub older: Option<String>,
    pub as_of: DateTime<Utc>,
}

/// Whom and what the reader may choose for the log's filters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChoices {
    pub people: Vec<(UserId, String)>,
    pub tenants: Vec<(TenantId, String)>,
    /// The tenants on which the reader sees what others did.
    pub audited: Vec<String>,
}
