//! The Graph collection that an exported object belongs to.

use serde_json::{Map, Value};

/// Where an object belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collection {
    /// This collection, by its path below the version, without a slash before it.
    Known(&'static str),
    /// One that this reading does not know, in the file's own word: an address or a type.
    Other(String),
}

/// By the address it was read from, then by its type, its shape, and the folders it lay in, the outermost first. None if
/// nothing tells.
pub fn collection_of(object: &Map<String, Value>, folders: &[&str]) -> Option<Collection> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    if let Some(address) = text("@odata.context").and_then(address) {
        return Some(match known(&address) {
            Some(path) => Collection::Known(path),
            None => Collection::Other(address),
        });
    }
    let name = text("@odata.type").map(|name| name.trim_start_matches("#microsoft.graph."));
    if let Some(path) = name.and_then(by_type).or_else(|| by_shape(object)) {
        return Some(Collection::Known(path));
    }
    // Scripts of compliance lie in the folder of the policies that run them.
    if object.contains_key("detectionScriptContent") {
        return Some(Collection::Other("deviceComplianceScript".to_owned()));
    }
    // The innermost folder that means something decides. A type that is not known may be a new one of its collection.
    let folder = folders
        .iter()
        .rev()
        .find_map(|folder| by_folder(folder, object));
    match (folder, name) {
        (Some(Some(path)), _) => Some(Collection::Known(path)),
        (_, Some(name)) => Some(Collection::Other(name.to_owned())),
        (_, None) => None,
    }
}

/// The collection's path in `…/$metadata#deviceManagement/configurationPolicies(assignments(),settings())/$entity`.
fn address(context: &str) -> Option<String> {
    let (_, set) = context.split_once("$metadata#")?;
    let mut depth = 0_usize;
    let mut bare = String::new();
    for letter in set.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(letter),
            _ => {}
        }
    }
    let segments: Vec<&str> = bare
        .split('/')
        .filter(|part| !part.is_empty() && *part != "$entity" && !part.starts_with("microsoft."))
        .collect();
    (!segments.is_empty()).then(|| segments.join("/"))
}

const APP_POLICIES: &str = "deviceAppManagement/managedAppPolicies";
const PATHS: [&str; 25] = [
    "deviceManagement/configurationPolicies",
    "deviceManagement/deviceConfigurations",
    "deviceManagement/deviceCompliancePolicies",
    "deviceManagement/compliancePolicies",
    "deviceManagement/groupPolicyConfigurations",
    "deviceManagement/deviceManagementScripts",
    "deviceManagement/deviceShellScripts",
    "deviceManagement/deviceCustomAttributeShellScripts",
    "deviceManagement/deviceHealthScripts",
    "deviceManagement/windowsAutopilotDeploymentProfiles",
    "deviceManagement/deviceEnrollmentConfigurations",
    "deviceManagement/intents",
    "deviceManagement/notificationMessageTemplates",
    "deviceManagement/reusablePolicySettings",
    "deviceAppManagement/mobileAppConfigurations",
    "deviceManagement/windowsFeatureUpdateProfiles",
    "deviceManagement/windowsQualityUpdateProfiles",
    "deviceManagement/windowsQualityUpdatePolicies",
    "deviceManagement/windowsDriverUpdateProfiles",
    "deviceManagement/assignmentFilters",
    "deviceManagement/roleScopeTags",
    "deviceManagement/roleDefinitions",
    "identity/conditionalAccess/policies",
    "identity/conditionalAccess/namedLocations",
    APP_POLICIES,
];
/// Where app protection is written, one address a type; it is one collection to read.
const APP_ADDRESSES: [&str; 6] = [
    "iosManagedAppProtections",
    "androidManagedAppProtections",
    "windowsManagedAppProtections",
    "targetedManagedAppConfigurations",
    "mdmWindowsInformationProtectionPolicies",
    "windowsInformationProtectionPolicies",
];

fn known(address: &str) -> Option<&'static str> {
    let app = address.strip_prefix("deviceAppManagement/");
    if app.is_some_and(|name| APP_ADDRESSES.contains(&name)) {
        return Some(APP_POLICIES);
    }
    // Older exports address conditional access without `identity`.
    PATHS
        .into_iter()
        .find(|path| *path == address || path.strip_prefix("identity/") == Some(address))
}

fn path(segment: &str) -> Option<&'static str> {
    PATHS
        .into_iter()
        .find(|path| path.rsplit('/').next() == Some(segment))
}

fn by_type(name: &str) -> Option<&'static str> {
    let is = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    match name {
        "deviceManagementConfigurationPolicy" => path("configurationPolicies"),
        "deviceManagementCompliancePolicy" => path("compliancePolicies"),
        "groupPolicyConfiguration" => path("groupPolicyConfigurations"),
        "deviceManagementScript" => path("deviceManagementScripts"),
        "deviceShellScript" => path("deviceShellScripts"),
        "deviceCustomAttributeShellScript" => path("deviceCustomAttributeShellScripts"),
        "deviceHealthScript" => path("deviceHealthScripts"),
        "windowsFeatureUpdateProfile" => path("windowsFeatureUpdateProfiles"),
        "windowsQualityUpdateProfile" => path("windowsQualityUpdateProfiles"),
        "windowsQualityUpdatePolicy" => path("windowsQualityUpdatePolicies"),
        "windowsDriverUpdateProfile" => path("windowsDriverUpdateProfiles"),
        "deviceAndAppManagementAssignmentFilter" => path("assignmentFilters"),
        "roleScopeTag" => path("roleScopeTags"),
        "roleDefinition" | "deviceAndAppManagementRoleDefinition" => path("roleDefinitions"),
        "conditionalAccessPolicy" => Some("identity/conditionalAccess/policies"),
        "windows10EnrollmentCompletionPageConfiguration"
        | "deviceComanagementAuthorityConfiguration" => path("deviceEnrollmentConfigurations"),
        "targetedManagedAppConfiguration" => Some(APP_POLICIES),
        _ if name.ends_with("NamedLocation") => path("namedLocations"),
        _ if name.ends_with("CompliancePolicy") => path("deviceCompliancePolicies"),
        _ if name.ends_with("AutopilotDeploymentProfile") => {
            path("windowsAutopilotDeploymentProfiles")
        }
        _ if is(&["deviceEnrollment"]) => path("deviceEnrollmentConfigurations"),
        _ if name.ends_with("ManagedAppProtection")
            || name.ends_with("InformationProtectionPolicy") =>
        {
            Some(APP_POLICIES)
        }
        "deviceManagementIntent" => path("intents"),
        "notificationMessageTemplate" => path("notificationMessageTemplates"),
        "deviceManagementReusablePolicySetting" => path("reusablePolicySettings"),
        _ if name.ends_with("MobileAppConfiguration")
            || name == "androidManagedStoreAppConfiguration" =>
        {
            path("mobileAppConfigurations")
        }
        // Apps, whose names look alike.
        _ if name.contains("MobileApp") || name.contains("ManagedStore") => None,
        "sharedPCConfiguration"
        | "editionUpgradeConfiguration"
        | "unsupportedDeviceConfiguration" => path("deviceConfigurations"),
        _ if is(&["windows", "ios", "macOS", "android", "aosp"])
            && (name.contains("Configuration") || name.contains("Certificate")) =>
        {
            path("deviceConfigurations")
        }
        _ => None,
    }
}

/// Members that objects of one collection alone have.
fn by_shape(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |name: &str| object.contains_key(name);
    let first_setting = object.get("settings").and_then(|settings| settings.get(0));
    if first_setting.is_some_and(|setting| setting["settingInstance"].is_object()) {
        let segment = match has("scheduledActionsForRule") {
            true => "compliancePolicies",
            false => "configurationPolicies",
        };
        return path(segment);
    }
    match () {
        // A script of compliance detects only.
        () if has("detectionScriptContent") && has("remediationScriptContent") => {
            path("deviceHealthScripts")
        }
        () if has("settingInstance") && has("settingDefinitionId") => {
            path("reusablePolicySettings")
        }
        () if has("localizedNotificationMessages") => path("notificationMessageTemplates"),
        () if has("definitionValues") => path("groupPolicyConfigurations"),
        () if has("grantControls") && has("conditions") => {
            Some("identity/conditionalAccess/policies")
        }
        // As the settings of an intent are called when it is created.
        () if has("settingsDelta") => path("intents"),
        () if has("templateId") && has("roleScopeTagIds") => path("intents"),
        () => None,
    }
}

/// Folder names of the common export tools; the inner none is a folder that is known to hold no policies.
fn by_folder(folder: &str, object: &Map<String, Value>) -> Option<Option<&'static str>> {
    let wanted: String = folder
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase();
    let segment = match wanted.as_str() {
        "settingscatalog" => "configurationPolicies",
        // Intents lie there too; what they are called stands in their `displayName`.
        "endpointsecurity" if object.contains_key("name") => "configurationPolicies",
        "deviceconfiguration" | "deviceconfigurations" | "updatepolicies" => "deviceConfigurations",
        "compliancepolicies" | "devicecompliancepolicies" => "deviceCompliancePolicies",
        "compliancepoliciesv2" => "compliancePolicies",
        "administrativetemplates" | "grouppolicyconfigurations" => "groupPolicyConfigurations",
        "powershell" | "powershellscripts" | "devicemanagementscripts" => "deviceManagementScripts",
        "macscripts" | "shell" | "shellscripts" => "deviceShellScripts",
        "customattributes" | "maccustomattributes" | "customattributeshellscripts" => {
            "deviceCustomAttributeShellScripts"
        }
        "healthscripts" | "devicehealthscripts" | "proactiveremediations" => "deviceHealthScripts",
        "autopilot" | "autopilotprofiles" => "windowsAutopilotDeploymentProfiles",
        "enrollmentstatuspage" | "enrollmentrestrictions" | "enrollmentconfigurations" => {
            "deviceEnrollmentConfigurations"
        }
        "appprotection" | "appprotectionpolicies" => "managedAppPolicies",
        "featureupdates" => "windowsFeatureUpdateProfiles",
        "qualityupdates" => "windowsQualityUpdateProfiles",
        "qualityupdatepolicies" => "windowsQualityUpdatePolicies",
        "driverupdates" | "driverupdateprofiles" => "windowsDriverUpdateProfiles",
        "assignmentfilters" | "filters" => "assignmentFilters",
        "scopetags" => "roleScopeTags",
        "roledefinitions" | "roles" => "roleDefinitions",
        "conditionalaccess" | "conditionalaccesspolicies" => {
            return Some(Some("identity/conditionalAccess/policies"));
        }
        "namedlocations" => "namedLocations",
        "messagetemplates" | "notifications" | "notificationtemplates" => {
            "notificationMessageTemplates"
        }
        "endpointsecurity" | "managementintents" | "devicemanagementintents" | "intents" => {
            "intents"
        }
        "reusablesettings" | "reusablepolicysettings" => "reusablePolicySettings",
        "appconfiguration" | "appconfigurations" | "appconfigurationmanageddevice" => {
            "mobileAppConfigurations"
        }
        "groups" | "scriptdata" => return Some(None),
        _ => return None,
    };
    Some(path(segment))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn of(object: Value, folders: &[&str]) -> Option<Collection> {
        collection_of(object.as_object().unwrap(), folders)
    }

    fn known_as(path: &'static str) -> Option<Collection> {
        Some(Collection::Known(path))
    }

    fn context(of: &str) -> Value {
        json!({"@odata.context": format!("https://graph.microsoft.com/beta/$metadata#{of}"), "displayName": "A"})
    }

    #[test]
    fn the_address_decides_whatever_was_expanded_and_cast() {
        for (said, path) in [
            (
                "deviceManagement/configurationPolicies(assignments(),settings())/$entity",
                "deviceManagement/configurationPolicies",
            ),
            (
                "deviceManagement/configurationPolicies",
                "deviceManagement/configurationPolicies",
            ),
            (
                "deviceManagement/deviceConfigurations/microsoft.graph.iosCustomConfiguration/$entity",
                "deviceManagement/deviceConfigurations",
            ),
            (
                "deviceAppManagement/iosManagedAppProtections/$entity",
                APP_POLICIES,
            ),
            (
                "identity/conditionalAccess/policies/$entity",
                "identity/conditionalAccess/policies",
            ),
        ] {
            assert_eq!(of(context(said), &["Groups"]), known_as(path), "{said}");
        }
        let apps = of(context("deviceAppManagement/mobileApps/$entity"), &[]);
        assert_eq!(
            apps,
            Some(Collection::Other("deviceAppManagement/mobileApps".into()))
        );
        let inner = "deviceManagement/deviceConfigurations('1')/microsoft.graph.iosCustomConfiguration/assignments";
        assert!(matches!(
            of(context(inner), &[]),
            Some(Collection::Other(_))
        ));
    }

    #[test]
    fn types_tell_what_no_address_tells() {
        for (name, segment) in [
            (
                "deviceManagementConfigurationPolicy",
                "configurationPolicies",
            ),
            ("windows10CompliancePolicy", "deviceCompliancePolicies"),
            (
                "windowsUpdateForBusinessConfiguration",
                "deviceConfigurations",
            ),
            ("windows81SCEPCertificateProfile", "deviceConfigurations"),
            (
                "windows10EnrollmentCompletionPageConfiguration",
                "deviceEnrollmentConfigurations",
            ),
            (
                "azureADWindowsAutopilotDeploymentProfile",
                "windowsAutopilotDeploymentProfiles",
            ),
            ("androidManagedAppProtection", "managedAppPolicies"),
            ("ipNamedLocation", "namedLocations"),
            ("iosMobileAppConfiguration", "mobileAppConfigurations"),
            (
                "androidManagedStoreAppConfiguration",
                "mobileAppConfigurations",
            ),
            (
                "notificationMessageTemplate",
                "notificationMessageTemplates",
            ),
            (
                "deviceManagementReusablePolicySetting",
                "reusablePolicySettings",
            ),
            ("deviceManagementIntent", "intents"),
        ] {
            let found = of(
                json!({"@odata.type": format!("#microsoft.graph.{name}")}),
                &[],
            );
            assert_eq!(
                found.as_ref(),
                path(segment).map(Collection::Known).as_ref()
            );
        }
        for name in ["iosMobileApp", "win32LobApp", "group"] {
            let found = of(
                json!({"@odata.type": format!("#microsoft.graph.{name}")}),
                &[],
            );
            assert_eq!(found, Some(Collection::Other(name.into())));
        }
    }

    #[test]
    fn folders_tell_the_rest_and_the_innermost_that_means_something_wins() {
        let plain = json!({"displayName": "A"});
        let catalog = known_as("deviceManagement/configurationPolicies");
        assert_eq!(of(plain.clone(), &["out", "Settings Catalog"]), catalog);
        assert_eq!(
            of(plain.clone(), &["Compliance Policies", "Policies"]),
            known_as("deviceManagement/deviceCompliancePolicies")
        );
        assert_eq!(
            of(plain.clone(), &["Compliance Policies", "Message Templates"]),
            known_as("deviceManagement/notificationMessageTemplates")
        );
        assert_eq!(
            of(plain.clone(), &["Compliance Policies", "Script Data"]),
            None
        );
        assert_eq!(of(plain, &["holiday"]), None);
        let portal = json!({"name": "A", "settings": [{"settingInstance": {}}]});
        assert_eq!(of(portal, &[]), catalog);
    }

    #[test]
    fn what_compliance_policies_use_is_none_itself_though_it_lies_in_their_folder() {
        let folders = ["Compliance Policies", "Scripts"];
        let reusable =
            json!({"displayName": "A", "settingDefinitionId": "d", "settingInstance": {}});
        assert_eq!(
            of(reusable, &folders),
            known_as("deviceManagement/reusablePolicySettings")
        );
        let detects = json!({"displayName": "A", "detectionScriptContent": "YQ=="});
        assert_eq!(
            of(detects, &folders),
            Some(Collection::Other("deviceComplianceScript".into()))
        );
        let remedies = json!({"displayName": "A", "detectionScriptContent": "YQ==", "remediationScriptContent": null});
        assert_eq!(
            of(remedies, &[]),
            known_as("deviceManagement/deviceHealthScripts")
        );
    }

    #[test]
    fn endpoint_security_is_told_apart_by_shape_where_both_of_its_kinds_lie_in_one_folder() {
        let catalog = known_as("deviceManagement/configurationPolicies");
        let intents = known_as("deviceManagement/intents");
        for (object, collection) in [
            (
                json!({"displayName": "A", "templateId": "t", "roleScopeTagIds": ["0"]}),
                &intents,
            ),
            (json!({"displayName": "A", "settingsDelta": []}), &intents),
            (json!({"displayName": "A", "templateId": "t"}), &intents),
            (
                json!({"name": "A", "templateId": "t", "roleScopeTagIds": ["0"], "settings": [{"settingInstance": {}}]}),
                &catalog,
            ),
            (
                json!({"name": "A", "templateReference": {"templateId": "t"}, "roleScopeTagIds": ["0"]}),
                &catalog,
            ),
        ] {
            assert_eq!(
                &of(object.clone(), &["EndpointSecurity"]),
                collection,
                "{object}"
            );
        }
        for anywhere in [
            json!({"displayName": "A", "settingsDelta": []}),
            json!({"displayName": "A", "templateId": "t", "roleScopeTagIds": ["0"]}),
        ] {
            assert_eq!(of(anywhere, &[]), intents);
        }
        let access = json!({"displayName": "A", "templateId": null, "conditions": {}, "grantControls": null});
        assert_eq!(
            of(access, &[]),
            known_as("identity/conditionalAccess/policies")
        );
    }
}
