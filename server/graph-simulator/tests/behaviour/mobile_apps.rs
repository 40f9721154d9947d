//! Apps and their configurations on managed devices.

use graph_simulator::TenantSpec;
use reqwest::Method;
use serde_json::json;

use crate::caller::Caller;

const APPS: &str = "/v1.0/deviceAppManagement/mobileApps";
const CONFIGURATIONS: &str = "/v1.0/deviceAppManagement/mobileAppConfigurations";

async fn caller() -> Caller {
    let spec = TenantSpec::new("Contoso").policies(4);
    Caller::new(spec.kinds(&["mobileAppConfigurations"]).groups(10)).await
}

#[tokio::test]
async fn an_app_is_assigned_with_an_intent_under_a_key_of_its_own() {
    let caller = caller().await;
    let app = caller.get(APPS).await.value().swap_remove(0);
    assert!(app["@odata.type"].is_string());
    let item = format!("{APPS}/{}", app["id"].as_str().unwrap());
    let target = json!({"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"});
    let assign = |key: &str, assignment: serde_json::Value| {
        caller.post_owned(format!("{item}/assign"), json!({ key: [assignment] }))
    };
    let required = json!({"intent": "required", "settings": null, "target": target});
    assert_eq!(assign("assignments", required.clone()).await.status, 400);
    let unclear = json!({"target": target});
    assert_eq!(assign("mobileAppAssignments", unclear).await.status, 400);
    assert_eq!(assign("mobileAppAssignments", required).await.status, 204);
    let there = caller.get(&format!("{item}/assignments")).await.value();
    assert_eq!((there.len(), &there[0]["intent"]), (1, &json!("required")));
    assert_eq!(
        caller.tenant.policies, 4,
        "apps are not counted as policies"
    );
    let listed = caller.simulator().policies(&caller.tenant.directory_id);
    assert_eq!(listed.unwrap().len(), 4);
}

#[tokio::test]
async fn an_app_configuration_keeps_its_apps_and_is_assigned_by_the_action_of_its_type() {
    let caller = caller().await;
    let one = caller.get(CONFIGURATIONS).await.value().swap_remove(0);
    let (apps, _) = caller.all(APPS).await;
    assert!(
        apps.iter()
            .any(|app| app["id"] == one["targetedMobileApps"][0])
    );
    let item = format!("{CONFIGURATIONS}/{}", one["id"].as_str().unwrap());
    let moved = json!({"targetedMobileApps": []});
    assert_eq!(caller.send(Method::PATCH, &item, moved).await.status, 400);
    let renamed = json!({"displayName": "Renamed"});
    assert_eq!(caller.send(Method::PATCH, &item, renamed).await.status, 204);
    let action = format!("{item}/microsoft.graph.managedDeviceMobileAppConfiguration/assign");
    let everyone = json!({"assignments": [{"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]});
    assert_eq!(caller.post(&action, everyone).await.status, 204);
    assert_eq!(
        caller
            .get(&format!("{item}/assignments"))
            .await
            .value()
            .len(),
        1
    );
}
