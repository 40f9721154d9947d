//! Who has delegated access to what, in this process's memory alone.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use domain::{TenantId, views::rbac::SetupAnswer};
use graph::{DelegatedToken, GraphClient};

use super::pending::Pending;
use crate::{
    Db, ServiceError,
    access::{self, SessionKey},
    tenants::SecretKey,
};

/// As many answers as a session keeps of one tenant, so that a reload shows them again.
const KEPT_ANSWERS: usize = 8;

/// Every delegated access of this process. Cheap to clone.
#[derive(Clone)]
pub struct DelegatedAccess(Arc<Inner>);

struct Inner {
    graph: GraphClient,
    key: Option<Arc<SecretKey>>,
    pending: Mutex<Pending>,
    held: Mutex<HashMap<(SessionKey, TenantId), Entry>>,
}

/// One session's access to one tenant. Whoever holds the lock may renew or use it up; the others wait.
pub(super) type Entry = Arc<tokio::sync::Mutex<Held>>;

#[derive(Default)]
pub(super) struct Held {
    pub access: Access,
    answers: VecDeque<(String, SetupAnswer)>,
}

#[derive(Default)]
pub(super) enum Access {
    #[default]
    None,
    /// There was some, and Microsoft does not renew it.
    RanOut,
    Good {
        token: DelegatedToken,
        since: DateTime<Utc>,
    },
}

impl DelegatedAccess {
    /// Without the key of the tenants' secrets nobody can sign in to Microsoft here.
    pub fn new(graph: GraphClient, key: Option<Arc<SecretKey>>) -> Self {
        Self(Arc::new(Inner {
            graph,
            key,
            pending: Mutex::default(),
            held: Mutex::default(),
        }))
    }

    pub(super) fn graph(&self) -> &GraphClient {
        &self.0.graph
    }

    pub(super) fn key(&self) -> Option<&SecretKey> {
        self.0.key.as_deref()
    }

    pub(super) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<(SessionKey, TenantId), Entry>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this session has of the tenant, if anything.
    pub(super) fn entry(&self, session: &SessionKey, tenant: TenantId) -> Option<Entry> {
        self.held().get(&(session.clone(), tenant)).cloned()
    }

    /// The same, begun if there is nothing yet.
    pub(super) fn entry_or_new(&self, session: &SessionKey, tenant: TenantId) -> Entry {
        let key = (session.clone(), tenant);
        self.held().entry(key).or_default().clone()
    }

    pub(super) fn forget(&self, session: &SessionKey, tenant: TenantId) {
        self.held().remove(&(session.clone(), tenant));
    }

    /// Whether this session has, or had, access to any tenant.
    pub fn holds(&self, session: &SessionKey) -> bool {
        self.held().keys().any(|(of, _)| of == session)
    }

    /// Drops everything of a session, for instance because it signs out.
    pub fn forget_session(&self, session: &SessionKey) {
        self.pending().forget_session(session);
        self.held().retain(|(of, _), _| of != session);
    }

    /// Drops what belongs to sessions that have ended meanwhile.
    pub async fn forget_ended(&self, db: &Db) -> Result<(), ServiceError> {
        let known: HashSet<SessionKey> = self.held().keys().map(|(of, _)| of.clone()).collect();
        if known.is_empty() {
            return Ok(());
        }
        let going_on = access::going_on(db, known.iter().cloned().collect()).await?;
        let going_on: HashSet<SessionKey> = going_on.into_iter().collect();
        for ended in known.difference(&going_on) {
            self.forget_session(ended);
        }
        Ok(())
    }
}

impl Held {
    pub fn answer(&self, id: &str) -> Option<&SetupAnswer> {
        let found = self.answers.iter().find(|(known, _)| known == id);
        found.map(|(_, answer)| answer)
    }

    pub fn keep_answer(&mut self, id: String, answer: SetupAnswer) {
        self.answers.push_front((id, answer));
        self.answers.truncate(KEPT_ANSWERS);
    }
}
