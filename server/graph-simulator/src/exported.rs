//! Reads exported policy files: their encoding, the kind they belong to, and what the export added to them.

use serde_json::{Map, Value};

use crate::kind::Kind;

/// The text of a file in UTF-8 or UTF-16, with or without a byte-order mark.
///
/// # Errors
/// A sentence naming the encoding that the bytes do not follow.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, String> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        // JSON begins with an ASCII character, so a zero beside it betrays UTF-16 without a mark.
        [first, 0, ..] if *first != 0 => utf16(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf16(bytes, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|_| "not valid UTF-8".to_owned())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err("not valid UTF-16: half a character at the end".to_owned());
    }
    let units: Vec<u16> = pairs.map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16(&units).map_err(|_| "not valid UTF-16".to_owned())
}

/// The kind that keeps this object: by type, then by the address it was read from, then by its folder's name.
pub(crate) fn place(object: &Map<String, Value>, folder: &str) -> Option<&'static Kind> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    text("@odata.type")
        .and_then(Kind::of_type)
        .or_else(|| text("@odata.context").and_then(by_context))
        .or_else(|| by_folder(folder))
}

/// `…/$metadata#deviceManagement/configurationPolicies(settings())/$entity` names the collection.
fn by_context(context: &str) -> Option<&'static Kind> {
    let (_, set) = context.split_once("$metadata#")?;
    let path = set.split(['(', '$']).next()?.trim_end_matches('/');
    let kind = Kind::at(path)?;
    Kind::at(kind.store)
}

/// Folder names of the common export tools.
fn by_folder(folder: &str) -> Option<&'static Kind> {
    let wanted: String = folder
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase();
    let segment = match wanted.as_str() {
        "settingscatalog" | "endpointsecurity" => "configurationPolicies",
        "deviceconfiguration" | "deviceconfigurations" | "updatepolicies" => "deviceConfigurations",
        "compliancepolicies" | "devicecompliancepolicies" => "deviceCompliancePolicies",
        "compliancepoliciesv2" => "compliancePolicies",
        "administrativetemplates" | "grouppolicyconfigurations" => "groupPolicyConfigurations",
        "powershellscripts" | "devicemanagementscripts" => "deviceManagementScripts",
        "macscripts" | "shellscripts" => "deviceShellScripts",
        "healthscripts" | "devicehealthscripts" | "proactiveremediations" => "deviceHealthScripts",
        "autopilot" | "autopilotprofiles" => "windowsAutopilotDeploymentProfiles",
        "enrollmentstatuspage" | "enrollmentrestrictions" | "enrollmentconfigurations" => {
            "deviceEnrollmentConfigurations"
        }
        "appprotection" | "appprotectionpolicies" => "managedAppPolicies",
        "featureupdates" => "windowsFeatureUpdateProfiles",
        "qualityupdates" => "windowsQualityUpdateProfiles",
        "driverupdateprofiles" => "windowsDriverUpdateProfiles",
        "assignmentfilters" | "filters" => "assignmentFilters",
        "scopetags" => "roleScopeTags",
        "roledefinitions" => "roleDefinitions",
        "conditionalaccess" | "conditionalaccesspolicies" => "conditionalAccess/policies",
        "namedlocations" => "namedLocations",
        _ => return None,
    };
    Kind::named(segment)
}

/// The object without what full metadata added, as Graph keeps it.
pub(crate) fn clean(kind: &Kind, mut object: Map<String, Value>) -> Map<String, Value> {
    strip(&mut object);
    if !object.contains_key("@odata.type")
        && let Some(declared) = kind.types.first()
        && !kind.is_polymorphic()
    {
        object.insert(
            "@odata.type".to_owned(),
            Value::String(format!("#microsoft.graph.{declared}")),
        );
    }
    object
}

/// Types that are declared rather than derived: Graph names them with full metadata only.
const DECLARED: &[&str] = &[
    "deviceManagementConfigurationSetting",
    "deviceManagementConfigurationPolicyTemplateReference",
    "deviceManagementConfigurationChoiceSettingValue",
    "deviceManagementConfigurationGroupSettingValue",
    "deviceManagementConfigurationSettingInstanceTemplateReference",
    "deviceManagementConfigurationSettingValueTemplateReference",
    "deviceComplianceScheduledActionForRule",
    "deviceComplianceActionItem",
];

fn strip(object: &mut Map<String, Value>) {
    object.retain(|name, _| {
        name == "@odata.type" || !(name.contains("@odata.") || name.starts_with('#'))
    });
    for inner in object.values_mut() {
        strip_inside(inner);
    }
}

fn strip_inside(value: &mut Value) {
    match value {
        Value::Object(object) => {
            strip(object);
            let declared = object
                .get("@odata.type")
                .and_then(Value::as_str)
                .and_then(|name| name.rsplit('.').next());
            if declared.is_some_and(|name| DECLARED.contains(&name)) {
                object.remove("@odata.type");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strip_inside),
        _ => {}
    }
}
