//! The queue's middleware around work that misbehaves: whatever a job does, its run ends once and says why.

use std::{
    sync::Arc,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::support::Scene;
use apalis::prelude::Task;
use domain::{FailureCode, FailureGroup, OperationType, RetryPolicy, RunId};
use graph_simulator::TenantSpec;
use server::{
    track_operation_run::TrackOperationRunLayer,
    worker::{Delivery, Limits},
};
use services::operations::{Finished, OperationError};
use tokio_util::sync::CancellationToken;
use tower::{Layer, Service, ServiceExt};

/// Lets the layer handle one delivery of the run, with `work` as the job's handler.
async fn deliver<W, F>(scene: &Scene, run: RunId, work: W)
where
    W: FnMut(Task<Delivery>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Finished, OperationError>> + Send + 'static,
{
    let retry = RetryPolicy {
        max_attempts: 2,
        first_pause: Duration::from_secs(60),
        longest_pause: Duration::from_secs(60),
    };
    let stop = CancellationToken::new();
    let layer = TrackOperationRunLayer::new(scene.test.db.clone(), Limits::default(), retry, stop);
    let mut service = layer.layer(tower::service_fn(work));
    let ready = service.ready().await.unwrap();
    ready.call(Task::new(Delivery::Run(run))).await.unwrap();
}

async fn scene() -> (Scene, RunId) {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0)).await;
    let run = scene.start(OperationType::TenantVerify).await;
    (scene, run)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_panics_ends_its_run_as_failed() {
    let (scene, run) = scene().await;
    deliver(&scene, run, |_| async { panic!("a defect, on purpose") }).await;
    assert_eq!(scene.outcome(run).await, "failed");
    assert_eq!(scene.codes(run).await, [("worker.panicked".to_owned(), 1)]);
    let said = scene.context(run).await.to_string();
    assert!(!said.contains("on purpose"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_run_has_ended_does_nothing() {
    let (scene, run) = scene().await;
    deliver(&scene, run, |_| async { Ok(Finished::default()) }).await;
    let ended = scene.test.state_of(run).await;
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    deliver(&scene, run, move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { panic!("not to be called") }
    })
    .await;
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    assert_eq!(scene.test.state_of(run).await, ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_try_was_not_the_last_stays_told_however_long_it_is() {
    let (scene, run) = scene().await;
    let outage = |_| async {
        Err(OperationError::Failed {
            failure: FailureGroup::new(FailureCode::Unavailable, "No answer. ".repeat(40)),
            transient: true,
            retry_after: None,
            request_id: None,
        })
    };
    deliver(&scene, run, outage).await;
    sqlx::query("update operation_runs set retry_at = now()")
        .execute(scene.test.sql())
        .await
        .unwrap();
    deliver(&scene, run, |_| async { Ok(Finished::default()) }).await;
    assert_eq!(
        scene.codes(run).await,
        [("graph.unavailable".to_owned(), 1)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_may_pass_is_tried_again_and_at_last_given_up() {
    let (scene, run) = scene().await;
    let outage = |_| async {
        Err(OperationError::Failed {
            failure: FailureGroup::new(FailureCode::Unavailable, "Service unavailable"),
            transient: true,
            retry_after: None,
            request_id: None,
        })
    };
    deliver(&scene, run, outage).await;
    let (status, _) = scene.test.state_of(run).await;
    assert_eq!(status, "running", "between two tries");
    let waits = "select count(*) from apalis.jobs where run_at > now() + interval '50 seconds'";
    assert_eq!(scene.test.number(waits).await, 1);
    sqlx::query("update operation_runs set retry_at = now()")
        .execute(scene.test.sql())
        .await
        .unwrap();
    deliver(&scene, run, outage).await;
    assert_eq!(scene.outcome(run).await, "failed");
    let codes: Vec<String> = scene
        .codes(run)
        .await
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    assert!(codes.contains(&"worker.gave_up".to_owned()), "{codes:?}");
    assert!(codes.contains(&"graph.unavailable".to_owned()), "{codes:?}");
}
