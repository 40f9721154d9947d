//! Plain text of encrypted values: captured and restored, taken along by who may restore, shown to nobody.

use crate::{
    restores::{NO_ASSIGNMENTS, back_up, executed, previewed},
    support::Scene,
};
use domain::{BackupSetId, Role, VersionId, views::restores::RestoreAction};
use graph_simulator::TenantSpec;
use serde_json::json;
use server::worker::Limits;
use services::{Caller, backups, restores};

async fn exported(scene: &Scene, caller: &Caller, set: BackupSetId) -> String {
    let db = &scene.test.db;
    let page = backups::export_page(caller, db, scene.tenant, set, VersionId(0)).await;
    let files = page.unwrap();
    assert_eq!(files.len(), 1);
    files[0].content.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_value_is_restored_and_exported_by_operators_and_never_shown() {
    let scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let here = &scene.simulated.directory_id;
    let policy = json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Keys",
        "omaSettings": [{"@odata.type": "#microsoft.graph.omaSettingString", "displayName": "Key", "omaUri": "./key",
            "isEncrypted": true, "secretReferenceValueId": "key", "value": "****"}],
        "~secrets": {"key": "alpha-key"}});
    let id = simulator
        .add_policy(here, "deviceConfigurations", policy)
        .unwrap();
    let worker = scene.worker(Limits::default());
    let first = back_up(&scene, scene.tenant).await;
    let changed = json!({"~secrets": {"key": "omega-key"}});
    simulator.edit_policy(here, &id, changed).unwrap();
    let second = back_up(&scene, scene.tenant).await;

    let (db, ada) = (&scene.test.db, &scene.ada);
    let versions: Vec<VersionId> =
        sqlx::query_scalar("select id from policy_versions where graph_id = $1 order by id")
            .bind(&id)
            .fetch_all(scene.test.sql())
            .await
            .unwrap();
    let [from, to] = versions[..] else {
        panic!("{versions:?}")
    };
    let shown = backups::version(ada, db, scene.tenant, from).await.unwrap();
    let shown = serde_json::to_string(&shown).unwrap();
    assert!(!shown.contains("alpha-key"), "{shown}");
    assert!(shown.contains("secret "), "{shown}");
    let compared = backups::compare(ada, db, scene.tenant, from, to).await;
    let compared = compared.unwrap();
    assert_eq!(compared.differences.len(), 1, "{:?}", compared.differences);
    let compared = serde_json::to_string(&compared).unwrap();
    assert!(!compared.contains("alpha-key") && !compared.contains("omega-key"));

    let reader = [(scene.tenant, Role::Readonly)];
    let reader = scene.test.person("Rita", &reader).await;
    assert!(exported(&scene, ada, first).await.contains("alpha-key"));
    assert!(exported(&scene, ada, second).await.contains("omega-key"));
    let masked = exported(&scene, &reader, second).await;
    assert!(masked.contains("****") && !masked.contains("omega-key"));

    let begun = restores::begin(ada, db, scene.tenant, first, None, NO_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    let item = &preview.items[0];
    assert_eq!(item.action, Some(RestoreAction::Update));
    assert_eq!(item.differences.len(), 1, "{:?}", item.differences);
    let told = "select count(*) from restore_items
        where differences::text like '%alpha-key%' or differences::text like '%omega-key%'";
    assert_eq!(scene.test.number(told).await, 0);
    let run = executed(&scene, scene.tenant, restore, false).await;
    let ended = scene.test.state_of(run).await.1;
    assert_eq!(ended, "succeeded", "{:?}", scene.codes(run).await);
    let written = simulator.policy(here, &id).unwrap();
    assert!(written.to_string().contains("alpha-key"), "{written}");
    worker.stop().await;
}
