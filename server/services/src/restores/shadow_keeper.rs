//! Keeps shadows and restores in agreement: at each change that the database tells of, and by looking at all now and then.

use std::time::Duration;

use tokio::time::Instant;

use super::shadow;
use crate::{
    Db, ServiceError,
    hearing::{Ear, Heard},
};

const CHANNEL: &str = "tenantatlas_restores";
/// Something that failed once (a lost connection between two statements) is found again after this time at the latest.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Hears which restores change, whoever changes them, and lets their shadows follow. Any number may run at once.
pub struct ShadowKeeper {
    db: Db,
    ear: Ear,
    look_at: Instant,
}

impl ShadowKeeper {
    pub fn new(db: &Db) -> Self {
        Self {
            db: db.clone(),
            ear: Ear::on(db, CHANNEL),
            look_at: Instant::now() + LOOK_EVERY,
        }
    }

    /// Waits for the next change and follows it.
    ///
    /// # Errors
    /// When the database fails meanwhile; the next look finds what was left undone.
    pub async fn step(&mut self) -> Result<(), ServiceError> {
        match self.ear.next_before(self.look_at).await {
            Some(Heard::Payload(payload)) => match payload.parse() {
                Ok(restore) => shadow::mirror(&self.db, restore).await,
                Err(_) => Ok(()),
            },
            Some(Heard::Gap) => catch_up(&self.db).await,
            None => {
                self.look_at = Instant::now() + LOOK_EVERY;
                catch_up(&self.db).await
            }
        }
    }
}

/// Lets every shadow follow that has been left behind; one that can't does not keep the others from it.
pub async fn catch_up(db: &Db) -> Result<(), ServiceError> {
    for restore in shadow::behind(db).await? {
        if let Err(error) = shadow::mirror(db, restore).await {
            tracing::error!(%restore, %error, "a restore's shadow could not follow");
        }
    }
    Ok(())
}

/// Ends restores whose execution was ended from outside (a lost worker, a time limit, a queue that refused the job),
/// and lets a restore go back to its choice whose preview failed. Returns how many were settled.
pub async fn settle(db: &Db) -> Result<u64, ServiceError> {
    let ended = sqlx::query(
        "update restore_runs r
         set status = case o.outcome
                 when 'succeeded' then 'completed'
                 when 'partially_succeeded' then 'completed_with_errors'
                 else 'failed'
             end,
             summary_counts = o.summary_counts, failure_summary = o.failure_summary
         from operation_runs o
         where o.id = r.shadow_run_id and o.status = 'completed' and r.status in ('previewed', 'queued', 'running')",
    )
    .execute(&db.pool)
    .await?
    .rows_affected();
    let unpreviewed = sqlx::query(
        "update restore_runs r set status = 'scoped'
         from operation_runs o
         where o.id = r.preview_run_id and o.status = 'completed' and r.status = 'preview_queued'",
    )
    .execute(&db.pool)
    .await?
    .rows_affected();
    Ok(ended + unpreviewed)
}
