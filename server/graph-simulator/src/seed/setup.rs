//! What other policies rest on: assignment filters, scope tags and Intune roles.

use serde_json::{Map, Value, json};

use super::{Pool, name, object, uuid_of};

pub(crate) fn filter(_: &mut Pool, index: usize) -> Map<String, Value> {
    const FILTERS: &[(&str, &str, &str)] = &[
        (
            "Corporate Windows devices",
            "windows10AndLater",
            "(device.deviceOwnership -eq \"Corporate\")",
        ),
        (
            "Virtual machines",
            "windows10AndLater",
            "(device.model -startsWith \"Virtual\")",
        ),
        (
            "Windows 11 only",
            "windows10AndLater",
            "(device.osVersion -startsWith \"10.0.2\")",
        ),
        (
            "Supervised iPads",
            "iOS",
            "(device.isSupervised -eq True) and (device.model -contains \"iPad\")",
        ),
        (
            "Personal Android devices",
            "androidForWork",
            "(device.deviceOwnership -eq \"Personal\")",
        ),
        (
            "Company Macs",
            "macOS",
            "(device.deviceOwnership -eq \"Corporate\")",
        ),
    ];
    let names: Vec<&str> = FILTERS.iter().map(|(name, _, _)| *name).collect();
    let (_, platform, rule) = FILTERS[index % FILTERS.len()];
    object(json!({
        "@odata.type": "#microsoft.graph.deviceAndAppManagementAssignmentFilter",
        "displayName": name(&names, index),
        "description": "",
        "platform": platform,
        "rule": rule,
        "assignmentFilterManagementType": "devices",
        "payloads": [],
    }))
}

/// The first is the default that every tenant has.
pub(crate) fn scope_tag(_: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Europe",
        "Americas",
        "Asia Pacific",
        "Service desk",
        "Retail",
        "Subsidiaries",
        "Laboratory",
    ];
    object(json!({
        "@odata.type": "#microsoft.graph.roleScopeTag",
        "id": index.to_string(),
        "displayName": if index == 0 { "Default".to_owned() } else { name(&names, index - 1) },
        "description": if index == 0 { "Default Role Scope Tag." } else { "" },
        "isBuiltIn": index == 0,
    }))
}

/// The first three are built in.
pub(crate) fn role(_: &mut Pool, index: usize) -> Map<String, Value> {
    let built_in = [
        "Policy and Profile manager",
        "Help Desk Operator",
        "Read Only Operator",
    ];
    let own = [
        "Regional endpoint administrator",
        "Script author",
        "Kiosk operator",
        "Compliance reviewer",
    ];
    let is_built_in = index < built_in.len();
    let shown = if is_built_in {
        built_in[index].to_owned()
    } else {
        name(&own, index - built_in.len())
    };
    let actions = if shown.contains("Read") || shown.contains("reviewer") {
        json!([
            "Microsoft.Intune_DeviceConfigurations_Read",
            "Microsoft.Intune_DeviceCompliancePolices_Read",
            "Microsoft.Intune_Organization_Read"
        ])
    } else {
        json!([
            "Microsoft.Intune_DeviceConfigurations_Read",
            "Microsoft.Intune_DeviceConfigurations_Update",
            "Microsoft.Intune_DeviceConfigurations_Assign"
        ])
    };
    let permissions = json!([{
        "actions": actions,
        "resourceActions": [{"allowedResourceActions": actions, "notAllowedResourceActions": []}],
    }]);
    let mut made = object(json!({
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleDefinition",
        "displayName": shown,
        "description": format!("{shown} for managed devices"),
        "isBuiltIn": is_built_in, "isBuiltInRoleDefinition": is_built_in,
        "roleScopeTagIds": ["0"],
        "permissions": permissions, "rolePermissions": permissions,
        "roleAssignments": [],
    }));
    if is_built_in {
        // Built-in roles have the same id everywhere.
        made.insert(
            "id".to_owned(),
            json!(uuid_of(&format!("built-in role {index}"))),
        );
    }
    made
}
