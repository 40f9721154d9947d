//! What a policy refers to has to be there before it.

use serde_json::{Map, Value};

use crate::call::Call;
use crate::catalog_templates;
use crate::error::GraphError;
use crate::guard::{lock, read};
use crate::kind::Kind;
use crate::tenant::Data;

const NOTHING: &str = "00000000-0000-0000-0000-000000000000";
/// Everyone and every device, as app protection names them; no directory holds these groups.
pub(crate) const EVERYONE: [&str; 2] = [
    "acacacac-9df4-4c7d-9d50-4ef0226f57a9",
    "adadadad-808e-44e2-905a-0b7873a8a531",
];

fn is_there(data: &Data, path: &'static str, id: &str) -> bool {
    let all = data.policies.get(path);
    all.is_some_and(|all| all.get(id).is_some())
}

/// Checks what the content of a new policy, or of one that replaces another, refers to.
///
/// A missing reusable setting is refused as Intune was seen to refuse it. Whether it looks for
/// apps and notification templates is not known, so that is checked only where it is switched on.
pub(crate) fn check(
    call: &Call<'_>,
    kind: &Kind,
    object: &Map<String, Value>,
) -> Result<(), GraphError> {
    catalog_templates::check(call, object)?;
    let data = read(&call.tenant.data);
    if kind.segment() == "configurationPolicies" {
        let mut ids = Vec::new();
        object
            .values()
            .for_each(|value| reusable_in(value, &mut ids));
        let reusable = "deviceManagement/reusablePolicySettings";
        if let Some(missing) = ids.into_iter().find(|id| !is_there(&data, reusable, id)) {
            let template = object.get("templateReference");
            let template = template.and_then(|template| template["templateId"].as_str());
            return Err(GraphError::intune(
                400,
                "BadRequest",
                &format!(
                    "Invalid Reference id found in Policy created from Template {}. InvalidReferenceId {missing}",
                    template.unwrap_or_default()
                ),
            ));
        }
    }
    if !lock(&call.tenant.faults).faults.check_references {
        return Ok(());
    }
    check_actions(object.get("scheduledActionsForRule"), &data)?;
    let apps = object.get("targetedMobileApps").and_then(Value::as_array);
    for app in apps.into_iter().flatten().filter_map(Value::as_str) {
        if !is_there(&data, "deviceAppManagement/mobileApps", app) {
            return Err(missing("app", app));
        }
    }
    Ok(())
}

/// Checks the notification templates and copied groups of scheduled actions.
pub(crate) fn check_schedule(call: &Call<'_>, rules: &Value) -> Result<(), GraphError> {
    if !lock(&call.tenant.faults).faults.check_references {
        return Ok(());
    }
    check_actions(Some(rules), &read(&call.tenant.data))
}

fn check_actions(rules: Option<&Value>, data: &Data) -> Result<(), GraphError> {
    let rules = rules.and_then(Value::as_array).into_iter().flatten();
    let actions = rules
        .filter_map(|rule| rule["scheduledActionConfigurations"].as_array())
        .flatten();
    for action in actions {
        let template = action["notificationTemplateId"].as_str();
        if let Some(id) = template.filter(|id| !id.is_empty() && *id != NOTHING)
            && !is_there(data, "deviceManagement/notificationMessageTemplates", id)
        {
            return Err(missing("notification message template", id));
        }
        let copies = action["notificationMessageCCList"].as_array();
        for group in copies.into_iter().flatten().filter_map(Value::as_str) {
            check_group(data, group)?;
        }
    }
    Ok(())
}

/// Checks a group that something is assigned to.
pub(crate) fn check_target(call: &Call<'_>, target: &Map<String, Value>) -> Result<(), GraphError> {
    let group = target.get("groupId").and_then(Value::as_str);
    match group {
        Some(group) if lock(&call.tenant.faults).faults.check_references => {
            check_group(&read(&call.tenant.data), group)
        }
        _ => Ok(()),
    }
}

fn check_group(data: &Data, group: &str) -> Result<(), GraphError> {
    if EVERYONE.contains(&group) || data.groups.collection.get(group).is_some() {
        return Ok(());
    }
    Err(missing("group", group))
}

fn missing(what: &str, id: &str) -> GraphError {
    GraphError::intune(
        400,
        "BadRequest",
        &format!("The {what} '{id}' does not exist."),
    )
}

fn reusable_in<'a>(value: &'a Value, ids: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| reusable_in(item, ids)),
        Value::Object(members) => {
            let of_type = members.get("@odata.type").and_then(Value::as_str);
            if of_type.is_some_and(|name| name.ends_with("ConfigurationReferenceSettingValue")) {
                ids.extend(members.get("value").and_then(Value::as_str));
            }
            members.values().for_each(|inner| reusable_in(inner, ids));
        }
        _ => {}
    }
}
