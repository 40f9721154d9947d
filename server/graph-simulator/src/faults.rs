//! Faults that a test or a demonstration switches on for one tenant.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::error::GraphError;

/// What goes wrong in a tenant. `Faults::default()` is a healthy tenant; setting faults replaces all earlier ones.
///
/// As JSON the fields are in camel case (`throttleEvery`); snake case is read as well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Faults {
    /// Answer 429 to every n-th Graph request of the tenant, counted from the moment the faults were set.
    #[serde(alias = "throttle_every")]
    pub throttle_every: Option<u32>,
    /// Seconds in `Retry-After` of injected 429 and 503 answers; `None` leaves the header out.
    #[serde(alias = "retry_after_seconds")]
    pub retry_after_seconds: Option<u32>,
    /// Answer 503 to the next n Graph requests.
    pub unavailable: Option<u32>,
    /// Answer 503 for this many milliseconds from now.
    #[serde(alias = "unavailable_for_ms")]
    pub unavailable_for_ms: Option<u64>,
    /// Wait this many milliseconds before each answer, or until other faults are set.
    #[serde(alias = "delay_ms")]
    pub delay_ms: Option<u64>,
    /// Collections that answer 403, by the end of their path, e.g. `deviceManagementScripts`, `groups`,
    /// `conditionalAccess/policies`.
    #[serde(alias = "forbidden_kinds")]
    pub forbidden_kinds: Vec<String>,
    /// Delegated permissions whose consent is withdrawn, by the beginning of their name, e.g. `Group`: new tokens are
    /// given without them, older ones open nothing by them.
    #[serde(alias = "withdrawn_consent")]
    pub withdrawn_consent: Vec<String>,
    /// Refuse every token issued before these faults were set.
    #[serde(alias = "revoke_tokens")]
    pub revoke_tokens: bool,
    /// The token endpoint answers AADSTS7000215 whatever the secret is.
    #[serde(alias = "reject_credentials")]
    pub reject_credentials: bool,
    /// Answer 410 to every delta token issued before these faults were set.
    #[serde(alias = "expire_delta")]
    pub expire_delta: bool,
    /// Do the work of the next n Graph requests but break the connection before the answer.
    #[serde(alias = "reset_connections")]
    pub reset_connections: Option<u32>,
    /// Do the work of the next n Graph requests but answer 504, as a gateway that stopped waiting for it.
    #[serde(alias = "gateway_timeouts")]
    pub gateway_timeouts: Option<u32>,
    /// A created object, a group too, answers 404 and is in no listing for this many milliseconds.
    #[serde(alias = "not_found_after_create_ms")]
    pub not_found_after_create_ms: Option<u64>,
    /// Listings, those of groups too, go on showing a changed or deleted object as it was before, for this many
    /// milliseconds after the change. Reading it by its id and delta queries tell the truth.
    #[serde(alias = "stale_lists_ms")]
    pub stale_lists_ms: Option<u64>,
    /// Answer 400 to a body with properties that only the server writes, instead of ignoring those.
    #[serde(alias = "refuse_read_only")]
    pub refuse_read_only: bool,
    /// Answer 400 to groups, apps and notification templates that do not exist.
    #[serde(alias = "check_references")]
    pub check_references: bool,
    /// Templates of the settings catalog that a newer version supersedes: no policy made from them is taken.
    #[serde(alias = "superseded_templates")]
    pub superseded_templates: Vec<String>,
    /// Collections that refuse a second object of one name, by the end of their path, e.g. `roleDefinitions`.
    #[serde(alias = "unique_names")]
    pub unique_names: Vec<String>,
}

/// The faults of one tenant and how far they have been used up.
#[derive(Debug)]
pub(crate) struct FaultState {
    pub(crate) faults: Faults,
    set_at: Instant,
    seen: u32,
    unavailable_left: u32,
    resets_left: u32,
    timeouts_left: u32,
    in_force: watch::Sender<()>,
}

impl Default for FaultState {
    fn default() -> Self {
        Self::new(Faults::default())
    }
}

impl FaultState {
    pub(crate) fn new(faults: Faults) -> Self {
        Self {
            unavailable_left: faults.unavailable.unwrap_or(0),
            resets_left: faults.reset_connections.unwrap_or(0),
            timeouts_left: faults.gateway_timeouts.unwrap_or(0),
            set_at: Instant::now(),
            seen: 0,
            in_force: watch::Sender::default(),
            faults,
        }
    }

    /// Counts one request and says which injected failure it meets, if any.
    pub(crate) fn next(&mut self) -> Option<GraphError> {
        self.seen = self.seen.wrapping_add(1);
        if self.unavailable_left > 0 {
            self.unavailable_left -= 1;
            return Some(GraphError::unavailable(self.faults.retry_after_seconds));
        }
        let outage = self.faults.unavailable_for_ms.map(Duration::from_millis);
        if outage.is_some_and(|length| self.set_at.elapsed() < length) {
            return Some(GraphError::unavailable(self.faults.retry_after_seconds));
        }
        let every = self.faults.throttle_every.unwrap_or(0);
        if every > 0 && self.seen.is_multiple_of(every) {
            return Some(GraphError::too_many_requests(
                self.faults.retry_after_seconds.map(u64::from),
            ));
        }
        None
    }

    /// Whether this answer is to be lost on the way.
    pub(crate) fn take_reset(&mut self) -> bool {
        let lost = self.resets_left > 0;
        self.resets_left = self.resets_left.saturating_sub(1);
        lost
    }

    /// The answer that takes the place of one that was good, if the gateway is to have given up on it.
    pub(crate) fn take_timeout(&mut self) -> Option<GraphError> {
        self.timeouts_left = self.timeouts_left.checked_sub(1)?;
        Some(GraphError::gateway_timeout())
    }

    /// Whether the collection at `path` is forbidden.
    pub(crate) fn forbids(&self, path: &str) -> bool {
        is_among(path, &self.faults.forbidden_kinds)
    }

    /// Whether the collection at `path` takes each name once.
    pub(crate) fn wants_unique_names(&self, path: &str) -> bool {
        is_among(path, &self.faults.unique_names)
    }

    /// Whether a newer version supersedes this template.
    pub(crate) fn supersedes(&self, template: &str) -> bool {
        let superseded = &self.faults.superseded_templates;
        superseded.iter().any(|id| id == template)
    }

    /// Whether consent to this delegated permission is withdrawn.
    pub(crate) fn withdraws(&self, scope: &str) -> bool {
        let withdrawn = &self.faults.withdrawn_consent;
        withdrawn.iter().any(|prefix| scope.starts_with(prefix))
    }

    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.faults.delay_ms.unwrap_or(0))
    }

    /// Closed as soon as other faults take the place of these.
    pub(crate) fn in_force(&self) -> watch::Receiver<()> {
        self.in_force.subscribe()
    }
}

/// Whether `path` ends in one of these.
fn is_among(path: &str, ends: &[String]) -> bool {
    let ends_so = |end: &str| {
        path.strip_suffix(end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    ends.iter().any(|end| ends_so(end.trim_matches('/')))
}
