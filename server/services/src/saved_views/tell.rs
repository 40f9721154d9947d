//! Compares runs that have ended with the views that people want to be told of.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{RunId, SavedViewId, UserId};
use sqlx::FromRow;

use super::ReadFilters;
use crate::{
    Caller, Db, ServiceError,
    access::{self, Origin},
    notifications, runs,
};

/// How often every process looks.
pub const TELL_EVERY: Duration = Duration::from_secs(3);
/// Runs compared in one go.
const AT_ONCE: i64 = 500;

#[derive(FromRow)]
struct Subscription {
    view_id: SavedViewId,
    user_id: UserId,
    name: String,
    filters: String,
    created_at: DateTime<Utc>,
}

/// Tells whoever wants to know of the runs that have ended since it was last done. Returns how many were told.
///
/// Any number of processes may do so at once, and one that is killed in the middle leaves its runs to the next: nobody is
/// told of a run twice, as the notifications themselves refuse it.
pub async fn tell(db: &Db, read: ReadFilters) -> Result<u64, ServiceError> {
    let mut told = 0;
    loop {
        let ended: Vec<RunId> =
            sqlx::query_scalar("select run_id from ended_runs_untold order by run_id limit $1")
                .bind(AT_ONCE)
                .fetch_all(&db.pool)
                .await?;
        if ended.is_empty() {
            return Ok(told);
        }
        for subscription in subscriptions(db).await? {
            match tell_one(db, read, &subscription, &ended).await {
                Ok(count) => told += count,
                Err(error) if passes(&error) => return Err(error),
                // One view that can't be asked must not keep the others from being told.
                Err(error) => {
                    let view = subscription.view_id;
                    tracing::error!(%view, %error, "nobody could be told of a view's runs");
                }
            }
        }
        sqlx::query("delete from ended_runs_untold where run_id = any($1)")
            .bind(&ended)
            .execute(&db.pool)
            .await?;
    }
}

/// Those whose person is still offered the view.
async fn subscriptions(db: &Db) -> Result<Vec<Subscription>, sqlx::Error> {
    sqlx::query_as(
        "select s.view_id, s.user_id, u.name, v.filters, s.created_at
         from view_subscriptions s join saved_views v on v.id = s.view_id join users u on u.id = s.user_id
         where is_offered(s.user_id, v)
         order by s.view_id, s.user_id",
    )
    .fetch_all(&db.pool)
    .await
}

async fn tell_one(
    db: &Db,
    read: ReadFilters,
    subscription: &Subscription,
    ended: &[RunId],
) -> Result<u64, ServiceError> {
    let Some(query) = read(&subscription.filters) else {
        return Ok(0);
    };
    let reader = Caller {
        user_id: subscription.user_id,
        name: subscription.name.clone(),
        roles: access::roles_of(db, subscription.user_id).await?,
        origin: Origin::default(),
    };
    let matching = match runs::among(&reader, db, &query, ended).await {
        // The tenant that the view filters by is not this person's.
        Err(ServiceError::NotFound) => return Ok(0),
        matching => matching?,
    };
    if matching.is_empty() {
        return Ok(0);
    }
    let since = subscription.created_at;
    let of = (subscription.view_id, subscription.user_id);
    Ok(notifications::runs_of_view(db, of, since, &matching).await?)
}

/// Whether trying again later may help: the database is gone, busy or in another's way.
fn passes(error: &ServiceError) -> bool {
    let ServiceError::Database(error) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_none_or(|code| {
        ["08", "40", "53", "57P"]
            .iter()
            .any(|class| code.starts_with(class))
    })
}
