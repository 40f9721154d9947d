//! Reusable settings, and policies of the settings catalog that refer to them.

use graph_simulator::TenantSpec;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

const REUSABLE: &str = "/beta/deviceManagement/reusablePolicySettings";

#[tokio::test]
async fn a_reusable_setting_is_put_as_a_whole_and_its_listing_leaves_it_out() {
    let spec = TenantSpec::new("Contoso").policies(2);
    let caller = Caller::new(spec.kinds(&["reusablePolicySettings"])).await;
    let listed = caller.get(REUSABLE).await.value().swap_remove(0);
    assert!(listed.get("settingInstance").is_none());
    let item = format!("{REUSABLE}/{}", listed["id"].as_str().unwrap());
    let read = caller.get(&item).await.json();
    assert!(read["settingInstance"]["groupSettingCollectionValue"].is_array());
    let mut changed =
        json!({"displayName": "Changed", "settingDefinitionId": read["settingDefinitionId"]});
    assert_eq!(
        caller
            .send(Method::PUT, &item, changed.clone())
            .await
            .status,
        400
    );
    changed["settingInstance"] = read["settingInstance"].clone();
    changed["settingInstance"]["groupSettingCollectionValue"] = json!([]);
    assert_eq!(caller.send(Method::PUT, &item, changed).await.status, 204);
    let now = caller.get(&item).await.json();
    assert_eq!(
        now["settingInstance"]["groupSettingCollectionValue"],
        json!([])
    );
    assert_eq!(
        (&now["displayName"], &now["description"]),
        (&json!("Changed"), &Value::Null)
    );
}

#[tokio::test]
async fn a_policy_that_refers_to_a_reusable_setting_needs_it() {
    let spec = TenantSpec::new("Contoso").policies(1);
    let caller = Caller::new(spec.kinds(&["reusablePolicySettings"])).await;
    let there = caller.get(REUSABLE).await.value()[0]["id"].clone();
    let policy = |id: &Value| {
        json!({"name": "Rule", "platforms": "windows10", "technologies": "mdm",
            "templateReference": {"templateId": "19c8aa67-f286-4861-9aa0-f23541d31680_1"},
            "settings": [{"settingInstance": {
                "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingCollectionInstance",
                "settingDefinitionId": "vendor_msft_firewall_mdmstore_firewallrules_{firewallrulename}_remoteaddressdynamickeywords",
                "simpleSettingCollectionValue": [{
                    "@odata.type": "#microsoft.graph.deviceManagementConfigurationReferenceSettingValue", "value": id}]}}]})
    };
    let path = "/beta/deviceManagement/configurationPolicies";
    assert_eq!(caller.post(path, policy(&there)).await.status, 201);
    let refused = caller.post(path, policy(&json!("missing"))).await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains("InvalidReferenceId"));
}
