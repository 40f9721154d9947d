//! What Intune refuses to store, and with which words.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::Call;
use crate::error::GraphError;
use crate::guard::{lock, read};
use crate::kind::Kind;
use crate::write::is_read_only;

fn invalid_model(sentence: &str) -> GraphError {
    GraphError::intune(400, "ModelValidationFailure", sentence)
}

/// Checks an object that is about to be created or put in place of another.
pub(crate) fn check_new(kind: &Kind, object: &Map<String, Value>) -> Result<(), GraphError> {
    check_type(kind, object.get("@odata.type").and_then(Value::as_str))?;
    let named = object
        .get(kind.name)
        .and_then(Value::as_str)
        .is_some_and(|name| !name.trim().is_empty());
    if !named {
        return Err(refused(
            kind,
            &format!("Property '{}' is required.", kind.name),
        ));
    }
    let filled = |name: &str| {
        object
            .get(name)
            .and_then(Value::as_array)
            .is_some_and(|items| !items.is_empty())
    };
    if kind.counts_settings() && !filled("settings") {
        return Err(invalid_model("Policy must contain at least one setting."));
    }
    if kind.segment() == "reusablePolicySettings"
        && !object.get("settingInstance").is_some_and(Value::is_object)
    {
        return Err(invalid_model("Property 'settingInstance' is required."));
    }
    if kind.segment() == "deviceCompliancePolicies" && !has_block_action(object) {
        return Err(invalid_model(
            "Compliance policy must have one scheduled action of type 'block'.",
        ));
    }
    for setting in object
        .get("omaSettings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if setting
            .get("secretReferenceValueId")
            .is_some_and(|id| !id.is_null())
        {
            return Err(GraphError::intune(
                400,
                "NotSupported",
                "SecretReferenceValueId invalid for create.",
            ));
        }
    }
    Ok(())
}

/// Refuses properties that only the server writes, where the tenant is told to.
pub(crate) fn check_read_only(
    call: &Call<'_>,
    sent: &Map<String, Value>,
) -> Result<(), GraphError> {
    if !lock(&call.tenant.faults).faults.refuse_read_only {
        return Ok(());
    }
    match sent.keys().find(|name| is_read_only(name)) {
        None => Ok(()),
        Some(name) => Err(invalid_model(&format!("Property '{name}' is read-only."))),
    }
}

/// Refuses a name that is taken, where the tenant is told to.
pub(crate) fn check_unique(call: &Call<'_>, kind: &Kind, name: &str) -> Result<(), GraphError> {
    if !lock(&call.tenant.faults).wants_unique_names(kind.path) {
        return Ok(());
    }
    let data = read(&call.tenant.data);
    let all = data.policies.get(kind.store);
    let taken = all
        .into_iter()
        .flat_map(|all| all.after(0))
        .any(|(_, other)| other.value.get(kind.name).and_then(Value::as_str) == Some(name));
    if taken {
        return Err(refused(kind, &format!("'{name}' exists already.")));
    }
    Ok(())
}

fn refused(kind: &Kind, sentence: &str) -> GraphError {
    GraphError::of(kind.area, 400, "BadRequest", sentence)
}

fn check_type(kind: &Kind, odata_type: Option<&str>) -> Result<(), GraphError> {
    match odata_type {
        None if kind.is_polymorphic() => Err(invalid_model(
            "Cannot create an abstract class: the annotation '@odata.type' is missing.",
        )),
        None => Ok(()),
        Some(name) if kind.takes(name) => Ok(()),
        Some(name) => {
            let short = name
                .trim_start_matches('#')
                .trim_start_matches("microsoft.graph.");
            if Kind::of_type(name).is_none() {
                return Err(GraphError::bad_request(format!(
                    "A type named 'microsoft.graph.{short}' could not be resolved by the model."
                )));
            }
            let expected = kind.types.first().unwrap_or(&"entity");
            Err(invalid_model(&format!(
                "An entry with type 'microsoft.management.services.api.{short}' was found, but it is not assignable to \
                 the expected type 'microsoft.management.services.api.{expected}'."
            )))
        }
    }
}

fn has_block_action(object: &Map<String, Value>) -> bool {
    let rules = object
        .get("scheduledActionsForRule")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut actions = rules
        .filter_map(|rule| rule.get("scheduledActionConfigurations")?.as_array())
        .flatten();
    actions.any(|action| action.get("actionType").and_then(Value::as_str) == Some("block"))
}

/// Checks the body of a PATCH.
pub(crate) fn check_patch(kind: &Kind, changes: &Map<String, Value>) -> Result<(), GraphError> {
    if let Some(odata_type) = changes.get("@odata.type").and_then(Value::as_str) {
        check_type(kind, Some(odata_type))?;
    }
    let fixed = match kind.segment() {
        "intents" => "templateId",
        "mobileAppConfigurations" => "targetedMobileApps",
        _ => "",
    };
    if changes.contains_key(fixed) {
        return Err(refused(
            kind,
            &format!("Property '{fixed}' cannot be changed."),
        ));
    }
    let navigation = kind
        .relations
        .iter()
        .find(|relation| **relation != "assignments" && changes.contains_key(**relation));
    if let Some(relation) = navigation {
        let entity = kind.types.first().unwrap_or(&"entity");
        return Err(GraphError::intune(
            400,
            "BadRequest",
            &format!(
                "Cannot apply PATCH to navigation property '{relation}' on entity type \
                 'microsoft.management.services.api.{entity}'."
            ),
        ));
    }
    Ok(())
}

/// Built-in objects and tenant defaults stay.
pub(crate) fn check_delete(kind: &Kind, object: &Value) -> Result<(), GraphError> {
    let flag = |name: &str| object.get(name).and_then(Value::as_bool).unwrap_or(false);
    let is_default = kind.segment() == "deviceEnrollmentConfigurations"
        && object.get("priority") == Some(&json!(0));
    if flag("isBuiltIn") || flag("isGlobalScript") || is_default {
        return Err(refused(kind, "Built-in objects cannot be deleted."));
    }
    Ok(())
}

/// Replaces values that were sent for encryption by `****` and keeps the plain text aside.
pub(crate) fn hide_secrets(object: &mut Map<String, Value>) {
    let mut secrets = Map::new();
    for setting in object
        .get_mut("omaSettings")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let Some(setting) = setting.as_object_mut() else {
            continue;
        };
        if setting.get("isEncrypted").and_then(Value::as_bool) == Some(true)
            && let Some(plain) = setting.insert("value".to_owned(), json!("****"))
        {
            let reference = Uuid::new_v4().to_string();
            setting.insert("secretReferenceValueId".to_owned(), json!(reference));
            secrets.insert(reference, plain);
        }
    }
    if !secrets.is_empty() {
        object.insert("~secrets".to_owned(), Value::Object(secrets));
    }
}
