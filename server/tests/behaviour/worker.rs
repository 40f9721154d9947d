//! The queue and the worker with real parts, and each trap of the queue that would lose or repeat a run.

use std::time::Duration;

use crate::support::{Scene, eventually};
use domain::OperationType;
use graph_simulator::{Faults, TenantSpec};
use server::worker::{Limits, Pace};
use services::runs;

fn small() -> TenantSpec {
    TenantSpec::new("Contoso").policies(30).groups(40)
}

/// Waits until nobody has asked the database for anything for a while: the look that a worker takes after each job
/// is over.
async fn quiet(scene: &Scene) {
    let connection = scene.test.sql().acquire().await.unwrap();
    let connection = tokio::sync::Mutex::new(connection);
    eventually(|| async {
        let busy: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()
               and (state <> 'idle' or state_change > clock_timestamp() - interval '500 milliseconds')",
        )
        .fetch_one(&mut **connection.lock().await)
        .await
        .unwrap();
        (busy == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_picked_up_at_once_done_and_told() {
    let scene = Scene::with(small()).await;
    // Nothing but a notification makes this worker look again: it polls, and shows signs of life, once an hour.
    let hour = Duration::from_secs(60 * 60);
    let limits = Limits {
        pace: Pace {
            heartbeat: hour,
            poll: hour,
            ..Pace::default()
        },
        ..Limits::default()
    };
    // Waits for the worker to come up.
    let warm_up = scene.start(OperationType::TenantVerify).await;
    let worker = scene.worker(limits);
    assert_eq!(scene.outcome(warm_up).await, "succeeded");
    quiet(&scene).await;
    let run = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    assert_eq!(
        scene
            .test
            .number("select count(*) from notifications where event = 'succeeded'")
            .await,
        2
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_distinct_runs_all_end_and_leave_no_job() {
    let scene = Scene::with(small()).await;
    for salt in 0..1000 {
        scene.start_distinct(salt).await;
    }
    let limits = Limits {
        concurrency: 16,
        per_tenant: 16,
        ..Limits::default()
    };
    let worker = scene.worker(limits);
    let ended = || async {
        let left = scene
            .test
            .number("select count(*) from operation_runs where status <> 'completed'")
            .await;
        (left == 0).then_some(())
    };
    eventually(ended).await;
    assert_eq!(
        scene
            .test
            .number("select count(*) from operation_runs where outcome = 'succeeded'")
            .await,
        1000
    );
    let no_job = || async {
        let left = scene
            .test
            .number("select count(*) from apalis.jobs where status <> 'Done'")
            .await;
        (left == 0).then_some(())
    };
    eventually(no_job).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_is_not_ours_is_let_pass_and_others_go_on() {
    let scene = Scene::with(small()).await;
    for payload in ["not json at all", "{}", r#"{"run_id":"x"}"#] {
        sqlx::query(
            "insert into apalis.jobs (id, job_type, job, max_attempts)
             values (apalis.generate_ulid()::text, $1, convert_to($2, 'UTF8'), 1)",
        )
        .bind(runs::QUEUE)
        .bind(payload)
        .execute(scene.test.sql())
        .await
        .unwrap();
    }
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    let done = || async {
        let done = scene
            .test
            .number("select count(*) from apalis.jobs where status = 'Done'")
            .await;
        (done == 4).then_some(())
    };
    eventually(done).await;
    assert_eq!(
        scene
            .test
            .number("select count(*) from apalis.workers")
            .await,
        1,
        "no worker had to start again"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_too_long_is_ended_and_its_job_is_not_stuck() {
    let scene = Scene::with(small()).await;
    scene.faults(Faults {
        delay_ms: Some(30_000),
        ..Faults::default()
    });
    let limits = Limits {
        run_timeout: Duration::from_millis(300),
        ..Limits::default()
    };
    let worker = scene.worker(limits);
    let run = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(run).await, "failed");
    assert_eq!(scene.codes(run).await, [("worker.timed_out".to_owned(), 1)]);
    let acked = || async {
        let done = scene
            .test
            .number("select count(*) from apalis.jobs where status = 'Done'")
            .await;
        (done == 1).then_some(())
    };
    eventually(acked).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_start_although_the_queues_listening_connections_were_cut() {
    let scene = Scene::with(small()).await;
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()",
    )
    .execute(scene.test.sql())
    .await
    .unwrap();
    let run = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_delivery_of_an_ended_run_does_nothing() {
    let scene = Scene::with(small()).await;
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    let requests = || scene.simulator.simulator.request_log().len();
    let before = requests();
    let ended_at = |()| async {
        sqlx::query_scalar::<_, chrono::DateTime<chrono::Utc>>(
            "select updated_at from operation_runs",
        )
        .fetch_one(scene.test.sql())
        .await
        .unwrap()
    };
    let stamp = ended_at(()).await;
    sqlx::query(
        "insert into apalis.jobs (id, job_type, job, max_attempts)
         select apalis.generate_ulid()::text, job_type, job, 1 from apalis.jobs",
    )
    .execute(scene.test.sql())
    .await
    .unwrap();
    let both_done = || async {
        let done = scene
            .test
            .number("select count(*) from apalis.jobs where status = 'Done'")
            .await;
        (done == 2).then_some(())
    };
    eventually(both_done).await;
    assert_eq!((requests(), ended_at(()).await), (before, stamp));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_worker_was_killed_ends_once_within_the_announced_time() {
    let scene = Scene::with(small()).await;
    scene.faults(Faults {
        delay_ms: Some(30_000),
        ..Faults::default()
    });
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::TenantVerify).await;
    scene.running(run).await;
    worker.kill().await;
    let announced = runs::detail(&scene.ada, &scene.test.db, run)
        .await
        .unwrap()
        .lost_at
        .unwrap();
    let swept = || async {
        runs::sweep(&scene.test.db, 3).await.unwrap();
        let (status, _) = scene.test.state_of(run).await;
        (status == "completed").then_some(())
    };
    eventually(swept).await;
    let completed: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select completed_at from operation_runs")
            .fetch_one(scene.test.sql())
            .await
            .unwrap();
    assert!(completed <= announced, "{completed} is after {announced}");
    assert_eq!(scene.codes(run).await, [("worker.lost".to_owned(), 1)]);
    assert_eq!(
        scene
            .test
            .number("select count(*) from notifications where event = 'failed'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_finishes_what_it_has() {
    let scene = Scene::with(small()).await;
    scene.faults(Faults {
        delay_ms: Some(300),
        ..Faults::default()
    });
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::TenantVerify).await;
    scene.running(run).await;
    worker.stop().await;
    assert_eq!(
        scene.test.state_of(run).await,
        ("completed".to_owned(), "succeeded".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_can_not_finish_in_time_gives_its_run_to_the_next() {
    let scene = Scene::with(small()).await;
    scene.faults(Faults {
        delay_ms: Some(20_000),
        ..Faults::default()
    });
    let limits = Limits {
        drain: Duration::from_millis(100),
        ..Limits::default()
    };
    let worker = scene.worker(limits);
    let run = scene.start(OperationType::TenantVerify).await;
    scene.running(run).await;
    worker.stop().await;
    assert_eq!(scene.test.state_of(run).await.0, "running");
    scene.faults(Faults::default());
    let next = scene.worker(Limits::default());
    assert_eq!(scene.outcome(run).await, "succeeded");
    let attempts = scene
        .test
        .number("select attempt::bigint from operation_runs")
        .await;
    assert_eq!(attempts, 2);
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_runs_of_a_tenant_than_allowed_run_at_once() {
    let scene = Scene::with(small()).await;
    scene.faults(Faults {
        delay_ms: Some(50),
        ..Faults::default()
    });
    for salt in 0..12 {
        scene.start_distinct(salt).await;
    }
    let limits = Limits {
        per_tenant: 2,
        ..Limits::default()
    };
    let worker = scene.worker(limits);
    let most = std::sync::atomic::AtomicI64::new(0);
    let ended = || async {
        let running = scene
            .test
            .number("select count(*) from operation_runs where status = 'running'")
            .await;
        most.fetch_max(running, std::sync::atomic::Ordering::Relaxed);
        let left = scene
            .test
            .number("select count(*) from operation_runs where status <> 'completed'")
            .await;
        (left == 0).then_some(())
    };
    eventually(ended).await;
    assert!(most.into_inner() <= 2);
    assert_eq!(
        scene
            .test
            .number("select count(*) from operation_runs where outcome = 'succeeded'")
            .await,
        12
    );
    worker.stop().await;
}
