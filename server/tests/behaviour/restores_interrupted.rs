//! What a restore does about a policy that an interrupted one may have created without recording it.

use domain::VersionId;
use graph::PolicyKind;
use graph_simulator::{Faults, TenantSpec};
use serde_json::{Value, json};
use server::worker::Limits;
use services::restores;

use crate::{
    restores::{NO_ASSIGNMENTS, back_up, leave_out_the_undecided, previewed},
    support::Scene,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_was_created_but_not_recorded_is_found_and_not_created_again() {
    let source = TenantSpec::new("Contoso")
        .policies(6)
        .kinds(&["deviceConfigurations"]);
    let mut scene = Scene::with(source).await;
    let (other, tenant) = scene.second(TenantSpec::new("Fabrikam").policies(0)).await;
    let simulator = &scene.simulator.simulator;
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let restore = restores::begin(ada, db, tenant, set, None, NO_ASSIGNMENTS)
        .await
        .unwrap();
    previewed(&scene, tenant, restore).await;
    leave_out_the_undecided(&scene, tenant, restore).await;
    worker.stop().await;
    let run = restores::execute(ada, db, tenant, restore, false, "")
        .await
        .unwrap()
        .run
        .id;
    // As a worker leaves it that dies between creating and recording.
    let (version, mut content): (VersionId, Value) = sqlx::query_as(
        "update restore_items i set state = 'writing', writing_since = now() from policy_versions v
         where v.id = i.version_id and i.version_id = (
             select max(c.id) from policy_versions c where c.kind = 'device_configurations')
         returning v.id, v.content",
    )
    .fetch_one(scene.test.sql())
    .await
    .unwrap();
    content["description"] = "half written".into();
    // No listing has it yet when the next worker looks.
    let lagging = Faults {
        not_found_after_create_ms: Some(2_500),
        ..Faults::default()
    };
    simulator.set_faults(&other.directory_id, lagging);
    let graph = scene.operations().graph.tenant(scene.connection(&other));
    let kind = PolicyKind::by_key("device_configurations").unwrap();
    let body = kind.content_for_create(&content);
    let created = graph.create_policy(kind, body).await.unwrap();
    let created = created["id"].as_str().unwrap().to_owned();
    let worker = scene.worker(Limits::default());
    assert_eq!(
        scene.outcome(run).await,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    let there = simulator.policies(&other.directory_id).unwrap();
    let same = there
        .iter()
        .filter(|one| content["displayName"] == one.name.as_str());
    assert_eq!(same.count(), 1);
    let recorded: Option<String> =
        sqlx::query_scalar("select result_graph_id from restore_items where version_id = $1")
            .bind(version)
            .fetch_one(scene.test.sql())
            .await
            .unwrap();
    assert_eq!(recorded.as_ref(), Some(&created));
    let written = simulator.policy(&other.directory_id, &created).unwrap();
    assert_ne!(written["description"], "half written", "it was completed");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_restore_waits_for_what_a_killed_one_may_have_created_and_creates_nothing_twice() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(0)).await;
    let name = "Half recorded";
    let policy = json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": name,
        "omaSettings": []});
    let simulator = &scene.simulator.simulator;
    simulator
        .add_policy(
            &scene.simulated.directory_id,
            "deviceConfigurations",
            policy,
        )
        .unwrap();
    let (other, tenant) = scene.second(TenantSpec::new("Fabrikam").policies(0)).await;
    let simulator = &scene.simulator.simulator;
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begin = || restores::begin(ada, db, tenant, set, None, NO_ASSIGNMENTS);
    let killed = begin().await.unwrap();
    previewed(&scene, tenant, killed).await;
    leave_out_the_undecided(&scene, tenant, killed).await;
    // As it stands after the worker died between creating and recording, and the run was declared lost.
    let interrupted = "update restore_items set state = 'writing', writing_since = now() where restore_run_id = $1
                       and version_id in (select id from policy_versions where name = $2)";
    for statement in [
        interrupted,
        "update restore_runs set status = 'failed' where id = $1 and $2 <> ''",
    ] {
        let done = sqlx::query(statement).bind(killed).bind(name);
        assert_eq!(
            done.execute(scene.test.sql())
                .await
                .unwrap()
                .rows_affected(),
            1
        );
    }
    // No listing has it yet when the next restore previews, and begins.
    let lagging = Faults {
        not_found_after_create_ms: Some(4_000),
        ..Faults::default()
    };
    simulator.set_faults(&other.directory_id, lagging);
    let graph = scene.operations().graph.tenant(scene.connection(&other));
    let kind = PolicyKind::by_key("device_configurations").unwrap();
    let content: Value = sqlx::query_scalar("select content from policy_versions where name = $1")
        .bind(name)
        .fetch_one(scene.test.sql())
        .await
        .unwrap();
    let created = graph
        .create_policy(kind, kind.content_for_create(&content))
        .await
        .unwrap();
    let next = begin().await.unwrap();
    let preview = previewed(&scene, tenant, next).await;
    assert_eq!(preview.totals.update, 0, "its listing shows it already");
    leave_out_the_undecided(&scene, tenant, next).await;
    let run = restores::execute(ada, db, tenant, next, false, "")
        .await
        .unwrap()
        .run
        .id;
    scene.outcome(run).await;
    let there = simulator.policies(&other.directory_id).unwrap();
    let same: Vec<_> = there.iter().filter(|one| one.name == name).collect();
    assert_eq!(same.len(), 1);
    assert_eq!(created["id"], same[0].id.as_str());
    let codes = scene.codes(run).await;
    assert_eq!(
        codes,
        [("restore.conflict".to_owned(), 1)],
        "and says why it was left"
    );
    worker.stop().await;
}
