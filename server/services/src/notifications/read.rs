//! Reading one's own notifications and marking them read.

use chrono::{DateTime, Utc};
use domain::{
    NotificationId, RunId, SavedViewId,
    views::notifications::{
        Batch, Digest, FrameSummary, MOST_UNREAD, NotificationEvent, NotificationRow,
        NotificationsPage, OfView,
    },
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{Caller, Db, ServiceError, queues, runs};

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
    let (active, more_active) = runs::active_of_person(caller, db).await?;
    let (unread, unread_bad) = unread(caller, db).await?;
    Ok(FrameSummary {
        user_name: caller.name.clone(),
        unread,
        unread_bad,
        running,
        active,
        more_active,
        news: news(caller, db).await?,
        may_see_queues: queues::may_see(caller),
    })
}

/// A select of [`Record`]s with the given rest of the statement; `$1` is the reader, `$2` the tenants that the reader sees.
///
/// Of a batch that the reader started, and of what shares a line, only the newest notification is given, with what became
/// of all its runs.
macro_rules! select_notifications {
    ($rest:literal) => {
        concat!(
            "select n.id, n.run_id, r.type as operation_type, r.dry_run, t.name as tenant_name, n.event, n.created_at,
                    n.read_at is not null and not exists (
                        select from operation_runs s join notifications other on other.run_id = s.id
                        where s.batch_id = own.batch_id and other.user_id = $1 and other.read_at is null
                    ) and not exists (
                        select from notifications other
                        where other.digest_id = n.digest_id and other.tenant_id = any($2) and other.read_at is null
                    ) as read,
                    n.view_id, v.name as view_name, n.digest_id::text as digest_id,
                    coalesce(g.succeeded, 0) as digest_succeeded,
                    coalesce(g.partially_succeeded, 0) as digest_partially_succeeded,
                    coalesce(g.failed, 0) as digest_failed,
                    own.batch_id::text as batch_id, coalesce(b.repeats, false) as repeats,
                    coalesce(b.active, 0) as active, coalesce(b.succeeded, 0) as succeeded,
                    coalesce(b.partially_succeeded, 0) as partially_succeeded, coalesce(b.failed, 0) as failed
             from notifications n join operation_runs r on r.id = n.run_id join tenants t on t.id = n.tenant_id
                 cross join lateral (select case when r.user_id = $1 then r.batch_id end as batch_id) as own
                 left join lateral (
                     select bool_and(o.repeats_run_id is not null) as repeats,
                            count(*) filter (where o.status <> 'completed') as active,
                            count(*) filter (where o.outcome = 'succeeded') as succeeded,
                            count(*) filter (where o.outcome = 'partially_succeeded') as partially_succeeded,
                            count(*) filter (where o.outcome in ('failed', 'cancelled')) as failed
                     from operation_runs o where o.batch_id = own.batch_id and o.tenant_id = any($2)
                 ) as b on own.batch_id is not null
                 left join saved_views v on v.id = n.view_id and is_offered($1, v)
                 left join lateral (
                     select count(*) filter (where d.event = 'succeeded') as succeeded,
                            count(*) filter (where d.event = 'partially_succeeded') as partially_succeeded,
                            count(*) filter (where d.event = 'failed') as failed
                     from notifications d where d.digest_id = n.digest_id and d.tenant_id = any($2)
                 ) as g on n.digest_id is not null
             where n.user_id = $1 and n.tenant_id = any($2)
               and not exists (
                   select from operation_runs s join notifications later on later.run_id = s.id
                   where s.batch_id = own.batch_id and s.tenant_id = any($2)
                     and later.user_id = $1 and later.id > n.id
               )
               and not exists (
                   select from notifications later
                   where later.digest_id = n.digest_id and later.tenant_id = any($2) and later.id > n.id
               ) ",
            $rest
        )
    };
}

#[derive(FromRow)]
struct Record {
    id: NotificationId,
    run_id: RunId,
    operation_type: String,
    dry_run: bool,
    tenant_name: String,
    event: String,
    created_at: DateTime<Utc>,
    read: bool,
    batch_id: Option<String>,
    repeats: bool,
    active: i64,
    succeeded: i64,
    partially_succeeded: i64,
    failed: i64,
    view_id: Option<SavedViewId>,
    view_name: Option<String>,
    digest_id: Option<String>,
    digest_succeeded: i64,
    digest_partially_succeeded: i64,
    digest_failed: i64,
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
    let mut found: Vec<Record> = sqlx::query_as(select_notifications!(
        "and ($3::bigint is null or n.id < $3) order by n.id desc limit 51"
    ))
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
        unread: unread(caller, db).await?.0,
        as_of: db.now().await?,
    })
}

/// What has ended and was not read yet: what a page in the background tells, and a screen reader says.
async fn news(caller: &Caller, db: &Db) -> Result<Vec<NotificationRow>, ServiceError> {
    let found: Vec<Record> = sqlx::query_as(select_notifications!(
        "and n.read_at is null and n.event <> 'queued' order by n.id desc limit 5"
    ))
    .bind(caller.user_id)
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    found.into_iter().map(into_row).collect()
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
        dry_run: record.dry_run,
        tenant_name: record.tenant_name,
        event,
        created_at: record.created_at,
        read: record.read,
        batch: record.batch_id.map(|id| Batch {
            id,
            repeats: record.repeats,
            active: record.active,
            succeeded: record.succeeded,
            partially_succeeded: record.partially_succeeded,
            failed: record.failed,
        }),
        view: record.view_id.map(|id| OfView {
            id,
            name: record.view_name,
        }),
        digest: record.digest_id.map(|id| Digest {
            id,
            succeeded: record.digest_succeeded,
            partially_succeeded: record.digest_partially_succeeded,
            failed: record.digest_failed,
        }),
    })
}

/// How many lines of the list are unread: a batch is one, and so is what shares a line. And how many of those tell of
/// something that did not succeed.
async fn unread(caller: &Caller, db: &Db) -> Result<(i64, i64), ServiceError> {
    Ok(sqlx::query_as(
        "select count(*), count(*) filter (where bad) from (
             select bool_or(n.event in ('partially_succeeded', 'failed')) as bad
             from notifications n join operation_runs r on r.id = n.run_id
             where n.user_id = $1 and n.tenant_id = any($2) and n.read_at is null
             group by coalesce((case when r.user_id = $1 then r.batch_id end)::text, n.digest_id::text, n.id::text)
             limit $3
         ) as unread",
    )
    .bind(caller.user_id)
    .bind(caller.tenant_ids())
    .bind(MOST_UNREAD)
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

/// Marks all of the caller's notifications about the runs of a batch as read; what is no batch's id marks nothing.
pub async fn mark_batch_read(caller: &Caller, db: &Db, batch: &str) -> Result<(), ServiceError> {
    let Ok(batch) = batch.parse::<Uuid>() else {
        return Ok(());
    };
    sqlx::query(
        "update notifications n set read_at = now() from operation_runs r
         where r.id = n.run_id and r.batch_id = $2 and n.user_id = $1 and n.read_at is null",
    )
    .bind(caller.user_id)
    .bind(batch)
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// Marks all that shares a line of the caller's as read; what is no line's id marks nothing.
pub async fn mark_digest_read(caller: &Caller, db: &Db, digest: &str) -> Result<(), ServiceError> {
    let Ok(digest) = digest.parse::<Uuid>() else {
        return Ok(());
    };
    sqlx::query(
        "update notifications set read_at = now() where user_id = $1 and digest_id = $2 and read_at is null",
    )
    .bind(caller.user_id)
    .bind(digest)
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// Marks as read what was told of a view in one line, as that line leads to the view. Other lines lead to their runs.
pub async fn mark_view_read(
    caller: &Caller,
    db: &Db,
    view: SavedViewId,
) -> Result<(), ServiceError> {
    sqlx::query(
        "update notifications set read_at = now()
         where user_id = $1 and view_id = $2 and digest_id is not null and read_at is null",
    )
    .bind(caller.user_id)
    .bind(view)
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
