//! One simulated tenant: who it is, what it holds, and what is being done to it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use serde_json::Value;

use crate::collection::Collection;
use crate::delegated::Delegations;
use crate::faults::{FaultState, Faults};
use crate::groups::Groups;
use crate::guard::{lock, write};
use crate::throttle::Throttle;

/// The data of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Data {
    /// By the path of the kind that keeps the objects.
    pub(crate) policies: HashMap<&'static str, Collection>,
    pub(crate) groups: Groups,
    pub(crate) organization: Value,
    pub(crate) stale_listings: Option<Duration>,
}

impl Data {
    /// Where the objects of a kind are kept.
    pub(crate) fn collection(&mut self, store: &'static str) -> &mut Collection {
        let stale = self.stale_listings;
        self.policies
            .entry(store)
            .or_insert_with(|| Collection::with_stale_listings(stale))
    }

    /// How long every listing goes on showing what was.
    fn set_stale_listings(&mut self, stale: Option<Duration>) {
        self.stale_listings = stale;
        let groups = &mut self.groups.collection;
        let all = self.policies.values_mut().chain([groups]);
        all.for_each(|collection| collection.set_stale_listings(stale));
    }
}

/// A tenant as the server sees it.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) directory_id: String,
    pub(crate) display_name: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) roles: Vec<String>,
    /// Delegated permissions with consent, as long as no fault withdraws it.
    pub(crate) scopes: Vec<String>,
    pub(crate) delegations: Mutex<Delegations>,
    pub(crate) token_lifetime: Duration,
    pub(crate) data: RwLock<Data>,
    pub(crate) faults: Mutex<FaultState>,
    /// `None` answers any number of requests.
    pub(crate) throttle: Option<Mutex<Throttle>>,
    tokens_issued: AtomicU64,
    tokens_refused: AtomicU64,
    /// Delta tokens older than this revision of the groups are expired.
    pub(crate) delta_expired: AtomicU64,
}

impl Tenant {
    pub(crate) fn new(
        identity: [String; 4],
        [roles, scopes]: [Vec<String>; 2],
        token_lifetime: Duration,
        throttled: bool,
        data: Data,
    ) -> Self {
        let [directory_id, display_name, client_id, client_secret] = identity;
        Self {
            directory_id,
            display_name,
            client_id,
            client_secret,
            roles,
            scopes,
            delegations: Mutex::default(),
            token_lifetime,
            data: RwLock::new(data),
            faults: Mutex::default(),
            throttle: throttled.then(Mutex::default),
            tokens_issued: AtomicU64::new(0),
            tokens_refused: AtomicU64::new(0),
            delta_expired: AtomicU64::new(0),
        }
    }

    /// The number of the next token: the time in microseconds, so that revoking holds across a restart.
    pub(crate) fn issue(&self) -> u64 {
        let now = u64::try_from(chrono::Utc::now().timestamp_micros()).unwrap_or_default();
        let before = self
            .tokens_issued
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| {
                Some(now.max(last + 1))
            });
        now.max(before.unwrap_or_default() + 1)
    }

    /// How long tokens are good, in seconds.
    pub(crate) fn token_seconds(&self) -> i64 {
        i64::try_from(self.token_lifetime.as_secs()).unwrap_or(i64::MAX / 2)
    }

    /// The delegated permissions that people can be given now.
    pub(crate) fn consented_scopes(&self) -> Vec<String> {
        let faults = lock(&self.faults);
        let withdrawn = |scope: &String| faults.withdraws(scope);
        self.scopes
            .iter()
            .filter(|scope| !withdrawn(scope))
            .cloned()
            .collect()
    }

    pub(crate) fn accepts_token(&self, number: u64) -> bool {
        number > self.tokens_refused.load(Ordering::SeqCst)
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        if faults.revoke_tokens {
            self.tokens_refused.store(self.issue(), Ordering::SeqCst);
        }
        if faults.expire_delta {
            let revision = write(&self.data).groups.begin_revision();
            self.delta_expired.store(revision, Ordering::SeqCst);
        }
        let stale = faults.stale_lists_ms.map(Duration::from_millis);
        write(&self.data).set_stale_listings(stale);
        *lock(&self.faults) = FaultState::new(faults);
    }
}
