//! Writing an event: beside the change that it tells of, in its transaction; or alone, for what was refused.

use domain::{AuditAction, AuditResult, TenantId, UserId, sanitize};
use sqlx::PgConnection;

use crate::{Caller, Db, ServiceError, access::Origin};

/// Who did it.
#[derive(Debug, Clone)]
pub(crate) struct By {
    pub user: Option<UserId>,
    pub name: String,
    pub origin: Origin,
}

impl By {
    /// Whoever sits at the server.
    pub fn command() -> Self {
        Self {
            user: None,
            name: "Command line".to_owned(),
            origin: Origin::default(),
        }
    }

    /// Somebody who is not signed in; what was typed is not kept.
    pub fn stranger(origin: &Origin) -> Self {
        Self {
            user: None,
            name: "Somebody".to_owned(),
            origin: origin.clone(),
        }
    }
}

impl From<&Caller> for By {
    fn from(caller: &Caller) -> Self {
        Self {
            user: Some(caller.user_id),
            name: caller.name.clone(),
            origin: caller.origin.clone(),
        }
    }
}

/// What was done or tried, and to what.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    action: AuditAction,
    tenant: Option<TenantId>,
    subject: Option<(&'static str, Option<i64>, String)>,
}

impl Event {
    pub fn new(action: AuditAction) -> Self {
        Self {
            action,
            tenant: None,
            subject: None,
        }
    }

    pub fn on(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// `kind` and `id` lead to it, `words` tell it to people.
    pub fn about(
        mut self,
        kind: &'static str,
        id: impl Into<Option<i64>>,
        words: impl Into<String>,
    ) -> Self {
        self.subject = Some((kind, id.into(), words.into()));
        self
    }
}

/// Tells of a change, in the change's own transaction: both are there or neither.
pub(crate) async fn done(
    tx: &mut PgConnection,
    by: impl Into<By>,
    event: Event,
) -> Result<(), sqlx::Error> {
    write(tx, by.into(), event, None).await
}

/// Tells of something that was refused; there is no change to go with it.
pub(crate) async fn refused(
    db: &Db,
    by: impl Into<By>,
    event: Event,
    reason: &str,
) -> Result<(), ServiceError> {
    let mut connection = db.pool.acquire().await?;
    write(&mut connection, by.into(), event, Some(reason)).await?;
    Ok(())
}

/// Hands on whether somebody may do this, and tells of it if not.
///
/// What does not exist for the caller leaves no event: nothing is said of a tenant to someone outside of it, not even
/// that somebody knocked.
pub(crate) async fn allowed(
    caller: &Caller,
    db: &Db,
    event: Event,
    right: Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    if let Err(ServiceError::Forbidden(reason)) = &right {
        refused(db, caller, event, reason).await?;
    }
    right
}

async fn write(
    connection: &mut PgConnection,
    by: By,
    event: Event,
    reason: Option<&str>,
) -> Result<(), sqlx::Error> {
    let result = match reason {
        None => AuditResult::Done,
        Some(_) => AuditResult::Refused,
    };
    let (kind, id, words) = match event.subject {
        Some((kind, id, words)) => (Some(kind), id, Some(words)),
        None => (None, None, None),
    };
    sqlx::query(
        "insert into audit_events
             (actor_id, actor_name, tenant_id, tenant_name, action, subject_kind, subject_id, subject, result, reason,
              means, address)
         values ($1, $2, $3, (select name from tenants where id = $3), $4, $5, $6, $7, $8, $9, $10, $11::text::inet)",
    )
    .bind(by.user)
    .bind(by.name)
    .bind(event.tenant)
    .bind(event.action.as_str())
    .bind(kind)
    .bind(id)
    .bind(words.as_deref().map(sanitize::message))
    .bind(result.as_str())
    .bind(reason.map(sanitize::message))
    .bind(by.origin.means.as_str())
    .bind(by.origin.address.map(|address| address.to_string()))
    .execute(connection)
    .await?;
    Ok(())
}
