//! The operations against a simulated Graph: healthy, changing, throttling and failing tenants.

use crate::support::{Scene, real_files};
use domain::OperationType;
use graph_simulator::{Faults, TenantSpec};
use server::worker::Limits;

fn contoso() -> TenantSpec {
    TenantSpec::new("Contoso").policies(60).groups(250)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inventory_sync_brings_every_policy_and_a_second_one_finds_all_unchanged() {
    let scene = Scene::with(contoso()).await;
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::InventorySync).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    // Role definitions that Microsoft built in are nobody's policies.
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let policies = simulator.policies(directory).unwrap();
    let there = policies.iter().filter(|policy| {
        policy.kind != "roleDefinitions"
            || simulator.policy(directory, &policy.id).unwrap()["isBuiltIn"] != true
    });
    let there = there.count();
    let there = i64::try_from(there).unwrap();
    assert_eq!(
        scene
            .test
            .number("select count(*) from inventory_policies")
            .await,
        there
    );
    let counts = scene.counts(run).await;
    assert_eq!(
        (counts.total, counts.success),
        (u32::try_from(there).unwrap(), counts.total)
    );

    let again = scene.start(OperationType::InventorySync).await;
    assert_eq!(scene.outcome(again).await, "succeeded");
    let counts = scene.counts(again).await;
    assert_eq!(
        (counts.success, counts.skipped, counts.total),
        (0, counts.total, u32::try_from(there).unwrap())
    );
    assert_eq!(scene.context(again).await["changes"]["unchanged"], there);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_new_and_vanished_policies_are_told_apart() {
    let scene = Scene::with(contoso()).await;
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::InventorySync).await;
    scene.outcome(run).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let known: Vec<(String, String)> =
        sqlx::query_as("select graph_id, name from inventory_policies where kind = 'device_configurations' order by id")
            .fetch_all(scene.test.sql())
            .await
            .unwrap();
    simulator.delete_policy(directory, &known[0].0).unwrap();
    simulator
        .edit_policy(
            directory,
            &known[1].0,
            serde_json::json!({"description": "changed by somebody"}),
        )
        .unwrap();
    let run = scene.start(OperationType::InventorySync).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    let changes = scene.context(run).await["changes"].clone();
    assert_eq!(
        (&changes["new"], &changes["changed"], &changes["vanished"]),
        (&0.into(), &1.into(), &1.into())
    );
    let gone: String =
        sqlx::query_scalar("select name from inventory_policies where vanished_at is not null")
            .fetch_one(scene.test.sql())
            .await
            .unwrap();
    assert_eq!(gone, known[0].1);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_kind_fails_alone_and_what_was_known_of_it_stays() {
    let scene = Scene::with(contoso()).await;
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::InventorySync).await;
    scene.outcome(run).await;
    let before = scene
        .test
        .number("select count(*) from inventory_policies where vanished_at is null")
        .await;
    scene.faults(Faults {
        forbidden_kinds: vec!["deviceManagementScripts".into()],
        ..Faults::default()
    });
    let run = scene.start(OperationType::InventorySync).await;
    assert_eq!(scene.outcome(run).await, "partially_succeeded");
    assert_eq!(scene.codes(run).await, [("graph.forbidden".to_owned(), 1)]);
    let counts = scene.counts(run).await;
    assert_eq!(counts.failed, 1);
    assert_eq!(
        counts.total,
        counts.success + counts.failed + counts.skipped
    );
    let after = scene
        .test
        .number("select count(*) from inventory_policies where vanished_at is null")
        .await;
    assert_eq!(after, before);
    let id = scene.context(run).await["request_ids"]["graph.forbidden"].clone();
    assert!(id.as_str().is_some_and(|id| id.len() == 36), "{id}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_and_a_passing_outage_are_waited_out() {
    let scene = Scene::with(contoso()).await;
    let worker = scene.worker(Limits::default());
    scene.faults(Faults {
        throttle_every: Some(3),
        retry_after_seconds: Some(1),
        ..Faults::default()
    });
    let run = scene.start(OperationType::DirectoryGroupsSync).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    scene.faults(Faults {
        unavailable: Some(3),
        retry_after_seconds: Some(1),
        ..Faults::default()
    });
    let run = scene.start(OperationType::InventorySync).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    let counts = scene.counts(run).await;
    assert_eq!(
        counts.total,
        counts.success + counts.failed + counts.skipped
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_secret_ends_the_run_and_says_who_must_act() {
    let scene = Scene::with(contoso()).await;
    scene.faults(Faults {
        reject_credentials: true,
        ..Faults::default()
    });
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(run).await, "failed");
    assert_eq!(
        scene.codes(run).await,
        [("graph.credentials_rejected".to_owned(), 1)]
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_read_in_full_then_by_delta_and_in_full_again_after_the_token_expired() {
    let scene = Scene::with(contoso()).await;
    let worker = scene.worker(Limits::default());
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let sync = || async {
        let run = scene.start(OperationType::DirectoryGroupsSync).await;
        assert_eq!(scene.outcome(run).await, "succeeded");
        scene.context(run).await["changes"].clone()
    };
    assert_eq!(sync().await["full"], true);
    let there = simulator.tenants()[0].groups;
    let cached = || scene.test.number("select count(*) from directory_groups");
    assert_eq!(cached().await, i64::try_from(there).unwrap());

    let added = simulator.add_group(directory, "Added later").unwrap();
    let changes = sync().await;
    assert_eq!(
        (&changes["full"], &changes["added_or_changed"]),
        (&false.into(), &1.into())
    );
    simulator.delete_group(directory, &added, true).unwrap();
    assert_eq!(sync().await["removed"], 1);
    assert_eq!(cached().await, i64::try_from(there).unwrap());

    let unseen = simulator
        .add_group(directory, "Gone before the next full sync")
        .unwrap();
    scene.faults(Faults {
        expire_delta: true,
        ..Faults::default()
    });
    simulator.delete_group(directory, &unseen, true).unwrap();
    assert_eq!(sync().await["full"], true);
    assert_eq!(cached().await, i64::try_from(there).unwrap());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_real_policy_arrives_with_its_settings_and_a_second_sync_says_unchanged() {
    let Some(folder) = real_files("windows-2026-03") else {
        return;
    };
    let scene = Scene::with(TenantSpec::new("Baseline")).await;
    let simulator = &scene.simulator.simulator;
    simulator
        .load_policies(&scene.simulated.directory_id, &folder)
        .unwrap();
    let worker = scene.worker(Limits::default());
    let run = scene.start(OperationType::InventorySync).await;
    assert_eq!(scene.outcome(run).await, "succeeded");
    assert_eq!(
        scene
            .test
            .number("select count(*) from inventory_policies")
            .await,
        70
    );
    let settings_arrived = scene
        .test
        .number(
            "select count(*) from inventory_policies
             where kind = 'settings_catalog' and settings_count > 0
               and settings_count = jsonb_array_length(content -> 'settings')
               and settings_count = (content ->> 'settingCount')::int",
        )
        .await;
    let catalog = scene
        .test
        .number("select count(*) from inventory_policies where kind = 'settings_catalog'")
        .await;
    assert!(catalog > 50, "{catalog}");
    assert_eq!(settings_arrived, catalog);
    let again = scene.start(OperationType::InventorySync).await;
    assert_eq!(scene.outcome(again).await, "succeeded");
    let counts = scene.counts(again).await;
    assert_eq!((counts.total, counts.skipped), (70, 70));
    worker.stop().await;
}
