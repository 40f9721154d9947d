//! What one tenant may ask of Graph at once, shared by every run of the process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::error::GraphError;
use crate::settings::GraphSettings;
use crate::wait::{WaitReason, Waits};

/// The services behind Graph throttle separately, so a pause concerns one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    Login,
    Directory,
    Intune,
    ConditionalAccess,
}

impl Service {
    /// The service that answers a path such as `/deviceManagement/configurationPolicies`.
    pub(crate) fn of_path(path: &str) -> Self {
        let path = path.trim_start_matches('/').to_ascii_lowercase();
        if path.starts_with("devicemanagement") || path.starts_with("deviceappmanagement") {
            Service::Intune
        } else if path.starts_with("identity") {
            Service::ConditionalAccess
        } else {
            Service::Directory
        }
    }
}

/// The budgets of all tenants.
#[derive(Default)]
pub(crate) struct Budgets(Mutex<HashMap<i64, Arc<Budget>>>);

impl Budgets {
    pub(crate) fn of(&self, tenant_key: i64, settings: &GraphSettings) -> Arc<Budget> {
        lock(&self.0)
            .entry(tenant_key)
            .or_insert_with(|| Arc::new(Budget::new(settings)))
            .clone()
    }
}

/// One tenant's budget. Permits are given in the order they were asked for, so a run with many
/// requests cannot starve another; none is held while a request waits to be repeated.
pub(crate) struct Budget {
    permits: Arc<Semaphore>,
    conditional_access_interval: Duration,
    intune_writes: usize,
    intune_write_window: Duration,
    lanes: Mutex<HashMap<Service, Lane>>,
    /// The slots of the latest writes to Intune, as many as a window holds.
    written: Mutex<VecDeque<Instant>>,
}

#[derive(Default)]
struct Lane {
    paused: Option<(Instant, WaitReason)>,
    next_slot: Option<Instant>,
}

impl Budget {
    fn new(settings: &GraphSettings) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(settings.max_concurrent_per_tenant.max(1))),
            conditional_access_interval: settings.conditional_access_interval,
            intune_writes: settings.intune_writes.max(1),
            intune_write_window: settings.intune_write_window,
            lanes: Mutex::default(),
            written: Mutex::default(),
        }
    }

    /// Waits for the service's pause to end and for a free place. The permit is to be held while
    /// the request is under way.
    pub(crate) async fn admit(
        &self,
        service: Service,
        write: bool,
        waits: &mut Waits<'_>,
    ) -> Result<OwnedSemaphorePermit, GraphError> {
        if let Some(slot) = self.take_slot(service) {
            tokio::time::sleep_until(slot).await;
        }
        if write && service == Service::Intune {
            tokio::time::sleep_until(self.take_write_slot()).await;
        }
        loop {
            if let Some((left, reason)) = self.pause_left(service) {
                waits.wait(left, reason).await?;
                continue;
            }
            let permit = Arc::clone(&self.permits)
                .acquire_owned()
                .await
                .map_err(|_| GraphError::protocol("the tenant's budget is closed"))?;
            // Another request may have been throttled while this one queued.
            if self.pause_left(service).is_none() {
                return Ok(permit);
            }
        }
    }

    /// Holds back every request of the tenant to this service for `wait`.
    pub(crate) fn pause(&self, service: Service, wait: Duration, reason: WaitReason) {
        let until = Instant::now() + wait;
        let mut lanes = lock(&self.lanes);
        let lane = lanes.entry(service).or_default();
        if lane.paused.is_none_or(|(before, _)| before < until) {
            lane.paused = Some((until, reason));
        }
    }

    fn pause_left(&self, service: Service) -> Option<(Duration, WaitReason)> {
        let (until, reason) = lock(&self.lanes).get(&service)?.paused?;
        let left = until.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then_some((left, reason))
    }

    fn take_slot(&self, service: Service) -> Option<Instant> {
        if service != Service::ConditionalAccess || self.conditional_access_interval.is_zero() {
            return None;
        }
        let mut lanes = lock(&self.lanes);
        let lane = lanes.entry(service).or_default();
        let now = Instant::now();
        let slot = lane.next_slot.map_or(now, |slot| slot.max(now));
        lane.next_slot = Some(slot + self.conditional_access_interval);
        Some(slot)
    }
}

impl Budget {
    /// When the next write may go: at once, or a window after the one that opened the window.
    fn take_write_slot(&self) -> Instant {
        let mut written = lock(&self.written);
        let mut slot = Instant::now();
        if written.len() >= self.intune_writes
            && let Some(oldest) = written.pop_front()
        {
            slot = slot.max(oldest + self.intune_write_window);
        }
        written.push_back(slot);
        slot
    }
}

/// The guarded values are replaced whole, so a panic elsewhere leaves nothing half written.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
