//! What a preview tells of policies before anything is written: readable names, and what stands in the way.

use crate::{
    restores::{NO_ASSIGNMENTS, back_up, executed, previewed},
    support::Scene,
};
use domain::views::restores::RestoreAction;
use graph_simulator::{Faults, TenantSpec};
use serde_json::json;
use server::worker::Limits;
use services::{backups, restores};

const CATALOG: &str = "configurationPolicies";

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_of_a_superseded_template_is_told_before_anything_is_written() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0)).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let template = "0385b795-0f2f-44ac-8602-9f65bf6adede_1";
    let policy = |name: &str, template: &str| {
        json!({"name": name, "platforms": "windows10", "technologies": "mdm", "templateReference":
            {"templateId": template, "templateFamily": "endpointSecurityDiskEncryption", "templateDisplayName": "BitLocker"},
            "settings": [{"id": "0", "settingInstance": {
                "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
                "settingDefinitionId": "device_vendor_msft_policy_config_bitlocker_minimumlength",
                "simpleSettingValue": {"value": 8}}}]})
    };
    let add = |name, template| {
        let policy = policy(name, template);
        simulator.add_policy(directory, CATALOG, policy).unwrap()
    };
    let (old, current, plain) = (
        add("Old", template),
        add("Current", "0385b795-0f2f-44ac-8602-9f65bf6adede_2"),
        add("Plain", ""),
    );
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    for id in [&old, &current, &plain] {
        simulator.delete_policy(directory, id).unwrap();
    }
    scene.faults(Faults {
        superseded_templates: vec![template.to_owned()],
        ..Faults::default()
    });
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, scene.tenant, set, None, NO_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    assert_eq!(
        (preview.totals.create, preview.totals.cannot),
        (2, 1),
        "{preview:#?}"
    );
    let told = &preview.items[0];
    assert_eq!(told.name, "Old");
    assert!(
        told.reasons[0].contains("Version 1 is superseded"),
        "{told:?}"
    );
    // As it would have ended otherwise: Microsoft takes no such policy.
    let run = executed(&scene, scene.tenant, restore, false).await;
    assert_eq!(scene.test.state_of(run).await.1, "succeeded");
    let there = simulator.policies(directory).unwrap();
    let mut names: Vec<&str> = there
        .iter()
        .filter(|one| one.kind == CATALOG)
        .map(|one| one.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["Current", "Plain"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_called_as_microsoft_calls_them() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0)).await;
    let simulator = &scene.simulator.simulator;
    let definition = "device_vendor_msft_policy_config_defender_realtimemonitoring";
    let setting = |value: u8| {
        json!({"settings": [{"id": "0", "settingInstance": {
            "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
            "settingDefinitionId": definition,
            "choiceSettingValue": {"value": format!("{definition}_{value}"), "children": []}}}]})
    };
    let mut policy = setting(0);
    policy["name"] = json!("Defender");
    policy["templateReference"] = json!({"templateId": "", "templateFamily": "none"});
    let directory = &scene.simulated.directory_id;
    let id = simulator.add_policy(directory, CATALOG, policy).unwrap();
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let version: (domain::VersionId, serde_json::Value) =
        sqlx::query_as("select id, content from policy_versions where kind = 'settings_catalog'")
            .fetch_one(scene.test.sql())
            .await
            .unwrap();
    assert!(
        !version.1.to_string().contains("settingDefinitions"),
        "definitions are no part of a version"
    );
    let shown = backups::version(ada, db, scene.tenant, version.0)
        .await
        .unwrap();
    let named = ("Real-time monitoring".to_owned(), "Disabled".to_owned());
    assert!(shown.settings.contains(&named), "{:?}", shown.settings);
    simulator.edit_policy(directory, &id, setting(1)).unwrap();
    let begun = restores::begin(ada, db, scene.tenant, set, None, NO_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    let item = &preview.items[0];
    assert_eq!(item.action, Some(RestoreAction::Update));
    let change = &item.differences[0];
    assert_eq!(
        (change.label.as_str(), &change.before, &change.after),
        (
            "Real-time monitoring",
            &Some(json!("Enabled")),
            &Some(json!("Disabled"))
        )
    );
    // A name that Microsoft changes is learnt anew.
    sqlx::query("update catalog_names set name = 'Old name' where id = $1")
        .bind(definition)
        .execute(scene.test.sql())
        .await
        .unwrap();
    back_up(&scene, scene.tenant).await;
    let kept: String = sqlx::query_scalar("select name from catalog_names where id = $1")
        .bind(definition)
        .fetch_one(scene.test.sql())
        .await
        .unwrap();
    assert_eq!(kept, "Real-time monitoring");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_update_leaves_as_it_is_is_told() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0)).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let filter =
        json!({"displayName": "Corporate", "platform": "iOS", "rule": "(device.model -eq \"A\")"});
    let id = simulator
        .add_policy(directory, "assignmentFilters", filter)
        .unwrap();
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let edit = json!({"platform": "macOS", "rule": "(device.model -eq \"B\")"});
    simulator.edit_policy(directory, &id, edit).unwrap();
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, scene.tenant, set, None, NO_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    let item = preview
        .items
        .iter()
        .find(|item| item.name == "Corporate")
        .unwrap();
    let paths: Vec<&str> = item
        .differences
        .iter()
        .map(|one| one.path.as_str())
        .collect();
    assert_eq!(paths, ["platform", "rule"]);
    assert_eq!(
        item.reasons,
        [
            "“Platform” can't be changed once the policy exists: an update leaves it as it is in the tenant."
        ]
    );
    worker.stop().await;
}
