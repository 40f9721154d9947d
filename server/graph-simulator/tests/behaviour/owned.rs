//! Properties that only the server writes, whatever a client sends for them.

use graph_simulator::{Faults, TenantSpec};
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

/// What only the server writes in objects of every kind.
const EVERYWHERE: &[&str] = &[
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "modifiedDateTime",
    "lastSyncDateTime",
    "version",
    "isAssigned",
    "supportsScopeTags",
    "settingCount",
    "creationSource",
    "priorityMetaData",
    "deployedAppCount",
    "isGlobalScript",
    "highestAvailableVersion",
    "isReadOnly",
    "sourceId",
    "token",
    "topicIdentifier",
    "certificate",
    "companyCodes",
];
/// Of these a PATCH is refused in other words.
const RELATIONS: &[&str] = &["definitionValues", "apps", "roleAssignments"];

/// A kind: its address, an object that it takes, and what of such an object only the server writes.
struct Row {
    path: &'static str,
    object: Value,
    owned: &'static [&'static str],
}

fn setting() -> Value {
    json!({"settingInstance": {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance", "settingDefinitionId": "a_b",
        "simpleSettingValue": {"@odata.type": "#microsoft.graph.deviceManagementConfigurationIntegerSettingValue", "value": 0},
    }})
}

fn rows() -> Vec<Row> {
    let row = |path: &'static str, object: Value, owned: &'static [&'static str]| Row {
        path,
        object,
        owned,
    };
    vec![
        row(
            "deviceManagement/configurationPolicies",
            json!({"name": "Made", "settings": [setting()]}),
            &[],
        ),
        row(
            "deviceManagement/compliancePolicies",
            json!({"name": "Made", "settings": [setting()]}),
            &[],
        ),
        row(
            "deviceManagement/deviceConfigurations",
            json!({"@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration", "displayName": "Made"}),
            &[
                "privacyAccessControls",
                "featureUpdatesWillBeRolledBack",
                "qualityUpdatesWillBeRolledBack",
                "featureUpdatesPauseStartDate",
                "qualityUpdatesPauseStartDate",
            ],
        ),
        row(
            "deviceManagement/groupPolicyConfigurations",
            json!({"displayName": "Made"}),
            &["definitionValues", "policyConfigurationIngestionType"],
        ),
        row(
            "deviceManagement/deviceHealthScripts",
            json!({"displayName": "Made"}),
            &["deviceHealthScriptType"],
        ),
        row(
            "deviceManagement/deviceEnrollmentConfigurations",
            json!({"@odata.type": "#microsoft.graph.deviceEnrollmentLimitConfiguration", "displayName": "Made"}),
            &[
                "priority",
                "deviceEnrollmentConfigurationType",
                "windowsMobileRestriction",
                "selectedMobileAppNames",
            ],
        ),
        row(
            "deviceAppManagement/iosManagedAppProtections",
            json!({"displayName": "Made"}),
            &["apps", "exemptAppLockerFiles", "protectedAppLockerFiles"],
        ),
        row(
            "deviceAppManagement/mobileApps",
            json!({"@odata.type": "#microsoft.graph.iosStoreApp", "displayName": "Made"}),
            &[
                "uploadState",
                "publishingState",
                "dependentAppCount",
                "supersedingAppCount",
                "supersededAppCount",
                "committedContentVersion",
                "isFeatured",
                "size",
                "categories",
            ],
        ),
        row(
            "deviceManagement/windowsFeatureUpdateProfiles",
            json!({"displayName": "Made"}),
            &["deployableContentDisplayName", "endOfSupportDate"],
        ),
        row(
            "deviceManagement/windowsQualityUpdateProfiles",
            json!({"displayName": "Made"}),
            &["releaseDateDisplayName", "deployableContentDisplayName"],
        ),
        row(
            "deviceManagement/windowsDriverUpdateProfiles",
            json!({"displayName": "Made", "approvalType": "manual"}),
            &["inventorySyncStatus", "newUpdates", "deviceReporting"],
        ),
        row(
            "deviceManagement/assignmentFilters",
            json!({"displayName": "Made", "platform": "iOS"}),
            &["payloads"],
        ),
        row(
            "deviceManagement/roleScopeTags",
            json!({"displayName": "Made"}),
            &["isBuiltIn"],
        ),
        row(
            "deviceManagement/roleDefinitions",
            json!({"@odata.type": "#microsoft.graph.roleDefinition", "displayName": "Made"}),
            &[
                "isBuiltIn",
                "isBuiltInRoleDefinition",
                "roleAssignments",
                "permissions",
            ],
        ),
        row(
            "deviceManagement/reusablePolicySettings",
            json!({"displayName": "Made", "settingDefinitionId": "a_b", "settingInstance": setting()["settingInstance"]}),
            &["referencingConfigurationPolicyCount"],
        ),
        row(
            "identity/conditionalAccess/policies",
            json!({"displayName": "Made", "state": "disabled"}),
            &["templateId"],
        ),
    ]
}

fn with(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object[name] = json!("from a client");
    object
}

/// Changes the object with the verb that its kind takes for a whole one.
async fn update(caller: &Caller, item: &str, row: &Row, name: &str) -> u16 {
    let mut method = Method::PATCH;
    let mut body = json!({ name: "from a client" });
    if ["configurationPolicies", "compliancePolicies"]
        .iter()
        .any(|kind| row.path.ends_with(kind))
    {
        (method, body) = (Method::PUT, with(&row.object, name));
    }
    caller.send(method, item, body).await.status
}

#[tokio::test]
async fn what_only_the_server_writes_is_ignored_in_every_kind() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    for row in rows() {
        let path = format!("/beta/{}", row.path);
        let owned = || EVERYWHERE.iter().chain(row.owned);
        let mut sent = row.object.clone();
        owned().for_each(|name| sent = with(&sent, name));
        let made = caller.post(&path, sent).await;
        assert!([200, 201].contains(&made.status), "{path}: {}", made.text);
        let item = format!("{path}/{}", made.json()["id"].as_str().unwrap());
        let before = caller.get(&item).await.json();
        for name in owned() {
            assert_ne!(before[name], "from a client", "{path}: {name}");
        }
        for name in owned().filter(|name| !RELATIONS.contains(name)) {
            let status = update(&caller, &item, &row, name).await;
            assert!([200, 204].contains(&status), "{path}: {name}: {status}");
        }
        let mut after = caller.get(&item).await.json();
        for changed in ["lastModifiedDateTime", "modifiedDateTime", "version"] {
            if before.get(changed).is_some() {
                after[changed] = before[changed].clone();
            }
        }
        // A PUT leaves out what it was not given.
        for (name, value) in after.as_object().unwrap() {
            assert_eq!(value, &before[name], "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn what_only_the_server_writes_is_refused_in_every_kind_where_that_is_switched_on() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    let strict = Faults {
        refuse_read_only: true,
        ..Faults::default()
    };
    let tenant = &caller.tenant.directory_id;
    caller.simulator().set_faults(tenant, strict);
    for row in rows() {
        let path = format!("/beta/{}", row.path);
        let made = caller.post(&path, row.object.clone()).await;
        assert!([200, 201].contains(&made.status), "{path}: {}", made.text);
        let item = format!("{path}/{}", made.json()["id"].as_str().unwrap());
        for name in EVERYWHERE.iter().chain(row.owned) {
            let refused = caller.post(&path, with(&row.object, name)).await;
            assert_eq!(refused.status, 400, "{path}: {name}");
            assert_eq!(refused.code(), "ModelValidationFailure");
            let status = update(&caller, &item, &row, name).await;
            assert_eq!(status, 400, "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn what_a_create_sets_once_is_kept_and_an_update_of_it_refused() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    for (segment, odata_type, name, value) in [
        ("assignmentFilters", None, "platform", json!("iOS")),
        (
            "windowsDriverUpdateProfiles",
            None,
            "approvalType",
            json!("manual"),
        ),
        (
            "windowsFeatureUpdateProfiles",
            None,
            "installLatestWindows10OnWindows11IneligibleDevice",
            json!(true),
        ),
        (
            "windowsAutopilotDeploymentProfiles",
            Some("azureADWindowsAutopilotDeploymentProfile"),
            "managementServiceAppId",
            json!("app"),
        ),
        (
            "deviceEnrollmentConfigurations",
            Some("deviceEnrollmentPlatformRestrictionConfiguration"),
            "platformType",
            json!("windows"),
        ),
    ] {
        let path = format!("/beta/deviceManagement/{segment}");
        let mut sent = json!({"displayName": "Once", name: value});
        if let Some(odata_type) = odata_type {
            sent["@odata.type"] = json!(format!("#microsoft.graph.{odata_type}"));
        }
        let made = caller.post(&path, sent).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_eq!(made.json()[name], value);
        let item = format!("{path}/{}", made.json()["id"].as_str().unwrap());
        let refused = caller.send(Method::PATCH, &item, json!({ name: null }));
        assert_eq!(refused.await.status, 400, "{segment}");
        assert_eq!(caller.get(&item).await.json()[name], value);
    }
}

#[tokio::test]
async fn annotations_of_a_read_are_ignored_at_every_depth_of_a_write() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    let path = "/beta/deviceManagement/deviceCompliancePolicies";
    let policy = json!({
        "@odata.type": "#microsoft.graph.windows10CompliancePolicy", "@odata.etag": "W/1", "displayName": "Annotated",
        "roleScopeTagIds@odata.type": "#Collection(String)", "#microsoft.graph.assign": {"target": "x"},
        "scheduledActionsForRule@odata.context": "x",
        "scheduledActionsForRule": [{"id": "own", "ruleName": "PasswordRequired",
            "scheduledActionConfigurations@odata.context": "x",
            "scheduledActionConfigurations": [{"id": "own", "actionType": "block", "gracePeriodHours": 0}]}],
    });
    let made = caller.post(path, policy).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let stored = caller.simulator().policy(&caller.tenant.directory_id, &id);
    let stored = stored.unwrap();
    let text = stored.to_string();
    for annotation in [
        "@odata.context",
        "@odata.etag",
        "String)",
        "#microsoft.graph.assign",
        "\"own\"",
    ] {
        assert!(!text.contains(annotation), "{annotation}: {text}");
    }
    // Rules and their actions have addresses of their own.
    let rule = &stored["scheduledActionsForRule"][0]["id"];
    let below = format!(
        "{path}/{id}/scheduledActionsForRule/{}/scheduledActionConfigurations",
        rule.as_str().unwrap()
    );
    assert_eq!(caller.get(&below).await.value()[0]["actionType"], "block");
}

fn everyone() -> Value {
    json!({"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}})
}

#[tokio::test]
async fn whether_an_object_is_assigned_follows_its_assignments_where_its_kind_says_so() {
    let caller = Caller::new(TenantSpec::new("Contoso").groups(3)).await;
    let group = caller.simulator().groups(&caller.tenant.directory_id);
    let group = json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group.unwrap()[0].id}});
    let firewall = "deviceManagement/templates/c53e5a9f-2eec-4175-98a1-2b3d38084b91/createInstance";
    let app = json!({"@odata.type": "#microsoft.graph.iosStoreApp", "displayName": "A"});
    let ring = json!({"@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration", "displayName": "A"});
    let mut required = everyone();
    required["intent"] = json!("required");
    let catalog = json!({"name": "A", "settings": [setting()]});
    // Address of the create, of the objects, body, key of the assignments, one, query, and whether the kind says so.
    for (create, path, object, key, one, query, says) in [
        (
            "deviceAppManagement/iosManagedAppProtections",
            "deviceAppManagement/iosManagedAppProtections",
            json!({"displayName": "A"}),
            "assignments",
            group,
            "",
            true,
        ),
        (
            firewall,
            "deviceManagement/intents",
            json!({"displayName": "A", "settingsDelta": []}),
            "assignments",
            everyone(),
            "",
            true,
        ),
        (
            "deviceAppManagement/mobileApps",
            "deviceAppManagement/mobileApps",
            app,
            "mobileAppAssignments",
            required,
            "",
            true,
        ),
        (
            "deviceManagement/configurationPolicies",
            "deviceManagement/configurationPolicies",
            catalog.clone(),
            "assignments",
            everyone(),
            "?$select=id,isAssigned",
            true,
        ),
        (
            "deviceManagement/compliancePolicies",
            "deviceManagement/compliancePolicies",
            catalog,
            "assignments",
            everyone(),
            "?$select=id,isAssigned",
            true,
        ),
        (
            "deviceManagement/deviceConfigurations",
            "deviceManagement/deviceConfigurations",
            ring,
            "assignments",
            everyone(),
            "",
            false,
        ),
    ] {
        let made = caller.post(&format!("/beta/{create}"), object).await;
        let item = format!("/beta/{path}/{}", made.json()["id"].as_str().unwrap());
        let assign = |all: Value| caller.post_owned(format!("{item}/assign"), json!({ key: all }));
        let shown =
            || async { caller.get(&format!("{item}{query}")).await.json()["isAssigned"].take() };
        let expected = |assigned: bool| if says { json!(assigned) } else { Value::Null };
        assert_eq!(shown().await, expected(false), "{path}");
        assert!(assign(json!([one])).await.status < 300, "{path}");
        assert_eq!(shown().await, expected(true), "{path}");
        assert!(assign(json!([])).await.status < 300, "{path}");
        assert_eq!(shown().await, expected(false), "{path}");
    }
}

#[tokio::test]
async fn the_settings_catalog_says_whether_a_policy_is_assigned_only_when_it_is_asked() {
    let spec = TenantSpec::new("Contoso").policies(20).groups(5);
    let caller = Caller::new(spec.kinds(&["configurationPolicies"])).await;
    let path = "/beta/deviceManagement/configurationPolicies";
    let (plain, _) = caller.all(path).await;
    assert!(
        plain
            .iter()
            .all(|policy| policy.get("isAssigned").is_none())
    );
    let (asked, _) = caller
        .all(&format!("{path}?$select=id,isAssigned&$expand=assignments"))
        .await;
    for policy in &asked {
        let assigned = !policy["assignments"].as_array().unwrap().is_empty();
        assert_eq!(policy["isAssigned"], assigned);
    }
    let filtered = caller
        .all(&format!("{path}?$filter=isAssigned eq true"))
        .await;
    let assigned = asked.iter().filter(|policy| policy["isAssigned"] == true);
    assert_eq!(filtered.0.len(), assigned.count());
    assert!(!filtered.0.is_empty() && filtered.0.len() < asked.len());
}
