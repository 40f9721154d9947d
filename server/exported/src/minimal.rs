//! An exported object as Graph sends it when nobody asks for annotations.

use serde_json::{Map, Value};

/// Types that are declared rather than derived: Graph names them with full metadata only.
const DECLARED: &[&str] = &[
    "deviceManagementConfigurationPolicy",
    "deviceManagementCompliancePolicy",
    "deviceManagementConfigurationSetting",
    "deviceManagementConfigurationPolicyTemplateReference",
    "deviceManagementConfigurationChoiceSettingValue",
    "deviceManagementConfigurationGroupSettingValue",
    "deviceManagementConfigurationSettingInstanceTemplateReference",
    "deviceManagementConfigurationSettingValueTemplateReference",
    "deviceComplianceScheduledActionForRule",
    "deviceComplianceActionItem",
    "groupPolicyConfiguration",
    "groupPolicyDefinitionValue",
    "groupPolicyDefinition",
    "deviceManagementScript",
    "deviceShellScript",
    "deviceHealthScript",
    "windowsFeatureUpdateProfile",
    "windowsQualityUpdateProfile",
    "windowsDriverUpdateProfile",
    "deviceAndAppManagementAssignmentFilter",
    "roleScopeTag",
    "conditionalAccessPolicy",
    "deviceManagementIntent",
    "deviceManagementReusablePolicySetting",
    "localizedNotificationMessage",
    "notificationMessageTemplate",
];

/// The object without annotations, advertised actions and a tool's own `#` members, at every depth. `@odata.type`
/// stays where it says something.
pub fn minimal(mut object: Map<String, Value>) -> Map<String, Value> {
    strip(&mut object);
    object
}

fn strip(object: &mut Map<String, Value>) {
    object.retain(|name, _| {
        name == "@odata.type" || !(name.contains("@odata.") || name.starts_with('#'))
    });
    let declared = object
        .get("@odata.type")
        .and_then(Value::as_str)
        .and_then(|name| name.rsplit('.').next());
    if declared.is_some_and(|name| DECLARED.contains(&name)) {
        object.remove("@odata.type");
    }
    object.values_mut().for_each(strip_inside);
}

fn strip_inside(value: &mut Value) {
    match value {
        Value::Object(object) => strip(object),
        Value::Array(items) => items.iter_mut().for_each(strip_inside),
        _ => {}
    }
}
