//! Writing notifications, in the transaction of the change they report. Runs of the system notify nobody who did not ask.

use chrono::{DateTime, Utc};
use domain::{NotificationId, RunId, SavedViewId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Db;

/// So many runs of a view are told of one by one within ten minutes; more of them share a line.
const ONE_BY_ONE: i64 = 10;

pub(crate) async fn run_queued(tx: &mut PgConnection, run: RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into notifications (user_id, tenant_id, run_id, event)
         select user_id, tenant_id, id, 'queued' from operation_runs where id = $1 and user_id is not null",
    )
    .bind(run)
    .execute(tx)
    .await?;
    Ok(())
}

/// Tells who started it, and who asked to be told too and still sees the tenant. The event is the run's outcome.
pub(crate) async fn run_ended(tx: &mut PgConnection, run: RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into notifications (user_id, tenant_id, run_id, event)
         select told.user_id, r.tenant_id, r.id, r.outcome
         from operation_runs r, lateral (
             select r.user_id where r.user_id is not null
             union
             select f.user_id from operation_run_followers f join memberships m using (user_id)
             where f.run_id = r.id and m.tenant_id = r.tenant_id
         ) as told
         where r.id = $1",
    )
    .bind(run)
    .execute(tx)
    .await?;
    Ok(())
}

/// Tells a person of runs that have ended since and that a view holds; of those that they were told of already, nothing.
/// Returns of how many they were told.
pub(crate) async fn runs_of_view(
    db: &Db,
    (view, user): (SavedViewId, UserId),
    since: DateTime<Utc>,
    runs: &[RunId],
) -> Result<u64, sqlx::Error> {
    let mut tx = db.pool.begin().await?;
    // The role is looked at once more: it may have been taken away since the runs were found.
    let told: Vec<NotificationId> = sqlx::query_scalar(
        "insert into notifications (user_id, tenant_id, run_id, event, view_id)
         select $1, r.tenant_id, r.id, r.outcome, $2
         from operation_runs r join memberships m on m.tenant_id = r.tenant_id and m.user_id = $1
         where r.id = any($3) and r.status = 'completed' and r.completed_at >= $4
         order by r.id
         on conflict do nothing returning id",
    )
    .bind(user)
    .bind(view)
    .bind(runs)
    .bind(since)
    .fetch_all(&mut *tx)
    .await?;
    if let Some(digest) = digest(&mut tx, view, user).await? {
        sqlx::query("update notifications set digest_id = $2 where id = any($1)")
            .bind(&told)
            .bind(digest)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(told.len() as u64)
}

/// The line that what was just told of the view belongs to, if there is too much for a line each.
async fn digest(
    tx: &mut PgConnection,
    view: SavedViewId,
    user: UserId,
) -> Result<Option<Uuid>, sqlx::Error> {
    let (lately, shared): (i64, Option<Uuid>) = sqlx::query_as(
        "select count(*), (array_agg(digest_id order by id desc) filter (where digest_id is not null))[1]
         from (
             select id, digest_id from notifications
             where view_id = $1 and user_id = $2 and created_at > now() - interval '10 minutes'
             order by id desc limit 1000
         ) as lately",
    )
    .bind(view)
    .bind(user)
    .fetch_one(tx)
    .await?;
    Ok(match (lately > ONE_BY_ONE, shared) {
        (false, _) => None,
        (true, Some(shared)) => Some(shared),
        (true, None) => Some(Uuid::new_v4()),
    })
}
