//! The worker: takes jobs from the queue and does the work of their runs.

use std::time::Duration;

use apalis::prelude::*;
use apalis_postgres::{Config, PostgresStorage};
use domain::{RetryPolicy, RunId};
use services::{
    operations::Operations,
    runs::{QUEUE, RunJob},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use crate::{perform::perform_run, track_operation_run::TrackOperationRunLayer};

/// How long after its end a worker of the queue is followed by another one.
const BETWEEN_STARTS: Duration = Duration::from_secs(1);

/// How much a worker does at once, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Runs at the same time in this process.
    pub concurrency: usize,
    /// Runs at the same time of one tenant, over all processes.
    pub per_tenant: i64,
    /// A run that takes longer is ended as failed.
    pub run_timeout: Duration,
    /// How long a worker that was told to stop waits for its runs.
    pub drain: Duration,
    /// How long Microsoft's listings may lack what was created.
    pub listing_lag: Duration,
    pub pace: Pace,
}

/// How a worker keeps in touch with the queue.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How often it shows the queue a sign of life.
    pub heartbeat: Duration,
    /// What a worker had fetched that missed so many is given to others.
    pub missed_heartbeats: usize,
    /// How often it looks for what no notification announces: jobs for later, and all after a lost listener.
    pub poll: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(10),
            missed_heartbeats: 6,
            poll: Duration::from_secs(2),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 8,
            per_tenant: 3,
            run_timeout: Duration::from_secs(60 * 60),
            listing_lag: Duration::from_secs(120),
            drain: Duration::from_secs(20),
            pace: Pace::default(),
        }
    }
}

/// What a job is about.
#[derive(Debug, Clone, Copy)]
pub enum Delivery {
    Run(RunId),
    /// A payload that is not ours. It is let pass, as an error here would end the whole worker.
    Unreadable,
}

/// Reads payloads without ever failing.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryCodec;

impl Codec<Delivery> for DeliveryCodec {
    type Error = serde_json::Error;
    type Compact = Vec<u8>;

    fn encode(&self, delivery: &Delivery) -> Result<Vec<u8>, Self::Error> {
        match delivery {
            Delivery::Run(run_id) => serde_json::to_vec(&RunJob { run_id: *run_id }),
            Delivery::Unreadable => Ok(Vec::new()),
        }
    }

    fn decode(&self, payload: &Vec<u8>) -> Result<Delivery, Self::Error> {
        Ok(serde_json::from_slice::<RunJob>(payload)
            .map_or(Delivery::Unreadable, |job| Delivery::Run(job.run_id)))
    }
}

/// How the queue is used.
pub fn queue_config(pace: Pace) -> Config {
    Config::default()
        .queue(QUEUE)
        // Fetched jobs that wait for a free slot would keep heartbeats and acks from going out.
        .batch_size(1)
        .heartbeat_interval(pace.heartbeat)
        .missed_heartbeats(pace.missed_heartbeats)
}

/// Works until `shutdown`, then finishes what it has within the limits' time.
pub async fn work(
    operations: Operations,
    limits: Limits,
    retry: RetryPolicy,
    shutdown: CancellationToken,
) -> Result<(), MonitorError> {
    let process = format!("{}-{}", std::process::id(), Uuid::now_v7());
    let mut starts = 0_u64;
    loop {
        // The name is new with every start: jobs that stay under a dead name are given back by its silence.
        let name = format!("{process}-{starts}");
        work_once(&name, &operations, limits, retry, &shutdown).await?;
        if shutdown.is_cancelled() {
            return Ok(());
        }
        // Any database error ends a worker of the queue. apalis' own restart would come at once, over and over.
        warn!(%name, "the queue's worker ended, as the queue did not answer; another one starts");
        starts += 1;
        tokio::select! {
            () = tokio::time::sleep(BETWEEN_STARTS) => {}
            () = shutdown.cancelled() => return Ok(()),
        }
    }
}

/// Works until `shutdown`, or until the queue fails.
async fn work_once(
    name: &str,
    operations: &Operations,
    limits: Limits,
    retry: RetryPolicy,
    shutdown: &CancellationToken,
) -> Result<(), MonitorError> {
    let (name, operations) = (name.to_owned(), operations.clone());
    let (stop, signal) = (shutdown.clone(), shutdown.clone());
    let monitor = Monitor::new().register(move |_| {
        let backend = PostgresStorage::<Delivery>::new(operations.db.queue_pool())
            .with_config(queue_config(limits.pace))
            .with_pubsub()
            .poll_with_interval(limits.pace.poll)
            .with_codec(DeliveryCodec);
        WorkerBuilder::new(name.as_str())
            .backend(backend)
            // Outside of the tracking: a place is taken until the end of its run is written down.
            .concurrency(limits.concurrency)
            .layer(TrackOperationRunLayer::new(
                operations.db.clone(),
                limits,
                retry,
                stop.clone(),
            ))
            .data(operations.clone())
            .build(perform_run)
    });
    monitor
        .shutdown_timeout(limits.drain + Duration::from_secs(5))
        .run_with_signal(async move {
            signal.cancelled().await;
            Ok(())
        })
        .await
}
