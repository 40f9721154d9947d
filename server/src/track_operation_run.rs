//! `TrackOperationRun`: the queue's middleware that turns what happens to a job into the states of its run.
//!
//! The run is claimed before the job's handler is called and ended after it, whatever came of it: an answer, an
//! error, a panic, too long a time. The handler runs on a task of its own, inside this layer, because apalis can not
//! retry or finish a row whose handler was dropped or panicked under it.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use apalis::prelude::*;
use domain::{FailureCode, FailureGroup, Outcome, RetryPolicy, RunId, TerminalOutcome, sanitize};
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use services::{
    Db, ServiceError,
    operations::{Finished, OperationError},
    runs::{Claim, HEARTBEAT, LEASE, Lease, RunUpdate, UpdateError, claim},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::{error, info, warn};

use crate::worker::{Delivery, Limits};

/// Wraps the queue's handler in [`TrackOperationRun`].
#[derive(Clone)]
pub struct TrackOperationRunLayer(Tracker);

#[derive(Clone)]
struct Tracker {
    db: Db,
    limits: Limits,
    retry: RetryPolicy,
    shutdown: CancellationToken,
}

impl TrackOperationRunLayer {
    pub fn new(db: Db, limits: Limits, retry: RetryPolicy, shutdown: CancellationToken) -> Self {
        Self(Tracker {
            db,
            limits,
            retry,
            shutdown,
        })
    }
}

impl<S> tower::Layer<S> for TrackOperationRunLayer {
    type Service = TrackOperationRun<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TrackOperationRun {
            inner,
            tracker: self.0.clone(),
        }
    }
}

/// A handler whose jobs are tracked as runs.
#[derive(Clone)]
pub struct TrackOperationRun<S> {
    inner: S,
    tracker: Tracker,
}

impl<S> tower::Service<Task<Delivery>> for TrackOperationRun<S>
where
    S: tower::Service<Task<Delivery>, Response = Finished> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxDynError> + Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<(), BoxDynError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut task: Task<Delivery>) -> Self::Future {
        // The service that was polled ready is the one to call; its clone takes its place.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let tracker = self.tracker.clone();
        Box::pin(async move {
            let Delivery::Run(run_id) = task.args else {
                error!("dropped a job whose payload is not a run");
                task.ctx().raw_status().store(Status::Done);
                return Ok(());
            };
            let claimed = match claim(&tracker.db, run_id, tracker.limits.per_tenant).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    // The one status that apalis never fetches again; the sweep puts the run into the queue anew.
                    task.ctx().raw_status().store(Status::Killed);
                    return Err(error.into());
                }
            };
            let Claim::Acquired(lease) = claimed else {
                info!(%run_id, ?claimed, "left a run alone");
                task.ctx().raw_status().store(Status::Done);
                return Ok(());
            };
            task.inject_data(lease.clone());
            let context = task.ctx().clone();
            let ended = tracker.watch(&lease, inner.call(task)).await;
            tracker.record(&lease, ended).await;
            context.raw_status().store(Status::Done);
            Ok(())
        })
    }
}

/// What became of the work on a run.
enum Ended {
    Finished(Finished),
    Failed(FailureGroup, Map<String, Value>),
    /// Failed in a way that may pass.
    Transient(FailureGroup, Option<Duration>),
    /// The run is somebody else's by now, or was declared lost.
    NotOurs,
    /// This worker has to stop before the work is done.
    Stopping,
}

impl Tracker {
    /// Lets the work go on until it ends, takes too long, or the run or the worker has to be given up.
    async fn watch<F, E>(&self, lease: &Lease, work: F) -> Ended
    where
        F: Future<Output = Result<Finished, E>> + Send + 'static,
        E: Into<BoxDynError> + Send + 'static,
    {
        let work = tokio::spawn(async move { work.await.map_err(Into::into) });
        let work = AbortOnDropHandle::new(work);
        tokio::select! {
            joined = work => match joined {
                Ok(Ok(finished)) => Ended::Finished(finished),
                Ok(Err(error)) => from_error(error),
                Err(_panic) => Ended::Failed(FailureGroup::new(
                    FailureCode::WorkerPanicked,
                    "The operation stopped at a defect in TenantAtlas.",
                ), Map::new()),
            },
            () = self.keep_alive(lease) => Ended::NotOurs,
            () = tokio::time::sleep(self.limits.run_timeout) => Ended::Failed(FailureGroup::new(
                FailureCode::WorkerTimedOut,
                format!("The run was ended after {} s.", self.limits.run_timeout.as_secs()),
            ), Map::new()),
            () = self.drained() => Ended::Stopping,
        }
    }

    /// Shows signs of life; returns once the run is not ours any more.
    async fn keep_alive(&self, lease: &Lease) {
        let mut last_sign = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            match lease.extend(&self.db).await {
                Ok(true) => last_sign = tokio::time::Instant::now(),
                Ok(false) => return,
                // Without the database the lease runs out, and then somebody may declare the run lost.
                Err(error) if last_sign.elapsed() < LEASE => {
                    warn!(run_id = %lease.run_id, %error, "a heartbeat failed");
                }
                Err(_) => return,
            }
        }
    }

    async fn drained(&self) {
        self.shutdown.cancelled().await;
        tokio::time::sleep(self.limits.drain).await;
    }

    /// Writes down how the work ended; tries for as long as the lease lasts, and leaves the rest to the sweep.
    async fn record(&self, lease: &Lease, ended: Ended) {
        let run_id = lease.run_id;
        let deadline = tokio::time::Instant::now() + LEASE;
        loop {
            match self.try_record(lease, &ended).await {
                Ok(()) => return,
                // The listener was quicker: a restore's end is its run's end.
                Err(UpdateError::IllegalMove {
                    from: domain::Status::Completed,
                    ..
                }) => return,
                Err(UpdateError::Database(error)) if tokio::time::Instant::now() < deadline => {
                    warn!(%run_id, %error, "could not record a run's end yet");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(error) => {
                    warn!(%run_id, %error, "did not record a run's end");
                    return;
                }
            }
        }
    }

    async fn try_record(&self, lease: &Lease, ended: &Ended) -> Result<(), UpdateError> {
        let db = &self.db;
        match ended {
            Ended::NotOurs => Ok(()),
            Ended::Finished(finished) => {
                let outcome = TerminalOutcome::of_counts(finished.counts);
                log_end(lease.run_id, outcome.into());
                let update = finished.clone().into();
                lease.complete(db, outcome.into(), update).await
            }
            Ended::Failed(failure, context) => {
                self.fail(lease, vec![failure.clone()], context.clone())
                    .await
            }
            Ended::Transient(failure, asked_for) => {
                match self.retry.pause_after(lease.attempt, *asked_for) {
                    Some(pause) => {
                        warn!(run_id = %lease.run_id, code = %failure.code, ?pause, "a run will be tried again");
                        // The next try tells by these words what to keep.
                        let message = sanitize::message_ending(&failure.message, " (retrying)");
                        let failure = FailureGroup::new(failure.code, message);
                        lease.retry_after(db, pause, Some(failure)).await
                    }
                    None => {
                        let gave_up = FailureGroup::new(
                            FailureCode::WorkerGaveUp,
                            format!("Ended after {} tries.", lease.attempt),
                        );
                        self.fail(lease, vec![failure.clone(), gave_up], Map::new())
                            .await
                    }
                }
            }
            Ended::Stopping => lease.retry_after(db, Duration::ZERO, None).await,
        }
    }

    async fn fail(
        &self,
        lease: &Lease,
        failures: Vec<FailureGroup>,
        context: Map<String, Value>,
    ) -> Result<(), UpdateError> {
        log_end(lease.run_id, Outcome::Failed);
        let update = RunUpdate {
            failures,
            context,
            ..RunUpdate::default()
        };
        lease.complete(&self.db, Outcome::Failed, update).await
    }
}

fn log_end(run_id: RunId, outcome: Outcome) {
    info!(%run_id, %outcome, "a run ended");
}

fn from_error(error: BoxDynError) -> Ended {
    match error.downcast::<OperationError>() {
        Ok(error) => match *error {
            OperationError::LeaseLost => Ended::NotOurs,
            OperationError::Failed {
                failure,
                transient: true,
                retry_after,
                ..
            } => Ended::Transient(failure, retry_after),
            OperationError::Failed {
                failure,
                request_id,
                ..
            } => {
                let ids = request_id.map(|id| json!({ failure.code.as_str(): id }));
                let context = ids.map(|ids| ("request_ids".to_owned(), ids));
                Ended::Failed(failure, context.into_iter().collect())
            }
        },
        Err(other) => {
            let error = ServiceError::Internal(other.to_string());
            error!(%error, "a job failed outside its operation");
            Ended::Failed(
                FailureGroup::new(
                    FailureCode::InternalError,
                    "The job failed outside its operation; the log says how.",
                ),
                Map::new(),
            )
        }
    }
}
