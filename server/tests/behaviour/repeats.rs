//! Retrying what failed, through a real worker: only that, linked, into the same place.

use domain::{OperationType, RunId, views::runs::RunQuery};
use graph_simulator::{Faults, TenantSpec};
use server::worker::Limits;
use services::{
    backups::{self, Selection},
    runs,
};

use crate::support::Scene;

fn forbidden(collections: &[&str]) -> Faults {
    Faults {
        forbidden_kinds: collections.iter().map(|&kind| kind.to_owned()).collect(),
        ..Faults::default()
    }
}

async fn repeats(scene: &Scene, run: RunId) -> Option<RunId> {
    let detail = runs::detail(&scene.ada, &scene.test.db, run).await.unwrap();
    detail.related.repeats.map(|run| run.id)
}

fn requests(scene: &Scene) -> usize {
    scene.simulator.simulator.request_log().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_is_retried_for_the_kinds_that_failed_and_no_others() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(60)).await;
    let worker = scene.worker(Limits::default());
    scene.faults(forbidden(&[
        "deviceManagementScripts",
        "deviceShellScripts",
    ]));
    let run = scene.start(OperationType::InventorySync).await;
    assert_eq!(scene.outcome(run).await, "partially_succeeded");
    scene.faults(Faults::default());
    let all = requests(&scene);
    let retried = runs::retry_failed(&scene.ada, &scene.test.db, run, None)
        .await
        .unwrap();
    assert!(retried.created);
    assert_eq!(scene.outcome(retried.run.id).await, "succeeded");
    assert_eq!(repeats(&scene, retried.run.id).await, Some(run));
    let listed = runs::list(&scene.ada, &scene.test.db, &RunQuery::default())
        .await
        .unwrap();
    let put_right: Vec<_> = listed.rows.iter().map(|row| row.put_right_by).collect();
    assert_eq!(put_right, [None, Some(retried.run.id)]);
    let detail = runs::detail(&scene.ada, &scene.test.db, retried.run.id)
        .await
        .unwrap();
    let kinds = detail.inputs["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert!(
        requests(&scene) - all < all / 2,
        "it read more than what failed"
    );
    worker.stop().await;
}

async fn set_of(scene: &Scene, run: RunId) -> i64 {
    let detail = runs::detail(&scene.ada, &scene.test.db, run).await.unwrap();
    let named = [&detail.context, &detail.inputs];
    let set = named.iter().find_map(|part| part["backup_set_id"].as_i64());
    set.unwrap()
}

async fn held(scene: &Scene, set: i64) -> i64 {
    sqlx::query_scalar("select count(*) from backup_items where backup_set_id = $1")
        .bind(set)
        .fetch_one(scene.test.sql())
        .await
        .unwrap()
}

async fn policies(scene: &Scene) -> i64 {
    sqlx::query_scalar(
        "select count(*) from inventory_policies where tenant_id = $1 and vanished_at is null",
    )
    .bind(scene.tenant)
    .fetch_one(scene.test.sql())
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_completed_by_what_it_could_not_read_in_the_same_set() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(60)).await;
    let worker = scene.worker(Limits::default());
    scene.start_and_finish(OperationType::InventorySync).await;
    scene.faults(forbidden(&["deviceManagementScripts"]));
    let db = &scene.test.db;
    let backup = backups::back_up_now(&scene.ada, db, scene.tenant, Selection::Everything)
        .await
        .unwrap();
    assert_eq!(scene.outcome(backup.run.id).await, "partially_succeeded");
    let set = set_of(&scene, backup.run.id).await;
    let missing = policies(&scene).await - held(&scene, set).await;
    assert!(missing > 0);
    scene.faults(Faults::default());
    let retried = runs::retry_failed(&scene.ada, db, backup.run.id, None)
        .await
        .unwrap();
    assert_eq!(scene.outcome(retried.run.id).await, "succeeded");
    assert_eq!(repeats(&scene, retried.run.id).await, Some(backup.run.id));
    assert_eq!(set_of(&scene, retried.run.id).await, set);
    assert_eq!(held(&scene, set).await, policies(&scene).await);
    assert_eq!(
        i64::from(scene.counts(retried.run.id).await.success),
        missing
    );
    sqlx::query("delete from backup_sets where id = $1")
        .bind(set)
        .execute(scene.test.sql())
        .await
        .unwrap();
    let gone = runs::run_again(&scene.ada, db, retried.run.id, None)
        .await
        .unwrap_err();
    assert!(gone.to_string().contains("has been deleted"), "{gone}");
    worker.stop().await;
}
