//! Leases, parking, retries and the sweep, on a real database and without a queue worker.

use std::time::Duration;

use domain::{
    FailureCode, FailureGroup, OperationType, Outcome, Role, RunId, TenantId, identity::Inputs,
};
use serde_json::json;
use services::{
    runs::{self, Claim, Initiator, Lease, RunUpdate, UpdateError},
    testing::TestDatabase,
};
use sqlx::AssertSqlSafe;

async fn queued(test: &TestDatabase, tenant: TenantId, salt: u32) -> RunId {
    let inputs: Inputs = json!({ "salt": salt }).as_object().cloned().unwrap();
    runs::ensure_run(
        &test.db,
        tenant,
        OperationType::InventorySync,
        &inputs,
        &Initiator::System,
    )
    .await
    .unwrap()
    .run_id
}

async fn claimed(test: &TestDatabase, run: RunId) -> Lease {
    match runs::claim(&test.db, run, 10).await.unwrap() {
        Claim::Acquired(lease) => lease,
        other => panic!("{other:?}"),
    }
}

/// As if the pause before the next try were over.
async fn its_time_has_come(test: &TestDatabase, run: RunId) {
    sqlx::query("update operation_runs set retry_at = now() where id = $1")
        .bind(run)
        .execute(test.sql())
        .await
        .unwrap();
}

async fn expire_leases(test: &TestDatabase) {
    sqlx::query("update operation_runs set lease_expires_at = now() - interval '1 second' where lease_token is not null")
        .execute(test.sql())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_workers_one_gets_a_run() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let run = queued(&test, tenant, 1).await;
    let claims = (0..20).map(|_| runs::claim(&test.db, run, 10));
    let claims = futures::future::try_join_all(claims).await.unwrap();
    let acquired = claims
        .iter()
        .filter(|claim| matches!(claim, Claim::Acquired(_)))
        .count();
    let held = claims
        .iter()
        .filter(|claim| matches!(claim, Claim::Held))
        .count();
    assert_eq!((acquired, held), (1, 19));
}

#[tokio::test]
async fn a_run_whose_worker_is_gone_is_ended_once_and_the_late_worker_changes_nothing() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let run = runs::start(
        &ada,
        &test.db,
        tenant,
        OperationType::InventorySync,
        Inputs::new(),
    )
    .await
    .unwrap()
    .run
    .id;
    let lease = claimed(&test, run).await;
    assert_eq!(runs::sweep(&test.db, 10).await.unwrap().lost, 0);
    expire_leases(&test).await;
    let (a, b) = tokio::join!(runs::sweep(&test.db, 10), runs::sweep(&test.db, 10));
    assert_eq!(a.unwrap().lost + b.unwrap().lost, 1);
    assert_eq!(
        test.state_of(run).await,
        ("completed".into(), "failed".into())
    );
    let late = lease
        .complete(&test.db, Outcome::Succeeded, RunUpdate::default())
        .await;
    assert!(
        matches!(late, Err(UpdateError::IllegalMove { .. })),
        "{late:?}"
    );
    assert!(!lease.extend(&test.db).await.unwrap());
    assert_eq!(
        test.state_of(run).await,
        ("completed".into(), "failed".into())
    );
    assert_eq!(
        test.number("select count(*) from notifications where event = 'failed'")
            .await,
        1
    );
    assert_eq!(
        test.number("select count(*) from operation_runs where failure_summary @> '[{\"code\":\"worker.lost\"}]'").await,
        1
    );
}

async fn queued_since(test: &TestDatabase, run: RunId, ago: &str) {
    sqlx::query("update operation_runs set queued_at = now() - $2::interval where id = $1")
        .bind(run)
        .bind(ago)
        .execute(test.sql())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_run_that_no_worker_begins_within_a_day_is_ended_once_and_never_begun() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let sync = OperationType::InventorySync;
    let started = runs::start(&ada, &test.db, tenant, sync, Inputs::new()).await;
    let run = started.unwrap().run.id;
    let begun = queued(&test, tenant, 1).await;
    let _lease = claimed(&test, begun).await;
    queued_since(&test, begun, "25 hours").await;
    queued_since(&test, run, "23 hours 59 minutes").await;
    assert_eq!(runs::sweep(&test.db, 10).await.unwrap().given_up, 0);
    let detail = runs::detail(&ada, &test.db, run).await.unwrap();
    let left = detail.given_up_at.unwrap() - detail.as_of;
    assert!((60..90).contains(&left.num_seconds()), "{left}");
    queued_since(&test, run, "24 hours 1 second").await;
    let (a, b) = tokio::join!(runs::sweep(&test.db, 10), runs::sweep(&test.db, 10));
    assert_eq!(a.unwrap().given_up + b.unwrap().given_up, 1);
    let detail = runs::detail(&ada, &test.db, run).await.unwrap();
    assert_eq!(detail.failures[0].code, FailureCode::QueueNotStarted);
    assert_eq!((detail.failures.len(), detail.given_up_at), (1, None));
    assert!(matches!(
        runs::claim(&test.db, run, 10).await.unwrap(),
        Claim::Ended
    ));
    assert_eq!(test.state_of(begun).await.0, "running");
    let told = test.number("select count(*) from notifications where event = 'failed'");
    assert_eq!(told.await, 1);
}

#[tokio::test]
async fn waking_a_run_does_not_give_it_another_day() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let first = queued(&test, tenant, 1).await;
    let second = queued(&test, tenant, 2).await;
    let lease = claimed(&test, first).await;
    let parked = runs::claim(&test.db, second, 1).await.unwrap();
    assert!(matches!(parked, Claim::Parked));
    queued_since(&test, second, "25 hours").await;
    let update = RunUpdate::default();
    lease
        .complete(&test.db, Outcome::Succeeded, update)
        .await
        .unwrap();
    assert_eq!(runs::sweep(&test.db, 1).await.unwrap().given_up, 1);
}

#[tokio::test]
async fn a_heartbeat_keeps_a_run_from_being_lost() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let run = queued(&test, tenant, 1).await;
    let lease = claimed(&test, run).await;
    expire_leases(&test).await;
    assert!(lease.extend(&test.db).await.unwrap());
    assert_eq!(runs::sweep(&test.db, 10).await.unwrap().lost, 0);
    assert_eq!(test.state_of(run).await.0, "running");
}

#[tokio::test]
async fn a_busy_tenant_parks_a_run_and_the_next_end_wakes_it() {
    let test = TestDatabase::new().await;
    let (busy, idle) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let first = queued(&test, busy, 1).await;
    let second = queued(&test, busy, 2).await;
    let other = queued(&test, idle, 3).await;
    let Claim::Acquired(lease) = runs::claim(&test.db, first, 1).await.unwrap() else {
        panic!("the tenant was idle");
    };
    assert!(matches!(
        runs::claim(&test.db, second, 1).await.unwrap(),
        Claim::Parked
    ));
    assert!(matches!(
        runs::claim(&test.db, other, 1).await.unwrap(),
        Claim::Acquired(_)
    ));
    let jobs = test.number("select count(*) from apalis.jobs").await;
    lease
        .complete(&test.db, Outcome::Succeeded, RunUpdate::default())
        .await
        .unwrap();
    assert_eq!(
        test.number("select count(*) from apalis.jobs").await,
        jobs + 1
    );
    assert!(matches!(
        runs::claim(&test.db, second, 1).await.unwrap(),
        Claim::Acquired(_)
    ));
}

#[tokio::test]
async fn a_parked_run_that_nobody_woke_is_woken_by_the_sweep() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let first = queued(&test, tenant, 1).await;
    let second = queued(&test, tenant, 2).await;
    let _lease = claimed(&test, first).await;
    assert!(matches!(
        runs::claim(&test.db, second, 1).await.unwrap(),
        Claim::Parked
    ));
    assert_eq!(runs::sweep(&test.db, 1).await.unwrap().woken, 0);
    assert_eq!(runs::sweep(&test.db, 2).await.unwrap().woken, 1);
}

#[tokio::test]
async fn a_run_whose_job_is_gone_gets_another_one() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let run = queued(&test, tenant, 1).await;
    sqlx::query("delete from apalis.jobs")
        .execute(test.sql())
        .await
        .unwrap();
    assert_eq!(
        runs::sweep(&test.db, 1).await.unwrap().woken,
        0,
        "too early: a worker may just be at it"
    );
    sqlx::raw_sql(
        "alter table operation_runs disable trigger operation_runs_guard;
         update operation_runs set updated_at = now() - interval '1 minute';
         alter table operation_runs enable trigger operation_runs_guard",
    )
    .execute(test.sql())
    .await
    .unwrap();
    assert_eq!(runs::sweep(&test.db, 1).await.unwrap().woken, 1);
    assert_eq!(
        test.number("select count(*) from apalis.jobs where status = 'Pending'")
            .await,
        1
    );
    assert_eq!(test.state_of(run).await.0, "queued");
}

#[tokio::test]
async fn a_retry_waits_in_the_database_and_goes_on_with_the_next_try() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let run = queued(&test, tenant, 1).await;
    let lease = claimed(&test, run).await;
    assert_eq!(lease.attempt, 1);
    let failure = FailureGroup::new(FailureCode::Network, "no route (retrying)");
    lease
        .retry_after(&test.db, Duration::from_secs(90), Some(failure))
        .await
        .unwrap();
    assert_eq!(
        test.state_of(run).await,
        ("running".into(), "pending".into())
    );
    let waiting = test
        .number("select count(*) from apalis.jobs where run_at between now() + interval '80 s' and now() + interval '91 s'")
        .await;
    assert_eq!(waiting, 1);
    assert!(
        !lease.extend(&test.db).await.unwrap(),
        "the old worker has given it back"
    );
    let early = runs::claim(&test.db, run, 10).await.unwrap();
    assert!(matches!(early, Claim::Held), "{early:?}");
    its_time_has_come(&test, run).await;
    assert_eq!(claimed(&test, run).await.attempt, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_try_counts_anew_and_tells_only_why_it_was_needed() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let run = queued(&test, tenant, 1).await;
    let counts = |success, skipped, failed| RunUpdate {
        counts: Some(domain::SummaryCounts {
            total: success + skipped + failed,
            success,
            failed,
            skipped,
        }),
        failures: (0..failed)
            .map(|_| FailureGroup::new(FailureCode::Forbidden, "Scripts: not allowed"))
            .collect(),
        ..RunUpdate::default()
    };
    let first = claimed(&test, run).await;
    first.report(&test.db, counts(40, 0, 1)).await.unwrap();
    for part in ["Settings catalog", "Scripts", "Filters"] {
        first.begin_step(&test.db, part).await.unwrap();
    }
    let passing = FailureGroup::new(FailureCode::Throttled, "Throttled (retrying)");
    first
        .retry_after(&test.db, Duration::ZERO, Some(passing))
        .await
        .unwrap();
    let second = claimed(&test, run).await;
    let parts = json!({"parts": 3}).as_object().cloned().unwrap_or_default();
    let announced = RunUpdate {
        context: parts,
        ..RunUpdate::default()
    };
    second.report(&test.db, announced).await.unwrap();
    second
        .begin_step(&test.db, "Settings catalog")
        .await
        .unwrap();
    let reader = test.person("Ada", &[(tenant, Role::Readonly)]).await;
    let detail = runs::detail(&reader, &test.db, run).await.unwrap();
    let parts = detail.run.parts.unwrap();
    assert_eq!((parts.begun, parts.total), (1, 3));
    let steps: Vec<_> = detail
        .steps
        .iter()
        .map(|step| step.label.as_str())
        .collect();
    assert_eq!(
        steps,
        [
            "Settings catalog",
            "Scripts",
            "Filters",
            "Try 1 failed",
            "Try 2",
            "Settings catalog"
        ]
    );
    assert_eq!(detail.steps[3].failure.as_deref(), Some("Throttled"));
    second
        .complete(&test.db, Outcome::PartiallySucceeded, counts(20, 40, 1))
        .await
        .unwrap();
    let (counts, failures): (serde_json::Value, serde_json::Value) =
        sqlx::query_as("select summary_counts, failure_summary from operation_runs where id = $1")
            .bind(run)
            .fetch_one(test.sql())
            .await
            .unwrap();
    assert_eq!(
        counts,
        json!({"total": 61, "success": 20, "failed": 1, "skipped": 40})
    );
    let told: Vec<_> = failures
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["message"].as_str().unwrap(), group["count"].as_i64()))
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told.contains(&("Throttled (retrying)", Some(1))));
    assert!(told.contains(&("Scripts: not allowed", Some(1))));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_try_keeps_to_its_tenants_limit_too() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let run = queued(&test, tenant, 1).await;
    let lease = claimed(&test, run).await;
    lease
        .retry_after(&test.db, Duration::from_secs(60), None)
        .await
        .unwrap();
    its_time_has_come(&test, run).await;
    let other = queued(&test, tenant, 2).await;
    let busy = claimed(&test, other).await;
    let full = runs::claim(&test.db, run, 1).await.unwrap();
    assert!(matches!(full, Claim::Parked), "{full:?}");
    let waits = "select count(*) from apalis.jobs j join operation_runs r on r.job_id = j.id
                 where r.status = 'running' and r.lease_token is null and j.run_at > now()";
    assert_eq!(test.number(waits).await, 1, "it comes again by itself");
    busy.complete(&test.db, Outcome::Succeeded, RunUpdate::default())
        .await
        .unwrap();
    assert!(matches!(
        runs::claim(&test.db, run, 1).await.unwrap(),
        Claim::Acquired(_)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_lost_run_that_can_not_be_ended_does_not_keep_the_others_from_their_end() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let (odd, other) = (
        queued(&test, tenant, 1).await,
        queued(&test, tenant, 2).await,
    );
    claimed(&test, odd).await;
    claimed(&test, other).await;
    // As a newer version may have written it.
    sqlx::query("update operation_runs set failure_summary = '[{\"code\":\"from.the_future\",\"message\":\"x\",\"count\":1}]' where id = $1")
        .bind(odd)
        .execute(test.sql())
        .await
        .unwrap();
    expire_leases(&test).await;
    assert_eq!(runs::sweep(&test.db, 3).await.unwrap().lost, 1);
    assert_eq!(
        test.state_of(other).await,
        ("completed".into(), "failed".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_that_can_not_be_woken_does_not_keep_the_others_asleep() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let odd = queued(&test, tenant, 1).await;
    queued(&test, tenant, 2).await;
    let statement = format!(
        "delete from apalis.jobs;
         alter table operation_runs disable trigger operation_runs_guard;
         update operation_runs set updated_at = now() - interval '1 minute';
         alter table operation_runs enable trigger operation_runs_guard;
         create function refuse() returns trigger language plpgsql as
             $$ begin raise exception 'not this one'; end $$;
         create trigger refuse before update of job_id on operation_runs
             for each row when (new.id = {odd}) execute function refuse()"
    );
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(test.sql())
        .await
        .unwrap();
    assert_eq!(runs::sweep(&test.db, 1).await.unwrap().woken, 1);
}
