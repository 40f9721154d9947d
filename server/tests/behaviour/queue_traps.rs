//! What the queue would do by itself and must not: each trap of apalis, through a real worker. Traps that need no
//! peculiar circumstances are in `worker.rs` and `processes.rs`.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use apalis::prelude::*;
use apalis_postgres::PostgresStorage;
use chrono::{DateTime, Utc};
use domain::{OperationType, RetryPolicy, RunId, TenantId, identity::Inputs};
use graph_simulator::{Faults, TenantSpec};
use server::{
    track_operation_run::TrackOperationRunLayer,
    worker::{Delivery, DeliveryCodec, Limits, Pace, queue_config},
};
use services::{
    operations::{Finished, OperationError},
    runs::{self, Claim, Initiator, QUEUE},
};
use tokio_util::sync::CancellationToken;

use crate::support::{Scene, eventually};

fn small() -> TenantSpec {
    TenantSpec::new("Contoso").policies(5)
}

fn slow(delay_ms: u64) -> Faults {
    Faults {
        delay_ms: Some(delay_ms),
        ..Faults::default()
    }
}

/// A worker whose signs of life a test can wait for.
fn lively() -> Pace {
    Pace {
        heartbeat: Duration::from_millis(200),
        // apalis counts the time until a worker is dead in whole seconds.
        missed_heartbeats: 50,
        ..Pace::default()
    }
}

async fn start_on(scene: &Scene, tenant: TenantId, salt: i64) -> RunId {
    let mut inputs = Inputs::new();
    inputs.insert("salt".into(), salt.into());
    let operation = OperationType::TenantVerify;
    runs::ensure_run(
        &scene.test.db,
        tenant,
        operation,
        &inputs,
        &Initiator::System,
    )
    .await
    .unwrap()
    .run_id
}

async fn execute(scene: &Scene, sql: &'static str) {
    sqlx::raw_sql(sql).execute(scene.test.sql()).await.unwrap();
}

/// The status of the job that a run has now.
async fn job_of(scene: &Scene, run: RunId) -> String {
    sqlx::query_scalar(
        "select j.status from apalis.jobs j join operation_runs r on r.job_id = j.id where r.id = $1",
    )
    .bind(run)
    .fetch_one(scene.test.sql())
    .await
    .unwrap()
}

async fn job_becomes(scene: &Scene, run: RunId, status: &str) {
    eventually(|| async { (job_of(scene, run).await == status).then_some(()) }).await;
}

/// How many jobs apalis would hand out now, by its own fetch.
async fn fetchable(scene: &Scene) -> i64 {
    scene
        .test
        .number(
            "with me as (select id from apalis.workers limit 1)
             select count(*) from me, apalis.get_jobs(me.id, 'operation-runs', 100)",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_of_life_and_acks_go_on_while_long_runs_fill_the_worker() {
    let mut scene = Scene::with(small()).await;
    let (_, quick) = scene.second(TenantSpec::new("Fabrikam").policies(0)).await;
    scene.faults(slow(120_000));
    let limits = Limits {
        concurrency: 2,
        per_tenant: 16,
        pace: lively(),
        ..Limits::default()
    };
    // All wait for the worker, so that it could fetch more than it has room for.
    let first = start_on(&scene, quick, 0).await;
    let long = [1, 2, 3, 4].map(|salt| start_on(&scene, scene.tenant, salt));
    let long = futures::future::join_all(long).await;
    let worker = scene.worker(limits);
    assert_eq!(scene.outcome(first).await, "succeeded");
    let running = "select count(*) from operation_runs where status = 'running'";
    eventually(|| async { (scene.test.number(running).await == 2).then_some(()) }).await;
    job_becomes(&scene, first, "Done").await;
    let filled: DateTime<Utc> = sqlx::query_scalar("select now()")
        .fetch_one(scene.test.sql())
        .await
        .unwrap();
    let seen_a_second_later = || async {
        let sql =
            "select exists (select from apalis.workers where last_seen > $1 + interval '1 second')";
        let seen: bool = sqlx::query_scalar(sql)
            .bind(filled)
            .fetch_one(scene.test.sql())
            .await
            .unwrap();
        seen.then_some(())
    };
    eventually(seen_a_second_later).await;
    assert_eq!(scene.test.number(running).await, 2);
    let left = "select count(*) from operation_runs where status = 'queued'";
    assert_eq!(scene.test.number(left).await, long.len() as i64 - 2);
    worker.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_more_runs_at_once_than_the_worker_may_over_all_tenants() {
    let mut scene = Scene::with(small()).await;
    let (second, other) = scene.second(TenantSpec::new("Fabrikam").policies(0)).await;
    scene.faults(slow(60));
    let simulator = &scene.simulator.simulator;
    simulator.set_faults(&second.directory_id, slow(60));
    for salt in 0..8 {
        start_on(&scene, scene.tenant, salt).await;
        start_on(&scene, other, salt).await;
    }
    let limits = Limits {
        concurrency: 3,
        per_tenant: 16,
        ..Limits::default()
    };
    let worker = scene.worker(limits);
    let succeeded = "select count(*) from operation_runs where outcome = 'succeeded'";
    eventually(|| async { (scene.test.number(succeeded).await == 16).then_some(()) }).await;
    // From the rows, not by looking on: between two looks there could be more.
    let most = "select max((select count(*) from operation_runs o
                            where o.started_at <= r.started_at and o.completed_at > r.started_at))
                from operation_runs r";
    assert_eq!(scene.test.number(most).await, 3);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_starts_again_has_another_name_and_takes_up_what_the_dead_one_had_fetched() {
    let scene = Scene::with(small()).await;
    let names = || async {
        let names: Vec<String> = sqlx::query_scalar("select id from apalis.workers order by id")
            .fetch_all(scene.test.sql())
            .await
            .unwrap();
        names
    };
    let mut process = scene.worker_process();
    let dead = eventually(|| async { names().await.pop() }).await;
    process.kill();
    // Killed between fetching the job and claiming its run, and silent for as long as it takes.
    let run = scene.start(OperationType::TenantVerify).await;
    sqlx::query("update apalis.jobs set status = 'Queued', lock_by = $1, lock_at = now()")
        .bind(&dead)
        .execute(scene.test.sql())
        .await
        .unwrap();
    execute(
        &scene,
        "update apalis.workers set last_seen = now() - interval '61 seconds'",
    )
    .await;
    let _again = scene.worker_process();
    assert_eq!(scene.outcome(run).await, "succeeded");
    let names = names().await;
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&dead));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_had_fetched_is_given_away_after_a_minute_of_silence_and_not_before() {
    let scene = Scene::with(small()).await;
    let (early, late) = (
        start_on(&scene, scene.tenant, 1).await,
        start_on(&scene, scene.tenant, 2).await,
    );
    execute(
        &scene,
        "insert into apalis.workers (id, worker_type, storage_name, layers, last_seen)
         values ('early', 'operation-runs', 'PgStorage', '', now() - interval '20 seconds'),
                ('late', 'operation-runs', 'PgStorage', '', now() - interval '61 seconds')",
    )
    .await;
    for (run, worker) in [(early, "early"), (late, "late")] {
        sqlx::query(
            "update apalis.jobs set status = 'Running', lock_by = $2, lock_at = now()
             where id = (select job_id from operation_runs where id = $1)",
        )
        .bind(run)
        .bind(worker)
        .execute(scene.test.sql())
        .await
        .unwrap();
    }
    let worker = scene.worker(Limits::default());
    assert_eq!(scene.outcome(late).await, "succeeded");
    assert_eq!(job_of(&scene, early).await, "Running");
    assert_eq!(scene.test.state_of(early).await.0, "queued");
    worker.stop().await;
}

#[test]
fn the_queue_is_used_as_the_traps_demand() {
    let config = queue_config(Pace::default());
    assert_eq!(config.orphaned_duration(), Duration::from_secs(60));
    assert_eq!(config.queue.as_ref(), QUEUE);
    assert_eq!(config.batch_size, 1);
    assert!(config.persist_results, "without it no job is ever acked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_leaves_its_job_done_and_the_worker_at_work() {
    let scene = Scene::with(small()).await;
    let calls = std::sync::Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let handler = move |_: Delivery| {
        let calls = counted.clone();
        async move {
            match calls.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("a defect, on purpose"),
                _ => Ok::<_, OperationError>(Finished::default()),
            }
        }
    };
    let (limits, retry) = (Limits::default(), RetryPolicy::default());
    let db = scene.test.db.clone();
    let layer = TrackOperationRunLayer::new(db, limits, retry, CancellationToken::new());
    let backend = PostgresStorage::<Delivery>::new(scene.test.sql())
        .with_config(queue_config(limits.pace))
        .with_pubsub()
        .poll_with_interval(limits.pace.poll)
        .with_codec(DeliveryCodec);
    let worker = WorkerBuilder::new("panicking")
        .backend(backend)
        .layer(layer)
        .build(handler);
    let working = tokio::spawn(worker.run());
    let run = start_on(&scene, scene.tenant, 1).await;
    assert_eq!(scene.outcome(run).await, "failed");
    job_becomes(&scene, run, "Done").await;
    let next = start_on(&scene, scene.tenant, 2).await;
    assert_eq!(scene.outcome(next).await, "succeeded");
    job_becomes(&scene, next, "Done").await;
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    working.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_comes_again_past_its_tries_does_not_go_round_for_ever() {
    let scene = Scene::with(small()).await;
    let run = scene.start(OperationType::TenantVerify).await;
    // A worker that ended the moment it had the run, as if the job had killed it.
    let claimed = runs::claim(&scene.test.db, run, 3).await.unwrap();
    assert!(matches!(claimed, Claim::Acquired(_)), "{claimed:?}");
    let come_again = || {
        let again = "update apalis.jobs set status = 'Pending', attempts = 99, lock_by = null, lock_at = null,
                         done_at = null";
        execute(&scene, again)
    };
    come_again().await;
    let worker = scene.worker(Limits::default());
    // Whoever has it may be alive, so it is left alone until the lease is over.
    job_becomes(&scene, run, "Done").await;
    assert_eq!(scene.test.state_of(run).await.0, "running");
    execute(
        &scene,
        "update operation_runs set lease_expires_at = now() - interval '1 second'",
    )
    .await;
    assert_eq!(runs::sweep(&scene.test.db, 3).await.unwrap().lost, 1);
    assert_eq!(scene.outcome(run).await, "failed");
    assert_eq!(scene.codes(run).await, [("worker.lost".to_owned(), 1)]);
    // Polling would find it, as no notification tells of it.
    come_again().await;
    job_becomes(&scene, run, "Done").await;
    assert_eq!(fetchable(&scene).await, 0);
    assert_eq!(
        scene.test.number("select count(*) from apalis.jobs").await,
        1
    );
    let asked = scene.simulator.simulator.request_log().len();
    assert_eq!(asked, 0, "nothing was done for it");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_loses_the_database_lives_on_and_its_run_ends_once() {
    let scene = Scene::with(small()).await;
    scene.faults(slow(2_000));
    // apalis has the column and leaves it empty.
    execute(
        &scene,
        "alter table apalis.workers alter started_at set default clock_timestamp()",
    )
    .await;
    let mut process = scene.worker_process();
    let run = scene.start(OperationType::TenantVerify).await;
    scene.running(run).await;
    execute(&scene, "alter function apalis.get_jobs rename to gone").await;
    let cut = scene
        .test
        .number(
            "select count(*) from (
                 select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid()
             ) cut",
        )
        .await;
    assert!(cut >= 2, "{cut}");
    // Connections are made anew without a word; what ends apalis' worker is a look at the queue that fails.
    let workers = "select count(*) from apalis.workers";
    eventually(|| async { (scene.test.number(workers).await > 2).then_some(()) }).await;
    let hurried = "select count(*) from (select started_at - lag(started_at) over (order by started_at) as pause
                                         from apalis.workers) starts
                   where pause < interval '900 milliseconds'";
    assert_eq!(
        scene.test.number(hurried).await,
        0,
        "a database that is back is not stormed"
    );
    execute(&scene, "alter function apalis.gone rename to get_jobs").await;
    let outcome = scene.outcome(run).await;
    assert!(process.is_running());
    scene.faults(Faults::default());
    let later = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(later).await, "succeeded");
    assert!(process.is_running());
    let told: Vec<String> = sqlx::query_scalar(
        "select event from notifications where run_id = $1 and event <> 'queued'",
    )
    .bind(run)
    .fetch_all(scene.test.sql())
    .await
    .unwrap();
    assert_eq!(told, [outcome]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_declared_lost_under_its_worker_gives_its_place_to_the_next() {
    let mut scene = Scene::with(small()).await;
    let (_, quick) = scene.second(TenantSpec::new("Fabrikam").policies(0)).await;
    scene.faults(slow(120_000));
    let limits = Limits {
        concurrency: 1,
        ..Limits::default()
    };
    let worker = scene.worker(limits);
    let hung = start_on(&scene, scene.tenant, 1).await;
    scene.running(hung).await;
    let next = start_on(&scene, quick, 1).await;
    execute(
        &scene,
        "update operation_runs set lease_expires_at = now() - interval '1 second'
         where lease_token is not null",
    )
    .await;
    assert_eq!(runs::sweep(&scene.test.db, 3).await.unwrap().lost, 1);
    // There is one place, and the hung request would keep it for minutes.
    assert_eq!(scene.outcome(next).await, "succeeded");
    assert_eq!(
        scene.test.state_of(hung).await,
        ("completed".to_owned(), "failed".to_owned())
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_claim_failed_gets_another_job_and_is_done() {
    let scene = Scene::with(small()).await;
    execute(
        &scene,
        "create function refuse() returns trigger language plpgsql as
         $$ begin raise exception 'out of order'; end $$;
         create trigger refuse before update on operation_runs for each row
         when (new.status = 'running') execute function refuse()",
    )
    .await;
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::TenantVerify).await;
    job_becomes(&scene, run, "Killed").await;
    assert_eq!(scene.test.state_of(run).await.0, "queued");
    assert_eq!(fetchable(&scene).await, 0);
    // As if the time after which the sweep looks for it were over.
    execute(
        &scene,
        "drop trigger refuse on operation_runs;
         alter table operation_runs disable trigger operation_runs_guard;
         update operation_runs set updated_at = now() - interval '1 minute';
         alter table operation_runs enable trigger operation_runs_guard",
    )
    .await;
    assert_eq!(runs::sweep(&scene.test.db, 3).await.unwrap().woken, 1);
    assert_eq!(scene.outcome(run).await, "succeeded");
    job_becomes(&scene, run, "Done").await;
    assert_eq!(
        scene.test.number("select count(*) from apalis.jobs").await,
        2
    );
    worker.stop().await;
}
