//! Starting runs: never twice for the same work, never without a job, with one notification each.

use std::collections::HashSet;

use domain::{OperationType, Role, RunId, TenantId, identity::Inputs};
use futures::{StreamExt, stream};
use serde_json::json;
use services::{
    Caller, ServiceError,
    runs::{self, Initiator},
    testing::TestDatabase,
};

async fn start(test: &TestDatabase, caller: &Caller, tenant: TenantId) -> (RunId, bool) {
    let answer = runs::start(
        caller,
        &test.db,
        tenant,
        OperationType::InventorySync,
        Inputs::new(),
    )
    .await
    .unwrap();
    (answer.run.id, answer.created)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_identical_starts_make_one_run_and_one_job_and_all_get_it() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let caller = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let answers: Vec<(RunId, bool)> = stream::iter(0..1000)
        .map(|_| start(&test, &caller, tenant))
        .buffer_unordered(1000)
        .collect()
        .await;
    let runs: HashSet<RunId> = answers.iter().map(|(run, _)| *run).collect();
    assert_eq!(runs.len(), 1);
    assert_eq!(answers.iter().filter(|(_, created)| *created).count(), 1);
    assert_eq!(test.number("select count(*) from operation_runs").await, 1);
    assert_eq!(test.number("select count(*) from apalis.jobs").await, 1);
    assert_eq!(test.number("select count(*) from notifications").await, 1);
}

#[tokio::test]
async fn another_tenant_type_or_input_is_other_work() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let kinds = |json: serde_json::Value| json.as_object().cloned().unwrap();
    let mut seen = HashSet::new();
    for (tenant, operation, inputs) in [
        (a, OperationType::InventorySync, Inputs::new()),
        (b, OperationType::InventorySync, Inputs::new()),
        (a, OperationType::TenantVerify, Inputs::new()),
        (
            a,
            OperationType::InventorySync,
            kinds(json!({"kinds": ["a", "b"]})),
        ),
        (
            a,
            OperationType::InventorySync,
            kinds(json!({"kinds": ["b", "a"]})),
        ),
    ] {
        let ensured = runs::ensure_run(&test.db, tenant, operation, &inputs, &Initiator::System)
            .await
            .unwrap();
        assert!(ensured.created && seen.insert(ensured.run_id));
    }
}

#[tokio::test]
async fn a_run_that_is_active_keeps_its_initiator_and_tells_nobody_again() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Owner)]).await;
    let (run, created) = start(&test, &ada, tenant).await;
    assert!(created);
    let answer = runs::start(
        &bob,
        &test.db,
        tenant,
        OperationType::InventorySync,
        Inputs::new(),
    )
    .await
    .unwrap();
    assert_eq!((answer.run.id, answer.created), (run, false));
    assert_eq!(
        (answer.run.initiator_name.as_str(), answer.run.mine),
        ("Ada", false)
    );
    assert_eq!(test.number("select count(*) from notifications").await, 1);
}

#[tokio::test]
async fn the_same_work_can_start_again_once_it_has_ended() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let caller = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let (first, _) = start(&test, &caller, tenant).await;
    sqlx::query("update operation_runs set status = 'completed', outcome = 'succeeded'")
        .execute(test.sql())
        .await
        .unwrap();
    let (second, created) = start(&test, &caller, tenant).await;
    assert!(created && second != first);
}

#[tokio::test]
async fn a_run_whose_job_the_queue_refuses_ends_at_once_and_says_so() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let caller = test.person("Ada", &[(tenant, Role::Operator)]).await;
    sqlx::query("alter table apalis.jobs add constraint down check (false) not valid")
        .execute(test.sql())
        .await
        .unwrap();
    let (run, created) = start(&test, &caller, tenant).await;
    assert!(created);
    assert_eq!(
        test.state_of(run).await,
        ("completed".into(), "failed".into())
    );
    let detail = runs::detail(&caller, &test.db, run).await.unwrap();
    assert_eq!(detail.failures[0].code.as_str(), "queue.dispatch_failed");
    assert_eq!(test.number("select count(*) from apalis.jobs").await, 0);
    assert_eq!(
        test.number("select count(*) from notifications where event = 'failed'")
            .await,
        1
    );
}

#[tokio::test]
async fn run_job_and_notification_exist_together_or_not_at_all() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let caller = test.person("Ada", &[(tenant, Role::Operator)]).await;
    sqlx::query("alter table notifications add constraint down check (false) not valid")
        .execute(test.sql())
        .await
        .unwrap();
    let refused = runs::start(
        &caller,
        &test.db,
        tenant,
        OperationType::InventorySync,
        Inputs::new(),
    )
    .await;
    assert!(matches!(refused, Err(ServiceError::Database(_))));
    assert_eq!(test.number("select count(*) from operation_runs").await, 0);
    assert_eq!(test.number("select count(*) from apalis.jobs").await, 0);
}

#[tokio::test]
async fn a_reader_may_not_start_and_a_stranger_does_not_even_see_the_tenant() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let reader = test.person("Rita", &[(tenant, Role::Readonly)]).await;
    let stranger = test.person("Sam", &[]).await;
    let start = |caller: Caller| {
        let db = test.db.clone();
        async move {
            runs::start(
                &caller,
                &db,
                tenant,
                OperationType::InventorySync,
                Inputs::new(),
            )
            .await
        }
    };
    assert!(matches!(
        start(reader).await,
        Err(ServiceError::Forbidden(_))
    ));
    assert!(matches!(start(stranger).await, Err(ServiceError::NotFound)));
    assert_eq!(test.number("select count(*) from operation_runs").await, 0);
}

#[tokio::test]
async fn inputs_that_can_not_be_carried_exactly_are_refused_and_nothing_is_written() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let inputs = json!({"n": 9_007_199_254_740_993_i64})
        .as_object()
        .cloned()
        .unwrap();
    let refused = runs::ensure_run(
        &test.db,
        tenant,
        OperationType::InventorySync,
        &inputs,
        &Initiator::System,
    )
    .await;
    assert!(matches!(refused, Err(ServiceError::Invalid(_))));
    assert_eq!(test.number("select count(*) from operation_runs").await, 0);
}

#[tokio::test]
async fn the_identitys_readable_parts_are_kept_in_the_context() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let inputs = json!({"kinds": ["settings_catalog"]})
        .as_object()
        .cloned()
        .unwrap();
    runs::ensure_run(
        &test.db,
        tenant,
        OperationType::InventorySync,
        &inputs,
        &Initiator::System,
    )
    .await
    .unwrap();
    let identity: serde_json::Value =
        sqlx::query_scalar("select context -> 'identity' from operation_runs")
            .fetch_one(test.sql())
            .await
            .unwrap();
    let expected = json!({"tenant_id": tenant, "type": "inventory.sync", "inputs": {"kinds": ["settings_catalog"]}});
    assert_eq!(identity, expected);
}
