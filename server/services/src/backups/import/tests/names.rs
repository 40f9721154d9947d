#![allow(clippy::unwrap_used)]
use super::*;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn a_migration_table_and_group_files_name_groups() {
    let mut names = Names::default();
    let table = object(
        json!({"TenantId": "t", "Objects": [{"Id": "AB", "DisplayName": "Sales", "Type": "Group"},
        {"Id": "u", "DisplayName": "Ada", "Type": "User"}]}),
    );
    assert!(of_other_file(&table, &mut names).is_some());
    let group =
        object(json!({"@odata.type": "#microsoft.graph.group", "id": "cd", "displayName": "IT"}));
    assert!(of_other_file(&group, &mut names).is_some());
    assert!(of_other_file(&object(json!({"displayName": "A"})), &mut names).is_none());
    assert_eq!(names.groups["ab"], "Sales");
    assert_eq!(names.groups["cd"], "IT");
    assert!(!names.groups.contains_key("u"));
}

#[test]
fn names_in_the_place_of_ids_become_ids_that_are_the_same_every_time() {
    let policy = json!({"roleScopeTagIds": ["Default", "3", "Emea"], "assignments": [
        {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupName": "Sales",
            "groupType": "DynamicMembership", "membershipRule": "x", "deviceAndAppManagementAssignmentFilterId": "Corporate",
            "deviceAndAppManagementAssignmentFilterType": "include"}},
        {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "AB", "groupDisplayName": "IT"}},
        {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]});
    let mut first = object(policy.clone());
    let mut names = Names::default();
    with_ids(&mut first, &mut names);
    let mut second = object(policy);
    with_ids(&mut second, &mut Names::default());
    assert_eq!(first, second);

    let target = &first["assignments"][0]["target"];
    assert!(target["groupName"].is_null() && target["membershipRule"].is_null());
    let group = target["groupId"].as_str().unwrap();
    assert_eq!(names.groups[group], "Sales");
    assert_eq!(names.groups["ab"], "IT");
    let filter = target[FILTER_ID].as_str().unwrap();
    assert_eq!(names.filters[filter], "Corporate");
    assert_eq!(first["roleScopeTagIds"][0], "0");
    assert_eq!(first["roleScopeTagIds"][1], "3");
    let tag = first["roleScopeTagIds"][2].as_str().unwrap();
    assert_eq!(names.scope_tags[tag], "Emea");
}

#[test]
fn names_that_were_added_beside_ids_are_dropped() {
    let mut policy = object(
        json!({"displayName": "C", "deviceComplianceScriptName": "S", "detectionScriptName": null,
        "scheduledActionsForRule": [{"scheduledActionConfigurations": [
            {"notificationTemplateId": "n", "notificationTemplateName": "Mail"}]}]}),
    );
    without_names(&mut policy);
    assert_eq!(
        Value::Object(policy),
        json!({"displayName": "C",
            "scheduledActionsForRule": [{"scheduledActionConfigurations": [{"notificationTemplateId": "n"}]}]})
    );
}

#[test]
fn a_policy_that_names_apps_in_the_place_of_their_ids_says_which() {
    for whole in [
        json!({"targetedMobileApps": ["a-1", "a-2"]}),
        json!({"targetedMobileApps": []}),
        json!({"targetedMobileApps": null}),
        json!({"selectedMobileAppIds": ["a-1"], "selectedMobileAppNames": [{"name": "Portal"}]}),
        json!({"selectedMobileAppNames": []}),
        json!({}),
    ] {
        assert_eq!(apps_without_ids(&object(whole.clone())), None, "{whole}");
    }
    let app = json!({"appName": "Outlook", "type": "#microsoft.graph.androidManagedStoreApp"});
    for (lacking, name) in [
        (json!({"targetedMobileApps": app}), "Outlook"),
        (json!({"targetedMobileApps": ["a-1", app]}), "Outlook"),
        (
            json!({"selectedMobileAppNames": [{"name": "Portal", "type": "t"}]}),
            "Portal",
        ),
    ] {
        let reason = format!("It names the app “{name}” but not its id, so it can't be restored.");
        assert_eq!(apps_without_ids(&object(lacking)), Some(reason));
    }
    let nameless = object(json!({"targetedMobileApps": {}}));
    assert!(apps_without_ids(&nameless).is_some_and(|reason| reason.contains("ids of its apps")));
}
