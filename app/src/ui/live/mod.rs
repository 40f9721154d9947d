//! Live pages: the server says *what* changed, and whoever shows that asks again under the reader's own rights.

#[cfg(feature = "hydrate")]
mod events;
#[cfg(feature = "hydrate")]
mod pointer;
mod resource;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{RunId, TenantId};
use leptos::prelude::*;
pub use resource::{Live, Pace, live_resource, part_of};
use serde::{Deserialize, Serialize};

use super::waking::is_awake;

/// Whether changes arrive by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Before the script runs, and forever without one.
    Off,
    Live,
    Reconnecting,
}

/// What an event says has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Changed {
    pub runs: Vec<RunId>,
    pub tenants: Vec<TenantId>,
    /// The reader's own notifications.
    pub mine: bool,
    /// Events may have been missed: anything may have changed.
    #[serde(skip)]
    pub everything: bool,
}

impl Changed {
    pub const EVERYTHING: Self = Self {
        runs: Vec::new(),
        tenants: Vec::new(),
        mine: true,
        everything: true,
    };

    pub fn run(&self, run: RunId) -> bool {
        self.everything || self.runs.contains(&run)
    }

    pub fn any_run(&self) -> bool {
        self.everything || !self.runs.is_empty()
    }

    /// Something of any tenant, its runs included.
    pub fn any_tenant(&self) -> bool {
        self.everything || !self.tenants.is_empty()
    }

    /// Something of the tenant that a page's address names.
    pub fn tenant(&self, named: &str) -> bool {
        let tenant = named.parse();
        tenant.is_ok_and(|tenant| self.everything || self.tenants.contains(&tenant))
    }
}

/// The place in the server's order of changes at which it wrote this page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WrittenAt(pub String);

type Listener = Arc<dyn Fn(&Changed) + Send + Sync>;

/// The tab's one stream of changes, shared by everything on the page.
#[derive(Clone, Copy)]
pub struct Stream {
    pub connection: RwSignal<Connection>,
    /// When anything came last, by the browser's clock.
    pub heard_at: RwSignal<Option<DateTime<Utc>>>,
    /// Whether the page holds still although changes arrive, as something on it is being chosen.
    pub paused: RwSignal<bool>,
    /// Whether the reader has asked the page to hold still.
    held: RwSignal<bool>,
    listeners: StoredValue<Vec<(u64, Listener)>>,
    last_id: StoredValue<u64>,
    opened: StoredValue<bool>,
    /// Until the first connection has asked for what changed since.
    #[cfg_attr(
        not(feature = "hydrate"),
        expect(dead_code, reason = "only a browser connects")
    )]
    written_at: StoredValue<Option<WrittenAt>>,
}

impl Stream {
    fn new(written_at: Option<WrittenAt>) -> Self {
        Self {
            connection: RwSignal::new(Connection::Off),
            heard_at: RwSignal::new(None),
            paused: RwSignal::new(false),
            held: RwSignal::new(false),
            listeners: StoredValue::new(Vec::new()),
            last_id: StoredValue::new(0),
            opened: StoredValue::new(false),
            written_at: StoredValue::new(written_at),
        }
    }

    /// Calls `listener` for every change until the current owner is cleaned up.
    pub fn on_change(self, listener: impl Fn(&Changed) + Send + Sync + 'static) {
        let id = self.last_id.get_value() + 1;
        self.last_id.set_value(id);
        self.listeners
            .update_value(|all| all.push((id, Arc::new(listener))));
        on_cleanup(move || {
            self.listeners
                .try_update_value(|all| all.retain(|(known, _)| *known != id));
        });
    }

    /// Whether changes arrive and are not shown.
    pub fn holds_still(self) -> bool {
        self.held.get() || self.paused.get()
    }

    pub fn is_held(self) -> bool {
        self.held.get()
    }

    /// Lets the page hold still, or follow again and catch up with all that was missed.
    pub fn hold(self, held: bool) {
        self.held.set(held);
        if !held {
            self.tell(&Changed::EVERYTHING);
        }
    }

    /// Tells every listener. They are called outside the list's lock, as one may add or remove another.
    fn tell(self, changed: &Changed) {
        if self.held.get_untracked() {
            return;
        }
        let listeners = self.listeners.try_get_value().unwrap_or_default();
        for (_, listener) in listeners {
            listener(changed);
        }
    }
}

/// Makes the stream known to everything below.
pub fn provide_stream(written_at: Option<WrittenAt>) {
    provide_context(Stream::new(written_at));
}

/// The tab's stream of changes.
pub fn use_stream() -> Stream {
    use_context().unwrap_or_else(|| Stream::new(None))
}

/// Opens the stream in the browser as soon as `signed_in` is true, once.
pub fn open_stream_when(signed_in: impl Fn() -> bool + Send + Sync + 'static) {
    let stream = use_stream();
    Effect::new(move || {
        if signed_in() && is_awake() && !stream.opened.get_value() {
            stream.opened.set_value(true);
            #[cfg(feature = "hydrate")]
            events::open(stream);
        }
    });
}
