//! Reporting while the work goes on: often enough to watch, rarely enough not to be the work.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{FailureGroup, SummaryCounts, views::runs::REPORTED_EVERY};
use graph::{GraphError, WaitNotice};
use serde_json::{Map, Value, json};

use super::{Finished, OperationError, failure::code_of};
use crate::{
    Db,
    runs::{EndedItem, Item, ItemEnd, Lease, RunUpdate},
};

/// Shorter waits than this are not worth telling.
const LONG_WAIT: Duration = Duration::from_secs(2);

/// A run's counts and failures, reported as they grow.
pub(super) struct Progress<'a> {
    db: &'a Db,
    lease: &'a Lease,
    pub counts: SummaryCounts,
    failures: Vec<FailureGroup>,
    items: Vec<EndedItem>,
    /// The latest request of each failure code, as Microsoft's support asks for it.
    request_ids: Map<String, Value>,
    reported_at: Option<Instant>,
    waits: Arc<Waits>,
}

/// How often and how long requests had to wait.
#[derive(Debug, Default)]
struct Waits {
    times: AtomicU64,
    millis: AtomicU64,
}

impl<'a> Progress<'a> {
    pub fn new(db: &'a Db, lease: &'a Lease) -> Self {
        Self {
            db,
            lease,
            counts: SummaryCounts::default(),
            failures: Vec::new(),
            items: Vec::new(),
            request_ids: Map::new(),
            reported_at: None,
            waits: Arc::default(),
        }
    }

    /// Announces in how many parts the work comes.
    pub async fn parts(&mut self, parts: usize) -> Result<(), OperationError> {
        let update = RunUpdate {
            context: Map::from_iter([("parts".to_owned(), json!(parts))]),
            ..RunUpdate::default()
        };
        Ok(self.lease.report(self.db, update).await?)
    }

    /// Begins a part of the work; it appears on the timeline.
    pub async fn step(&mut self, label: &str) -> Result<(), OperationError> {
        Ok(self.lease.begin_step(self.db, label).await?)
    }

    /// Counts an item; `note` says what became of it in a word.
    pub fn succeeded(&mut self, item: Item, note: Option<&'static str>) {
        self.counts.success += 1;
        self.ended(item, note, ItemEnd::Succeeded);
    }

    pub fn skipped(&mut self, item: Item, note: Option<&'static str>) {
        self.counts.skipped += 1;
        self.ended(item, note, ItemEnd::Skipped);
    }

    pub fn failed(&mut self, item: Item, failure: FailureGroup) {
        self.counts.failed += 1;
        let (code, message) = (failure.code, failure.message.clone());
        self.failures.push(failure);
        self.ended(item, None, ItemEnd::Failed { code, message });
    }

    fn ended(&mut self, item: Item, note: Option<&'static str>, end: ItemEnd) {
        // A total that is known from the start stays; else it grows.
        self.counts = self.counts.with_consistent_total();
        self.items.push(EndedItem { item, note, end });
    }

    /// Keeps the id of the request that Microsoft answered with this error.
    pub fn keep_request_id(&mut self, error: &GraphError) {
        if let Some(id) = &error.request_id {
            let code = code_of(error.kind).to_string();
            self.request_ids.insert(code, json!(id));
        }
    }

    /// Notes a failure that cost no item.
    pub fn remark(&mut self, failure: FailureGroup) {
        self.failures.push(failure);
    }

    /// Reports, unless the last report was a moment ago.
    pub async fn report(&mut self) -> Result<(), OperationError> {
        // The last one is never lost, as the end reports it.
        if self
            .reported_at
            .is_some_and(|at| at.elapsed() < REPORTED_EVERY)
        {
            return Ok(());
        }
        self.reported_at = Some(Instant::now());
        let update = RunUpdate {
            counts: Some(self.counts),
            failures: std::mem::take(&mut self.failures),
            items: std::mem::take(&mut self.items),
            context: self.ids_for_support(),
        };
        Ok(self.lease.report(self.db, update).await?)
    }

    fn ids_for_support(&self) -> Map<String, Value> {
        match self.request_ids.is_empty() {
            true => Map::new(),
            false => Map::from_iter([("request_ids".to_owned(), json!(self.request_ids))]),
        }
    }

    /// The end of the work, with what was not reported yet.
    pub fn finish(mut self, mut context: Map<String, Value>) -> Finished {
        context.append(&mut self.ids_for_support());
        let times = self.waits.times.load(Ordering::Relaxed);
        if times > 0 {
            let seconds = self.waits.millis.load(Ordering::Relaxed) / 1000;
            context.insert(
                "waits".into(),
                json!({ "times": times, "seconds": seconds }),
            );
        }
        Finished {
            counts: self.counts,
            failures: std::mem::take(&mut self.failures),
            items: std::mem::take(&mut self.items),
            context,
        }
    }

    /// Tells the run's page when Microsoft makes the run wait.
    pub fn wait_observer(&self) -> Arc<dyn Fn(WaitNotice) + Send + Sync> {
        let (db, lease, waits) = (self.db.clone(), self.lease.clone(), self.waits.clone());
        let runtime = tokio::runtime::Handle::current();
        Arc::new(move |notice| {
            waits.times.fetch_add(1, Ordering::Relaxed);
            waits.millis.fetch_add(notice.until_ms, Ordering::Relaxed);
            let wait = Duration::from_millis(notice.until_ms);
            if wait < LONG_WAIT {
                return;
            }
            let (db, lease) = (db.clone(), lease.clone());
            runtime.spawn(async move {
                if let Err(error) = lease.throttled(&db, wait).await {
                    tracing::warn!(run_id = %lease.run_id, %error, "could not note a wait");
                }
            });
        })
    }
}
