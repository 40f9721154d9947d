//! What changed in the database, as it tells: which run or restore of which tenant, or whose notifications. Never how.

use std::{
    collections::VecDeque,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{RestoreId, RunId, TenantId, UserId};
use serde::Deserialize;
use tokio::sync::broadcast::{
    self, Receiver,
    error::{RecvError, TryRecvError},
};
use uuid::Uuid;

use crate::{
    Db,
    hearing::{Ear, Heard},
};

const CHANNEL: &str = "tenantatlas_changed";
/// How many changes a reader may be behind before it has to ask for everything again.
const BACKLOG: usize = 4096;

/// Something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Run {
        tenant: TenantId,
        run: RunId,
    },
    Restore {
        tenant: TenantId,
        restore: RestoreId,
    },
    /// Something else of a tenant.
    Tenant {
        tenant: TenantId,
    },
    /// Somebody's role on a tenant, or that there is none any more.
    Member {
        tenant: TenantId,
        user: UserId,
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
    Run {
        tenant: TenantId,
        run: RunId,
    },
    Restore {
        tenant: TenantId,
        restore: RestoreId,
    },
    Member {
        tenant: TenantId,
        member: UserId,
    },
    Notifications {
        user: UserId,
    },
    // Last, as it would take the others for itself.
    Tenant {
        tenant: TenantId,
    },
}

/// A place in the order in which a process heard of changes, as `{process}.{number}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    process: Uuid,
    /// How many changes were heard of before.
    number: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.process.simple(), self.number)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (process, number) = text.split_once('.').ok_or(())?;
        Ok(Self {
            process: process.parse().map_err(drop)?,
            number: number.parse().map_err(drop)?,
        })
    }
}

/// Relays the database's notifications to any number of readers in this process, over one connection.
#[derive(Debug, Clone)]
pub struct Changes(Arc<Mutex<Line>>);

#[derive(Debug)]
struct Line {
    next: Place,
    /// The latest ones, up to `next`.
    latest: VecDeque<Change>,
    sender: broadcast::Sender<Change>,
}

impl Changes {
    /// Starts listening; goes on until the handle's task is aborted. A lost connection is opened again by itself.
    pub fn listen(db: &Db) -> (Self, tokio::task::JoinHandle<()>) {
        let changes = Self::new();
        let relay = tokio::spawn(relay(db.clone(), changes.clone()));
        (changes, relay)
    }

    fn new() -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        Self(Arc::new(Mutex::new(Line {
            next: Place {
                process: Uuid::new_v4(),
                number: 0,
            },
            latest: VecDeque::new(),
            sender,
        })))
    }

    /// Where the next change will stand: whoever reads the database from now on misses none before it.
    pub fn place(&self) -> Place {
        self.line().next
    }

    /// All that changed since that place and whatever changes from now on; begins with [`Change::Resync`] if what changed is
    /// not known any more, or never was to this process.
    pub fn since(&self, place: Option<Place>) -> Reader {
        let line = self.line();
        let missed = place
            .filter(|place| place.process == line.next.process)
            .and_then(|place| line.next.number.checked_sub(place.number))
            .and_then(|missed| usize::try_from(missed).ok())
            .and_then(|missed| line.latest.len().checked_sub(missed))
            .map(|known| line.latest.range(known..).copied().collect());
        Reader {
            missed: missed.unwrap_or_else(|| VecDeque::from([Change::Resync])),
            coming: line.sender.subscribe(),
        }
    }

    fn tell(&self, change: Change) {
        let mut line = self.line();
        line.next.number += 1;
        if line.latest.len() == BACKLOG {
            line.latest.pop_front();
        }
        line.latest.push_back(change);
        let _nobody_reads = line.sender.send(change);
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears of changes one after another. One that is too slow hears [`Change::Resync`] in place of what it missed.
#[derive(Debug)]
pub struct Reader {
    missed: VecDeque<Change>,
    coming: Receiver<Change>,
}

impl Reader {
    /// The next change; none when there will be no more.
    pub async fn next(&mut self) -> Option<Change> {
        if let Some(change) = self.missed.pop_front() {
            return Some(change);
        }
        match self.coming.recv().await {
            Ok(change) => Some(change),
            Err(RecvError::Lagged(_)) => Some(Change::Resync),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next change if there is one already.
    pub fn next_at_once(&mut self) -> Option<Change> {
        if let Some(change) = self.missed.pop_front() {
            return Some(change);
        }
        match self.coming.try_recv() {
            Ok(change) => Some(change),
            Err(TryRecvError::Lagged(_)) => Some(Change::Resync),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

/// One change as others than the listener's connection see it.
fn parse(payload: &str) -> Option<Change> {
    Some(match serde_json::from_str(payload).ok()? {
        Payload::Run { tenant, run } => Change::Run { tenant, run },
        Payload::Restore { tenant, restore } => Change::Restore { tenant, restore },
        Payload::Member { tenant, member } => Change::Member {
            tenant,
            user: member,
        },
        Payload::Tenant { tenant } => Change::Tenant { tenant },
        Payload::Notifications { user } => Change::Notifications { user },
    })
}

async fn relay(db: Db, changes: Changes) {
    let mut ear = Ear::on(&db, CHANNEL);
    loop {
        changes.tell(match ear.next().await {
            Heard::Payload(payload) => parse(&payload).unwrap_or(Change::Resync),
            Heard::Gap => Change::Resync,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tenant: i64) -> Change {
        let tenant = TenantId(tenant);
        Change::Tenant { tenant }
    }

    fn all_of(mut reader: Reader) -> Vec<Change> {
        std::iter::from_fn(|| reader.next_at_once()).collect()
    }

    #[test]
    fn a_reader_hears_what_changed_since_its_place_and_what_comes_once_each() {
        let changes = Changes::new();
        changes.tell(of(1));
        let place = changes.place();
        changes.tell(of(2));
        changes.tell(of(3));
        let reader = changes.since(place.to_string().parse().ok());
        changes.tell(of(4));
        assert_eq!(all_of(reader), [of(2), of(3), of(4)]);
        assert_eq!(all_of(changes.since(Some(changes.place()))), []);
    }

    #[test]
    fn a_place_that_says_nothing_here_is_answered_with_everything() {
        let changes = Changes::new();
        let place = changes.place();
        for _ in 0..BACKLOG {
            changes.tell(of(1));
        }
        assert_eq!(all_of(changes.since(Some(place))).len(), BACKLOG);
        changes.tell(of(1));
        let later = Place {
            number: u64::MAX,
            ..place
        };
        for unknown in [None, Some(place), Some(later), Some(Changes::new().place())] {
            assert_eq!(all_of(changes.since(unknown)), [Change::Resync]);
        }
    }

    #[test]
    fn a_reader_that_is_too_slow_has_to_ask_for_everything() {
        let changes = Changes::new();
        let mut reader = changes.since(Some(changes.place()));
        for _ in 0..=BACKLOG {
            changes.tell(of(1));
        }
        assert_eq!(reader.next_at_once(), Some(Change::Resync));
    }

    #[test]
    fn what_the_triggers_send_is_understood_and_anything_else_is_not() {
        let run = Change::Run {
            tenant: TenantId(3),
            run: RunId(42),
        };
        assert_eq!(parse(r#"{"tenant" : 3, "run" : 42}"#), Some(run));
        let restore = Change::Restore {
            tenant: TenantId(3),
            restore: RestoreId(5),
        };
        assert_eq!(parse(r#"{"tenant" : 3, "restore" : 5}"#), Some(restore));
        let mine = Change::Notifications { user: UserId(7) };
        assert_eq!(parse(r#"{"user" : 7}"#), Some(mine));
        let member = Change::Member {
            tenant: TenantId(3),
            user: UserId(7),
        };
        assert_eq!(parse(r#"{"tenant" : 3, "member" : 7}"#), Some(member));
        assert_eq!(parse("{}"), None);
    }
}
