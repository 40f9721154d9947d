//! What changed in the database, as it tells: which run of which tenant, or whose notifications. Never how.

use std::time::Duration;

use domain::{RunId, TenantId, UserId};
use serde::Deserialize;
use sqlx::postgres::PgListener;
use tokio::{sync::broadcast, time::timeout};

use crate::Db;

const CHANNEL: &str = "tenantatlas_changed";
/// A connection that is silent for so long is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(20);
/// How many changes a slow reader may be behind before it has to ask for everything again.
const BACKLOG: usize = 4096;

/// Something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Run {
        tenant: TenantId,
        run: RunId,
    },
    Notifications {
        user: UserId,
    },
    /// Changes may have been missed: ask for everything again.
    Resync,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Payload {
    Run { tenant: TenantId, run: RunId },
    Notifications { user: UserId },
}

/// Relays the database's notifications to any number of readers in this process, over one connection.
#[derive(Debug, Clone)]
pub struct Changes(broadcast::Sender<Change>);

impl Changes {
    /// Starts listening; goes on until the handle's task is aborted. A lost connection is opened again by itself.
    pub fn listen(db: &Db) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, _) = broadcast::channel(BACKLOG);
        let relay = tokio::spawn(relay(db.clone(), sender.clone()));
        (Self(sender), relay)
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }
}

/// One change as others than the listener's connection see it.
fn parse(payload: &str) -> Option<Change> {
    Some(match serde_json::from_str(payload).ok()? {
        Payload::Run { tenant, run } => Change::Run { tenant, run },
        Payload::Notifications { user } => Change::Notifications { user },
    })
}

async fn relay(db: Db, sender: broadcast::Sender<Change>) {
    let mut pause = Duration::from_millis(100);
    loop {
        match listen_until_lost(&db, &sender, &mut pause).await {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "the listening connection was lost"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

/// sqlx reconnects by itself only for some errors and drops what came meanwhile, so each loss is made visible here.
async fn listen_until_lost(
    db: &Db,
    sender: &broadcast::Sender<Change>,
    pause: &mut Duration,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(&db.pool).await?;
    listener.listen(CHANNEL).await?;
    *pause = Duration::from_millis(100);
    // Whatever happened before this connection listened is unknown to the readers.
    let _nobody_reads = sender.send(Change::Resync);
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => {
                let change = parse(notification.payload()).unwrap_or(Change::Resync);
                let _nobody_reads = sender.send(change);
            }
            Ok(Ok(None)) => {
                let _nobody_reads = sender.send(Change::Resync);
            }
            Ok(Err(error)) => return Err(error),
            // Without traffic a dead connection looks like a quiet one.
            Err(_silence) => timeout(SILENCE, listener.listen(CHANNEL))
                .await
                .map_err(|_| sqlx::Error::PoolTimedOut)??,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_triggers_send_is_understood_and_anything_else_is_not() {
        let run = Change::Run {
            tenant: TenantId(3),
            run: RunId(42),
        };
        assert_eq!(parse(r#"{"tenant" : 3, "run" : 42}"#), Some(run));
        let mine = Change::Notifications { user: UserId(7) };
        assert_eq!(parse(r#"{"user" : 7}"#), Some(mine));
        assert_eq!(parse("{}"), None);
    }
}
