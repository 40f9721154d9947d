//! Policies chosen in the inventory: exported as they are, deleted after a backup of them.

use std::collections::BTreeSet;

use domain::{OperationType, PolicyId, Role, RunId, views::inventory::PolicyQuery};
use graph_simulator::{Faults, TenantSpec};
use server::worker::Limits;
use services::{ServiceError, backups, inventory, restores};

use crate::support::{Scene, eventually};

/// The first policies of the inventory of these kinds, `each` of every kind: id, kind and Microsoft's id.
async fn some(scene: &Scene, kinds: &[&str], each: usize) -> Vec<(PolicyId, String, String)> {
    let mut found = Vec::new();
    for kind in kinds {
        let of_kind: Vec<(PolicyId, String, String)> = sqlx::query_as(
            "select id, kind, graph_id from inventory_policies where kind = $1 and tenant_id = $2 order by id limit $3",
        )
        .bind(kind)
        .bind(scene.tenant)
        .bind(i64::try_from(each).unwrap())
        .fetch_all(scene.test.sql())
        .await
        .unwrap();
        assert_eq!(of_kind.len(), each, "{kind}");
        found.extend(of_kind);
    }
    found
}

fn ids(policies: &[(PolicyId, String, String)]) -> Vec<PolicyId> {
    policies.iter().map(|(id, ..)| *id).collect()
}

/// Kind and Microsoft's id of what the run's set holds.
async fn in_the_set(scene: &Scene, run: RunId) -> BTreeSet<(String, String)> {
    let set = scene.context(run).await["backup_set_id"].as_i64().unwrap();
    let rows: Vec<(String, String)> =
        sqlx::query_as("select kind, graph_id from backup_items where backup_set_id = $1")
            .bind(set)
            .fetch_all(scene.test.sql())
            .await
            .unwrap();
    rows.into_iter().collect()
}

fn kinds_and_ids(policies: &[(PolicyId, String, String)]) -> BTreeSet<(String, String)> {
    policies
        .iter()
        .map(|(_, kind, id)| (kind.clone(), id.clone()))
        .collect()
}

fn there(scene: &Scene, id: &str) -> bool {
    let directory = &scene.simulated.directory_id;
    scene.simulator.simulator.policy(directory, id).is_ok()
}

async fn delete(scene: &Scene, policies: &[(PolicyId, String, String)]) -> RunId {
    let (ada, db) = (&scene.ada, &scene.test.db);
    let started = backups::delete(ada, db, scene.tenant, ids(policies), "Contoso").await;
    started.unwrap().run.id
}

const KINDS: [&str; 3] = [
    "device_configurations",
    "settings_catalog",
    "platform_scripts",
];

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_the_chosen_policies_as_they_are_now() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(80)).await;
    let worker = scene.worker(Limits::default());
    scene.start_and_finish(OperationType::InventorySync).await;
    let chosen = some(&scene, &KINDS, 2).await;
    let edit = serde_json::json!({ "description": "changed since the sync" });
    let changed = chosen[0].2.clone();
    scene
        .simulator
        .simulator
        .edit_policy(&scene.simulated.directory_id, &changed, edit)
        .unwrap();

    let (ada, db) = (&scene.ada, &scene.test.db);
    let started = backups::export(ada, db, scene.tenant, ids(&chosen)).await;
    let run = started.unwrap().run.id;
    assert_eq!(scene.outcome(run).await, "succeeded");
    let counts = scene.counts(run).await;
    assert_eq!((counts.total, counts.success), (6, 6));
    assert_eq!(in_the_set(&scene, run).await, kinds_and_ids(&chosen));
    let description: String = sqlx::query_scalar(
        "select content ->> 'description' from policy_versions where graph_id = $1",
    )
    .bind(&changed)
    .fetch_one(scene.test.sql())
    .await
    .unwrap();
    assert_eq!(description, "changed since the sync");
    assert_eq!(scene.writes(&scene.simulated), []);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_choice_is_the_same_export_and_another_choice_is_another() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(20)).await;
    let worker = scene.worker(Limits::default());
    scene.start_and_finish(OperationType::InventorySync).await;
    worker.stop().await;
    let chosen = ids(&some(&scene, &["settings_catalog"], 3).await);
    let (ada, db) = (&scene.ada, &scene.test.db);
    let mut backwards: Vec<_> = chosen.iter().rev().copied().collect();
    backwards.push(chosen[0]);
    let presses = [chosen.clone(), backwards, chosen.clone()]
        .map(|policies| backups::export(ada, db, scene.tenant, policies));
    let runs: BTreeSet<RunId> = futures::future::join_all(presses)
        .await
        .into_iter()
        .map(|answer| answer.unwrap().run.id)
        .collect();
    assert_eq!(runs.len(), 1);
    assert_eq!(
        scene.test.number("select count(*) from backup_sets").await,
        1
    );
    let fewer = backups::export(ada, db, scene.tenant, chosen[..2].to_vec()).await;
    assert!(fewer.unwrap().created);
    // Deleting the same policies is other work than exporting them.
    let other = backups::delete(ada, db, scene.tenant, chosen, "Contoso").await;
    assert!(other.unwrap().created);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_policies_are_gone_and_a_restore_brings_them_back() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(90).groups(20)).await;
    let worker = scene.worker(Limits::default());
    scene.start_and_finish(OperationType::InventorySync).await;
    let mut chosen = some(&scene, &KINDS, 2).await;
    let edition: (PolicyId, String, String) = sqlx::query_as(
        "select id, kind, graph_id from inventory_policies where name = 'Windows – Edition upgrade'",
    )
    .fetch_one(scene.test.sql())
    .await
    .unwrap();
    if !chosen.contains(&edition) {
        chosen[0] = edition;
    }
    let run = delete(&scene, &chosen).await;
    assert_eq!(
        scene.outcome(run).await,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    assert_eq!(in_the_set(&scene, run).await, kinds_and_ids(&chosen));
    let counts = scene.counts(run).await;
    assert_eq!((counts.total, counts.success), (6, 6));
    let writes = scene.writes(&scene.simulated);
    assert_eq!(writes.len(), 6, "{writes:?}");
    for (_, _, id) in &chosen {
        assert!(!there(&scene, id));
    }
    let vanished = PolicyQuery {
        vanished: true,
        ..PolicyQuery::default()
    };
    let (ada, db) = (&scene.ada, &scene.test.db);
    let listed = inventory::list(ada, db, scene.tenant, &vanished).await;
    assert_eq!(listed.unwrap().rows.len(), 6);

    let set = scene.context(run).await["backup_set_id"].as_i64().unwrap();
    let restore = restores::begin(ada, db, scene.tenant, domain::BackupSetId(set), None, true)
        .await
        .unwrap();
    let preview = restores::start_preview(ada, db, scene.tenant, restore).await;
    assert_eq!(scene.outcome(preview.unwrap().run.id).await, "succeeded");
    let page = restores::page(ada, db, scene.tenant, restore, None).await;
    let page = page.unwrap();
    // The edition upgrade's product key is in no backup: Microsoft never tells it.
    let totals = page.totals;
    assert_eq!((totals.create, totals.cannot), (5, 1), "{totals:?}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_backed_up_or_deleted_stays_and_is_counted() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(120)).await;
    let worker = scene.worker(Limits::default());
    scene.start_and_finish(OperationType::InventorySync).await;
    let mut chosen = some(&scene, &KINDS, 2).await;
    let built_in = some(&scene, &["scope_tags"], 1).await;
    assert_eq!(built_in[0].2, "0");
    chosen.extend(built_in);
    let gone = chosen[0].2.clone();
    scene
        .simulator
        .simulator
        .delete_policy(&scene.simulated.directory_id, &gone)
        .unwrap();
    scene.faults(Faults {
        forbidden_kinds: vec!["deviceManagementScripts".to_owned()],
        ..Faults::default()
    });
    let run = delete(&scene, &chosen).await;
    assert_eq!(scene.outcome(run).await, "partially_succeeded");
    let counts = scene.counts(run).await;
    let codes = scene.codes(run).await;
    assert_eq!(
        (counts.total, counts.success, counts.skipped, counts.failed),
        (7, 3, 1, 3),
        "{codes:?}"
    );
    let of = |code: &str| {
        codes
            .iter()
            .filter(|(one, _)| one == code)
            .map(|(_, count)| count)
            .sum()
    };
    assert_eq!(
        (of("graph.forbidden"), of("policy.built_in")),
        (2u32, 1u32),
        "{codes:?}"
    );
    let backed_up = in_the_set(&scene, run).await;
    for (_, kind, id) in &chosen {
        let deleted = !there(&scene, id);
        let expected = *id == gone || (kind != "platform_scripts" && kind != "scope_tags");
        assert_eq!(deleted, expected, "{kind}");
        if deleted && *id != gone {
            assert!(backed_up.contains(&(kind.clone(), id.clone())), "{kind}");
        }
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_tried_again_counts_each_policy_once() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(80)).await;
    let worker = scene.impatient_worker();
    scene.start_and_finish(OperationType::InventorySync).await;
    let chosen = some(&scene, &KINDS, 3).await;
    let run = delete(&scene, &chosen).await;
    eventually(|| async {
        let writes = scene.writes(&scene.simulated);
        writes
            .iter()
            .any(|entry| entry.method == "DELETE")
            .then_some(())
    })
    .await;
    scene.faults(Faults {
        unavailable: Some(3),
        ..Faults::default()
    });
    assert_eq!(
        scene.outcome(run).await,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    let counts = scene.counts(run).await;
    assert_eq!((counts.total, counts.success, counts.skipped), (9, 9, 0));
    assert_eq!(in_the_set(&scene, run).await, kinds_and_ids(&chosen));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_started_without_the_name_the_right_or_a_choice() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(20)).await;
    let worker = scene.worker(Limits::default());
    scene.start_and_finish(OperationType::InventorySync).await;
    let chosen = ids(&some(&scene, &["settings_catalog"], 2).await);
    let (_, other) = scene.second(TenantSpec::new("Fabrikam").policies(0)).await;
    let (ada, db, tenant) = (&scene.ada, &scene.test.db, scene.tenant);

    let unconfirmed = backups::delete(ada, db, tenant, chosen.clone(), "contoso").await;
    let Err(ServiceError::Invalid(why)) = unconfirmed else {
        panic!("{unconfirmed:?}");
    };
    assert!(
        why.starts_with("confirmation:") && why.contains("Contoso"),
        "{why}"
    );
    let none = backups::export(ada, db, tenant, Vec::new()).await;
    assert!(matches!(none, Err(ServiceError::Invalid(_))));
    let elsewhere = backups::delete(ada, db, other, chosen.clone(), "Fabrikam").await;
    assert!(matches!(elsewhere, Err(ServiceError::NotFound)));
    let reader = scene.test.person("Rita", &[(tenant, Role::Readonly)]).await;
    let refused = backups::delete(&reader, db, tenant, chosen.clone(), "Contoso").await;
    assert!(
        matches!(refused, Err(ServiceError::Forbidden(_))),
        "{refused:?}"
    );
    let refused = backups::export(&reader, db, tenant, chosen).await;
    assert!(
        matches!(refused, Err(ServiceError::Forbidden(_))),
        "{refused:?}"
    );

    assert_eq!(
        scene.test.number("select count(*) from backup_sets").await,
        0
    );
    assert_eq!(
        scene
            .test
            .number("select count(*) from operation_runs")
            .await,
        1
    );
    assert_eq!(scene.writes(&scene.simulated), []);
    worker.stop().await;
}
