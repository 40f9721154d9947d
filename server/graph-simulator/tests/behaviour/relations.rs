//! What lists leave out and where it is found: settings, assignments, actions, contents, secrets.

use graph_simulator::TenantSpec;
use serde_json::Value;

use crate::caller::Caller;

const CATALOG: &str = "/beta/deviceManagement/configurationPolicies";

async fn caller() -> Caller {
    Caller::new(TenantSpec::new("Contoso").policies(320).groups(60)).await
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

#[tokio::test]
async fn settings_and_assignments_come_only_when_asked_for() {
    let caller = caller().await;
    let (all, _) = caller.all(CATALOG).await;
    let large = all
        .iter()
        .find(|policy| policy["settingCount"].as_u64().unwrap() > 25)
        .unwrap();
    assert!(large.get("settings").is_none() && large.get("assignments").is_none());
    let count = usize::try_from(large["settingCount"].as_u64().unwrap()).unwrap();
    let path = format!("{CATALOG}/{}", id(large));
    let expanded = caller
        .get(&format!("{path}?$expand=settings,assignments"))
        .await
        .json();
    assert_eq!(expanded["settings"].as_array().unwrap().len(), count);
    assert!(expanded["assignments"].is_array());
    let (settings, pages) = caller
        .all(&format!("{path}/settings?$expand=settingDefinitions"))
        .await;
    assert_eq!((settings.len(), pages), (count, count.div_ceil(25)));
    let instance = &settings[0]["settingInstance"];
    assert_eq!(
        settings[0]["settingDefinitions"][0]["id"],
        instance["settingDefinitionId"]
    );
    assert_eq!(
        caller
            .get(&format!("{path}?$expand=scheduledActionsForRule"))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn lists_of_scripts_omit_their_contents() {
    let caller = caller().await;
    for (segment, content) in [
        ("deviceManagementScripts", "scriptContent"),
        ("deviceShellScripts", "scriptContent"),
        ("deviceCustomAttributeShellScripts", "scriptContent"),
        ("deviceHealthScripts", "detectionScriptContent"),
    ] {
        let path = format!("/beta/deviceManagement/{segment}");
        let listed = caller.get(&path).await.value();
        assert!(listed.iter().all(|script| script.get(content).is_none()));
        let read = caller
            .get(&format!("{path}/{}", id(&listed[0])))
            .await
            .json();
        assert!(!read[content].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn compliance_actions_need_a_nested_expand() {
    let caller = caller().await;
    let base = "/beta/deviceManagement/deviceCompliancePolicies";
    let listed = caller.get(base).await.value();
    assert!(listed[0].get("scheduledActionsForRule").is_none());
    let path = format!("{base}/{}", id(&listed[0]));
    let rules = caller
        .get(&format!("{path}?$expand=scheduledActionsForRule"))
        .await
        .json();
    assert!(
        rules["scheduledActionsForRule"][0]
            .get("scheduledActionConfigurations")
            .is_none()
    );
    let nested =
        "$expand=assignments,scheduledActionsForRule($expand=scheduledActionConfigurations)";
    let full = caller.get(&format!("{path}?{nested}")).await.json();
    assert_eq!(
        full["scheduledActionsForRule"][0]["scheduledActionConfigurations"][0]["actionType"],
        "block"
    );
    let (all, _) = caller.all(&format!("{base}?{nested}")).await;
    assert!(all.iter().all(|policy| {
        policy["scheduledActionsForRule"][0]["scheduledActionConfigurations"].is_array()
    }));
}

#[tokio::test]
async fn administrative_templates_are_read_value_by_value() {
    let caller = caller().await;
    let base = "/beta/deviceManagement/groupPolicyConfigurations";
    let listed = caller.get(base).await.value();
    let values = format!("{base}/{}/definitionValues", id(&listed[0]));
    let plain = caller.get(&values).await.value();
    assert!(plain[0].get("definition").is_none());
    let (expanded, _) = caller.all(&format!("{values}?$expand=definition")).await;
    assert!(
        expanded
            .iter()
            .all(|value| value["definition"]["displayName"].is_string())
    );
    for value in &expanded {
        let (presentations, _) = caller
            .all(&format!(
                "{values}/{}/presentationValues?$expand=presentation",
                id(value)
            ))
            .await;
        assert!(
            presentations
                .iter()
                .all(|shown| shown["presentation"]["id"].is_string())
        );
    }
}

#[tokio::test]
async fn app_protection_names_types_in_the_common_list_and_assignments_in_the_typed_ones() {
    let caller = caller().await;
    let (common, _) = caller
        .all("/beta/deviceAppManagement/managedAppPolicies")
        .await;
    assert!(
        common
            .iter()
            .all(|policy| policy["@odata.type"].is_string() && policy.get("apps").is_none())
    );
    assert_eq!(
        caller
            .get("/beta/deviceAppManagement/managedAppPolicies?$expand=assignments")
            .await
            .status,
        400
    );
    let mut typed = 0;
    for segment in [
        "iosManagedAppProtections",
        "androidManagedAppProtections",
        "windowsManagedAppProtections",
        "targetedManagedAppConfigurations",
    ] {
        let (found, _) = caller
            .all(&format!(
                "/beta/deviceAppManagement/{segment}?$expand=assignments,apps"
            ))
            .await;
        assert!(
            found
                .iter()
                .all(|policy| policy.get("@odata.type").is_none()
                    && policy["assignments"].is_array())
        );
        typed += found.len();
    }
    assert_eq!(typed, common.len());
}

#[tokio::test]
async fn an_encrypted_value_is_masked_until_it_is_asked_for() {
    let caller = caller().await;
    let base = "/beta/deviceManagement/deviceConfigurations";
    let (found, _) = caller
        .all(&format!(
            "{base}?$filter=isof('microsoft.graph.windows10CustomConfiguration')"
        ))
        .await;
    let encrypted = &found[0]["omaSettings"][1];
    assert_eq!(encrypted["value"], "****");
    assert!(!found[0].to_string().contains("synthetic-key"));
    let reference = encrypted["secretReferenceValueId"].as_str().unwrap();
    let path = format!(
        "{base}/{}/getOmaSettingPlainTextValue(secretReferenceValueId='{reference}')",
        id(&found[0])
    );
    assert!(
        caller.get(&path).await.json()["value"]
            .as_str()
            .unwrap()
            .contains("synthetic-key")
    );
}
