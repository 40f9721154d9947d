//! Reusable settings: lists that policies of the settings catalog refer to.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};

pub(crate) fn make(pool: &mut Pool, index: usize) -> Map<String, Value> {
    const DEFINITION: &str = "vendor_msft_firewall_mdmstore_dynamickeywords_addresses_{id}";
    let names = [
        "Update servers",
        "Branch networks",
        "Partner gateways",
        "Printers",
    ];
    let host = format!("host{}.contoso.example", pool.chance.below(900));
    let child = |rest: &str| format!("{DEFINITION}_{rest}");
    object(json!({
        "@odata.type": "#microsoft.graph.deviceManagementReusablePolicySetting",
        "displayName": name(&names, index), "description": "",
        "settingDefinitionId": DEFINITION,
        "referencingConfigurationPolicyCount": 0, "referencingConfigurationPolicies": [],
        "settingInstance": {
            "@odata.type": "#microsoft.graph.deviceManagementConfigurationGroupSettingCollectionInstance",
            "settingDefinitionId": DEFINITION,
            "groupSettingCollectionValue": [{"children": [
                {
                    "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
                    "settingDefinitionId": child("autoresolve"),
                    "choiceSettingValue": {"value": child("autoresolve_true"), "children": []},
                },
                {
                    "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
                    "settingDefinitionId": child("keyword"),
                    "simpleSettingValue": {
                        "@odata.type": "#microsoft.graph.deviceManagementConfigurationStringSettingValue", "value": host,
                    },
                },
            ]}],
        },
    }))
}
