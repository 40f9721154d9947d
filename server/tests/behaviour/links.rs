//! What policies name of each other by id, restored into another tenant: notification templates, the groups that get
//! copies of mails, reusable settings, named locations.

use crate::{
    restores::{back_up, executed, leave_out_the_undecided, page, previewed},
    support::Scene,
};
use domain::{
    BackupSetId, OperationType, VersionId,
    views::restores::{ItemState, RestoreAction},
};
use graph_simulator::{Faults, Simulator, TenantSpec};
use serde_json::{Value, json};
use server::worker::Limits;
use services::restores;

const WITH_ASSIGNMENTS: bool = true;
const TEMPLATES: &str = "notificationMessageTemplates";
const COMPLIANCE: &str = "deviceCompliancePolicies";

fn template(name: &str) -> Value {
    json!({"displayName": name, "defaultLocale": "en-us", "localizedNotificationMessages": [
        {"id": "m", "locale": "en-us", "subject": name, "messageTemplate": "Text", "isDefault": true}]})
}

fn compliance(name: &str, template: &str, copies: &[&str]) -> Value {
    json!({"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "displayName": name,
        "scheduledActionsForRule": [{"ruleName": "PasswordRequired", "scheduledActionConfigurations": [
            {"actionType": "block", "gracePeriodHours": 0, "notificationTemplateId": "", "notificationMessageCCList": []},
            {"actionType": "notification", "gracePeriodHours": 0, "notificationTemplateId": template,
             "notificationMessageCCList": copies}]}]})
}

fn rule(name: &str, setting: &str) -> Value {
    json!({"name": name, "platforms": "windows10", "technologies": "mdm", "settings": [{"settingInstance": {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingCollectionInstance",
        "settingDefinitionId": "vendor_msft_firewall_mdmstore_firewallrules_{firewallrulename}_remoteaddressdynamickeywords",
        "simpleSettingCollectionValue": [{
            "@odata.type": "#microsoft.graph.deviceManagementConfigurationReferenceSettingValue", "value": setting}]}}]})
}

fn reusable(name: &str) -> Value {
    json!({"displayName": name, "settingDefinitionId": "d", "settingInstance": {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance", "settingDefinitionId": "d"}})
}

/// The one policy of this name in a simulated tenant.
pub(crate) fn named(simulator: &Simulator, directory: &str, kind: &str, name: &str) -> Value {
    let all = simulator.policies(directory).unwrap();
    let mut all = all
        .iter()
        .filter(|one| one.kind == kind && one.name == name);
    let one = all.next().unwrap_or_else(|| panic!("no {name}"));
    assert!(all.next().is_none(), "several {name}");
    simulator.policy(directory, &one.id).unwrap()
}

/// All policies of a set but these.
async fn all_but(scene: &Scene, set: BackupSetId, names: &[&str]) -> Vec<VersionId> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "select v.id, v.name from backup_items i join policy_versions v on v.id = i.version_id
         where i.backup_set_id = $1",
    )
    .bind(set)
    .fetch_all(scene.test.sql())
    .await
    .unwrap();
    let chosen = rows
        .into_iter()
        .filter(|(_, name)| !names.contains(&name.as_str()));
    chosen.map(|(id, _)| VersionId(id)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_another_tenant_policies_name_what_it_has_and_not_what_the_backup_had() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let (other, tenant) = scene.second(TenantSpec::new("Fabrikam").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let (here, there) = (&scene.simulated.directory_id, &other.directory_id);
    let group = |directory: &str, name: &str| simulator.add_group(directory, name).unwrap();
    let (pilot, lost) = (group(here, "Pilot"), group(here, "Lost"));
    let new_pilot = group(there, "Pilot");
    let add = |directory: &str, kind: &str, policy: Value| {
        simulator.add_policy(directory, kind, policy).unwrap()
    };
    let [brought, known, twice] =
        ["Brought", "Known", "Twice"].map(|name| add(here, TEMPLATES, template(name)));
    let new_known = add(there, TEMPLATES, template("Known"));
    add(there, TEMPLATES, template("Twice"));
    add(there, TEMPLATES, template("Twice"));
    add(
        here,
        COMPLIANCE,
        compliance("One", &brought, &[&pilot, &lost]),
    );
    add(here, COMPLIANCE, compliance("Two", &known, &[]));
    add(here, COMPLIANCE, compliance("Three", &twice, &[]));
    let setting = add(here, "reusablePolicySettings", reusable("Servers"));
    add(here, "configurationPolicies", rule("Rule", &setting));
    let apps = json!({"@odata.type": "#microsoft.graph.iosMobileAppConfiguration", "displayName": "Browser",
        "targetedMobileApps": ["e1d2c3b4-0000-4000-8000-000000000001"], "settings": []});
    add(here, "mobileAppConfigurations", apps);
    let stale = add(there, COMPLIANCE, compliance("Two", "", &[]));

    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    scene
        .start_and_finish_on(tenant, OperationType::DirectoryGroupsSync)
        .await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let chosen = all_but(&scene, set, &["Known", "Twice"]).await;
    let begun = restores::begin(ada, db, tenant, set, Some(chosen), WITH_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, tenant, restore).await;
    let mapped: Vec<_> = preview
        .mappings
        .iter()
        .map(|row| (row.source_name.as_deref(), row.target_id.clone()))
        .collect();
    assert!(mapped.contains(&(Some("Pilot"), Some(new_pilot.clone()))));
    assert!(mapped.contains(&(Some("Lost"), None)), "a person decides");
    leave_out_the_undecided(&scene, tenant, restore).await;

    let three = preview
        .items
        .iter()
        .find(|item| item.name == "Three")
        .unwrap();
    assert_eq!(three.action, Some(RestoreAction::Cannot));
    assert!(three.reasons[0].contains("“Twice”"), "{:?}", three.reasons);
    let browser = preview.items.iter().find(|item| item.name == "Browser");
    let browser = browser.unwrap();
    assert_eq!(browser.action, Some(RestoreAction::Cannot));
    assert!(
        browser.reasons[0].contains("apps by their ids"),
        "{:?}",
        browser.reasons
    );

    // What goes after the preview fails its policy alone.
    for (dry_run, outcome, codes) in [
        (true, "succeeded", vec![]),
        (
            false,
            "partially_succeeded",
            vec![("restore.reference_missing".to_owned(), 1)],
        ),
    ] {
        if !dry_run {
            simulator.delete_policy(there, &new_known).unwrap();
        }
        let strict = Faults {
            check_references: true,
            ..Faults::default()
        };
        simulator.set_faults(there, strict);
        let before = scene.writes(&other).len();
        let run = executed(&scene, tenant, restore, dry_run).await;
        assert_eq!(scene.test.state_of(run).await.1, outcome);
        assert_eq!(scene.codes(run).await, codes);
        assert_eq!(scene.writes(&other).len() > before, !dry_run);
        let ended = page(&scene, tenant, restore).await;
        let failed = ended.items.iter();
        let failed: Vec<_> = failed
            .filter(|item| item.state == ItemState::Failed)
            .map(|item| (item.name.as_str(), item.failure.clone().unwrap()))
            .collect();
        assert_eq!(failed.len(), codes.len());
        for (name, failure) in failed {
            assert_eq!(name, "Two");
            assert!(failure.contains("“Known”"), "{failure}");
        }
    }
    let action = |name: &str| {
        let policy = named(simulator, there, COMPLIANCE, name);
        policy["scheduledActionsForRule"][0]["scheduledActionConfigurations"][1].clone()
    };
    let new_brought = named(simulator, there, TEMPLATES, "Brought");
    assert_eq!(
        new_brought["localizedNotificationMessages"][0]["subject"],
        "Brought"
    );
    let one = action("One");
    assert_eq!(one["notificationTemplateId"], new_brought["id"]);
    assert_eq!(one["notificationMessageCCList"], json!([new_pilot]));
    assert_eq!(action("Two")["notificationTemplateId"], "", "as it was");
    assert_eq!(
        named(simulator, there, COMPLIANCE, "Two")["id"],
        stale.as_str()
    );
    let servers = named(simulator, there, "reusablePolicySettings", "Servers");
    let rule = named(simulator, there, "configurationPolicies", "Rule");
    let value = &rule["settings"][0]["settingInstance"]["simpleSettingCollectionValue"][0];
    assert_eq!(value["value"], servers["id"]);
    let missing = simulator.policies(there).unwrap();
    assert!(missing.iter().all(|one| one.name != "Three"));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_same_tenant_a_template_that_was_made_anew_is_found_by_its_name() {
    let scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let here = &scene.simulated.directory_id;
    let add = |kind: &str, policy: Value| simulator.add_policy(here, kind, policy).unwrap();
    let old = add(TEMPLATES, template("Notice"));
    let policy = add(COMPLIANCE, compliance("Health", &old, &[]));
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    simulator.delete_policy(here, &old).unwrap();
    simulator.delete_policy(here, &policy).unwrap();
    let new = add(TEMPLATES, template("Notice"));
    let chosen = all_but(&scene, set, &["Notice"]).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, scene.tenant, set, Some(chosen), WITH_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    assert_eq!(preview.items[0].action, Some(RestoreAction::Create));
    let run = executed(&scene, scene.tenant, restore, false).await;
    let ended = scene.test.state_of(run).await.1;
    assert_eq!(ended, "succeeded", "{:?}", scene.codes(run).await);
    let restored = named(simulator, here, COMPLIANCE, "Health");
    let actions = &restored["scheduledActionsForRule"][0]["scheduledActionConfigurations"];
    assert_eq!(actions[1]["notificationTemplateId"], new.as_str());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditional_access_names_the_locations_of_the_tenant_and_nobody_of_another() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let (other, tenant) = scene.second(TenantSpec::new("Fabrikam").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let (here, there) = (&scene.simulated.directory_id, &other.directory_id);
    let place = |directory: &str, name: &str| {
        let location = json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "displayName": name,
            "isTrusted": false, "ipRanges": []});
        let added = simulator.add_policy(directory, "namedLocations", location);
        added.unwrap()
    };
    let [brought, known, lost] = ["Brought", "Known", "Lost"].map(|name| place(here, name));
    let new_known = place(there, "Known");
    let access = |name: &str, excluded: &[&str], people: &[&str]| {
        let policy = json!({"@odata.type": "#microsoft.graph.conditionalAccessPolicy", "displayName": name,
            "state": "disabled", "conditions": {"clientAppTypes": ["all"],
                "locations": {"includeLocations": ["All"], "excludeLocations": excluded},
                "applications": {"includeApplications": ["All"]},
                "users": {"includeUsers": ["All"], "excludeUsers": people}},
            "grantControls": {"operator": "OR", "builtInControls": ["block"]}});
        let added = simulator.add_policy(here, "conditionalAccess/policies", policy);
        added.unwrap()
    };
    access("One", &[&brought, &known], &["GuestsOrExternalUsers"]);
    access("Two", &[&lost], &[]);
    access("Three", &[], &["8c1f3ab2-6a54-4b0e-9f41-2f1f7d0f6a11"]);
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let chosen = all_but(&scene, set, &["Known", "Lost"]).await;
    let begun = restores::begin(ada, db, tenant, set, Some(chosen), WITH_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, tenant, restore).await;
    let found = |name: &str| {
        let item = preview.items.iter().find(|item| item.name == name).unwrap();
        (item.action, item.reasons.join(" "))
    };
    assert_eq!(found("One"), (Some(RestoreAction::Create), String::new()));
    for (name, why) in [("Two", "named locations “Lost”"), ("Three", "people")] {
        let (action, reasons) = found(name);
        assert_eq!(action, Some(RestoreAction::Cannot), "{name}");
        assert!(reasons.contains(why), "{reasons}");
    }
    let run = executed(&scene, tenant, restore, false).await;
    let ended = scene.test.state_of(run).await.1;
    assert_eq!(ended, "succeeded", "{:?}", scene.codes(run).await);
    let new_brought = named(simulator, there, "namedLocations", "Brought");
    let one = named(simulator, there, "policies", "One");
    assert_eq!(
        one["conditions"]["locations"],
        json!({"includeLocations": ["All"], "excludeLocations": [new_brought["id"], new_known]})
    );
    worker.stop().await;
}
