//! Reading one's own notifications and marking them read.

use chrono::{DateTime, Utc};
use domain::{
    NotificationId, RunId,
    views::notifications::{FrameSummary, NotificationEvent, NotificationRow, NotificationsPage},
};
use sqlx::FromRow;

use crate::{Caller, Db, ServiceError};

const PAGE: usize = 50;

/// What the frame around every page shows.
pub async fn frame(caller: &Caller, db: &Db) -> Result<FrameSummary, ServiceError> {
    let running: i64 = sqlx::query_scalar(
        "select count(*) from (
             select from operation_runs where tenant_id = any($1) and status = 'running' limit 100
         ) as running",
    )
    .bind(caller.tenant_ids())
    .fetch_one(&db.pool)
    .await?;
    Ok(FrameSummary {
        user_name: caller.name.clone(),
        unread: unread(caller, db).await?,
        running,
    })
}

#[derive(FromRow)]
struct Record {
    id: NotificationId,
    run_id: RunId,
    operation_type: String,
    tenant_name: String,
    event: String,
    created_at: DateTime<Utc>,
    read: bool,
}

/// The caller's notifications, newest first. The cursor is the one that an earlier page gave.
pub async fn list(
    caller: &Caller,
    db: &Db,
    cursor: Option<&str>,
) -> Result<NotificationsPage, ServiceError> {
    let before: Option<NotificationId> = cursor
        .map(str::parse)
        .transpose()
        .map_err(|_| ServiceError::Invalid("cursor: not one that this site gave out".into()))?;
    let mut found: Vec<Record> = sqlx::query_as(
        "select n.id, n.run_id, r.type as operation_type, t.name as tenant_name, n.event, n.created_at,
                n.read_at is not null as read
         from notifications n join operation_runs r on r.id = n.run_id join tenants t on t.id = n.tenant_id
         where n.user_id = $1 and n.tenant_id = any($2) and ($3::bigint is null or n.id < $3)
         order by n.id desc limit 51",
    )
    .bind(caller.user_id)
    .bind(caller.tenant_ids())
    .bind(before)
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    Ok(NotificationsPage {
        older: found
            .last()
            .filter(|_| more)
            .map(|last| last.id.to_string()),
        rows: found.into_iter().map(into_row).collect::<Result<_, _>>()?,
        unread: unread(caller, db).await?,
        as_of: db.now().await?,
    })
}

fn into_row(record: Record) -> Result<NotificationRow, ServiceError> {
    let event = match record.event.as_str() {
        "queued" => NotificationEvent::Queued,
        "succeeded" => NotificationEvent::Succeeded,
        "partially_succeeded" => NotificationEvent::PartiallySucceeded,
        "failed" => NotificationEvent::Failed,
        other => {
            let message = format!("notification {} has the unknown event {other}", record.id);
            return Err(ServiceError::Internal(message));
        }
    };
    Ok(NotificationRow {
        id: record.id,
        run_id: record.run_id,
        operation_type: record.operation_type,
        tenant_name: record.tenant_name,
        event,
        created_at: record.created_at,
        read: record.read,
    })
}

async fn unread(caller: &Caller, db: &Db) -> Result<i64, ServiceError> {
    Ok(sqlx::query_scalar(
        "select count(*) from notifications
         where user_id = $1 and tenant_id = any($2) and read_at is null",
    )
    .bind(caller.user_id)
    .bind(caller.tenant_ids())
    .fetch_one(&db.pool)
    .await?)
}

/// Marks all of the caller's notifications about this run as read.
pub async fn mark_run_read(caller: &Caller, db: &Db, run: RunId) -> Result<(), ServiceError> {
    sqlx::query(
        "update notifications set read_at = now() where user_id = $1 and run_id = $2 and read_at is null",
    )
    .bind(caller.user_id)
    .bind(run)
    .execute(&db.pool)
    .await?;
    Ok(())
}

pub async fn mark_all_read(caller: &Caller, db: &Db) -> Result<(), ServiceError> {
    sqlx::query("update notifications set read_at = now() where user_id = $1 and read_at is null")
        .bind(caller.user_id)
        .execute(&db.pool)
        .await?;
    Ok(())
}
