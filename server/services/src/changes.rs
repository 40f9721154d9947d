//! What changed in the database, as it tells: which run or restore of which tenant, or whose notifications. Never how.

use domain::{RestoreId, RunId, TenantId, UserId};
use serde::Deserialize;
use tokio::sync::broadcast;

use crate::{
    Db,
    hearing::{Ear, Heard},
};

const CHANNEL: &str = "tenantatlas_changed";
/// How many changes a slow reader may be behind before it has to ask for everything again.
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
        Payload::Restore { tenant, restore } => Change::Restore { tenant, restore },
        Payload::Member { tenant, member } => Change::Member {
            tenant,
            user: member,
        },
        Payload::Tenant { tenant } => Change::Tenant { tenant },
        Payload::Notifications { user } => Change::Notifications { user },
    })
}

async fn relay(db: Db, sender: broadcast::Sender<Change>) {
    let mut ear = Ear::on(&db, CHANNEL);
    loop {
        let change = match ear.next().await {
            Heard::Payload(payload) => parse(&payload).unwrap_or(Change::Resync),
            Heard::Gap => Change::Resync,
        };
        let _nobody_reads = sender.send(change);
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
