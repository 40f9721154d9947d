//! `SyncRestoreRunToOperationRun`: lets the shadow run of every restore follow it.

use std::time::Duration;

use services::{Db, restores::ShadowKeeper};
use tokio_util::sync::CancellationToken;

/// After a failed step; the next look finds what it left undone.
const PAUSE: Duration = Duration::from_millis(500);

/// Follows restores until `shutdown`. A transaction that is cut off by it is taken up by another process or the next start.
pub async fn sync_restore_runs(db: Db, shutdown: CancellationToken) {
    let mut keeper = ShadowKeeper::new(&db);
    loop {
        let step = tokio::select! {
            step = keeper.step() => step,
            () = shutdown.cancelled() => return,
        };
        if let Err(error) = step {
            tracing::warn!(%error, "a shadow run could not follow its restore yet");
            tokio::time::sleep(PAUSE).await;
        }
    }
}
