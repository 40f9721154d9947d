//! What every process does now and then: sweep runs whose worker is gone, settle
//! restores that such runs leave behind, and clear away what is no longer needed.

use std::time::{Duration, Instant};

use services::{Db, access, rbac::DelegatedAccess, restores, runs, saved_views, schedules};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Due times are minutes; a start may be late by this.
const SCHEDULE_EVERY: Duration = Duration::from_secs(2);
const ACCESS_EVERY: Duration = Duration::from_secs(30);
const TIDY_EVERY: Duration = Duration::from_secs(10 * 60);

/// Sweeps and tidies until `shutdown`.
pub async fn keep_house(db: Db, per_tenant: i64, shutdown: CancellationToken) {
    let mut tidied: Option<Instant> = None;
    loop {
        if let Err(error) = runs::sweep(&db, per_tenant).await {
            warn!(%error, "a sweep failed");
        }
        if let Err(error) = restores::settle(&db).await {
            warn!(%error, "restores could not be settled");
        }
        if tidied.is_none_or(|at| at.elapsed() > TIDY_EVERY) {
            tidied = Some(Instant::now());
            if let Err(error) = tidy(&db).await {
                warn!(%error, "tidying failed");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(runs::SWEEP_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Starts what is due until `shutdown`. Every process does so; each due time is started once.
pub async fn keep_schedules(db: Db, shutdown: CancellationToken) {
    loop {
        if let Err(error) = schedules::start_due(&db).await {
            warn!(%error, "what is due could not be started yet");
        }
        tokio::select! {
            () = tokio::time::sleep(SCHEDULE_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Tells people of the runs that have ended in the saved views that they watch, until `shutdown`.
pub async fn keep_told(db: Db, shutdown: CancellationToken) {
    loop {
        if let Err(error) = saved_views::tell(&db, app::runs::views_api::query_of).await {
            warn!(%error, "nobody could be told of ended runs in saved views yet");
        }
        tokio::select! {
            () = tokio::time::sleep(saved_views::TELL_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Drops delegated access of sessions that have ended, until `shutdown`. It could not be used any more; it is not to
/// lie about either.
pub async fn keep_access(delegated: DelegatedAccess, db: Db, shutdown: CancellationToken) {
    loop {
        if let Err(error) = delegated.forget_ended(&db).await {
            warn!(%error, "delegated access could not be looked through");
        }
        tokio::select! {
            () = tokio::time::sleep(ACCESS_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

async fn tidy(db: &Db) -> Result<(), services::ServiceError> {
    access::tidy(db).await?;
    runs::tidy_alerts(db).await?;
    runs::tidy_items(db).await?;
    runs::tidy_handovers(db).await?;
    runs::tidy_queue(db).await
}
