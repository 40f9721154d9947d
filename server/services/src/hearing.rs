//! Hearing the database's notifications on one channel, for as long as the process lives.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::time::{Instant, timeout};

use crate::Db;

/// A connection that is silent for so long is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What an ear heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Payload(String),
    /// Notifications may have been missed: look at everything.
    Gap,
}

/// A connection that listens, opened anew whenever it is lost.
pub(crate) struct Ear {
    db: Db,
    channel: &'static str,
    listener: Option<PgListener>,
    pause: Duration,
}

impl Ear {
    pub fn on(db: &Db, channel: &'static str) -> Self {
        Self {
            db: db.clone(),
            channel,
            listener: None,
            pause: FIRST_PAUSE,
        }
    }

    /// The next notification, or a gap: at the beginning, after every loss, and whatever goes wrong between.
    ///
    /// sqlx reconnects by itself only for some errors and drops what came meanwhile, so each loss is made visible here.
    pub async fn next(&mut self) -> Heard {
        loop {
            let heard = match self.listener.as_mut() {
                None => self.open().await,
                Some(listener) => hear(listener, self.channel).await,
            };
            match heard {
                Ok(Some(heard)) => return heard,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, channel = self.channel, "a listening connection was lost");
                    self.listener = None;
                    tokio::time::sleep(self.pause).await;
                    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// The next notification if it comes before `deadline`.
    pub async fn next_before(&mut self, deadline: Instant) -> Option<Heard> {
        tokio::time::timeout_at(deadline, self.next()).await.ok()
    }

    async fn open(&mut self) -> Result<Option<Heard>, sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.db.pool).await?;
        listener.listen(self.channel).await?;
        self.listener = Some(listener);
        self.pause = FIRST_PAUSE;
        // Whatever happened before this connection listened is unknown.
        Ok(Some(Heard::Gap))
    }
}

async fn hear(
    listener: &mut PgListener,
    channel: &'static str,
) -> Result<Option<Heard>, sqlx::Error> {
    match timeout(SILENCE, listener.try_recv()).await {
        Ok(Ok(Some(notification))) => Ok(Some(Heard::Payload(notification.payload().to_owned()))),
        Ok(Ok(None)) => Ok(Some(Heard::Gap)),
        Ok(Err(error)) => Err(error),
        // Without traffic a dead connection looks like a quiet one.
        Err(_silence) => {
            timeout(SILENCE, listener.listen(channel))
                .await
                .map_err(|_| sqlx::Error::PoolTimedOut)??;
            Ok(None)
        }
    }
}
