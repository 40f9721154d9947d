//! What Intune refuses to store, and with which words.

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::error::GraphError;
use crate::guard::{lock, read};
use crate::kind::{IdShape, Kind};

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
    check_name(kind, object)?;
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
    Ok(())
}

/// Refuses properties that only the server writes, where the tenant is told to.
pub(crate) fn check_owned(
    call: &Call<'_>,
    kind: &Kind,
    sent: &Map<String, Value>,
) -> Result<(), GraphError> {
    if !lock(&call.tenant.faults).faults.refuse_read_only {
        return Ok(());
    }
    let settings = sent.get("omaSettings").and_then(Value::as_array);
    let encrypted = settings
        .into_iter()
        .flatten()
        .any(|setting| setting.get("isEncrypted").is_some());
    let owned = sent.keys().map(String::as_str).find(|name| kind.owns(name));
    match owned.or(encrypted.then_some("isEncrypted")) {
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
            if Kind::of_type(name).is_none() {
                return Err(invalid_model(&format!(
                    "A type named 'microsoft.graph.{}' could not be resolved by the model.",
                    short(name)
                )));
            }
            Err(misplaced(name, kind.types.first().unwrap_or(&"entity")))
        }
    }
}

/// The type without what all types have in front.
fn short(odata_type: &str) -> &str {
    odata_type
        .trim_start_matches('#')
        .trim_start_matches("microsoft.graph.")
}

fn misplaced(odata_type: &str, expected: &str) -> GraphError {
    invalid_model(&format!(
        "An entry with type 'microsoft.management.services.api.{}' was found, but it is not assignable to the expected \
         type 'microsoft.management.services.api.{expected}'.",
        short(odata_type)
    ))
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

/// Autopilot profiles have no hyphen in their names.
fn check_name(kind: &Kind, object: &Map<String, Value>) -> Result<(), GraphError> {
    let name = object.get(kind.name).and_then(Value::as_str);
    if kind.assigns_each() && name.is_some_and(|name| name.contains('-')) {
        return Err(refused(
            kind,
            "The name contains an invalid character: '-'.",
        ));
    }
    Ok(())
}

/// Checks the body of a PATCH against the object that it changes.
pub(crate) fn check_patch(
    kind: &Kind,
    changes: &Map<String, Value>,
    before: &Value,
) -> Result<(), GraphError> {
    if let Some(odata_type) = changes.get("@odata.type").and_then(Value::as_str) {
        check_type(kind, Some(odata_type))?;
        let actual = before["@odata.type"].as_str().unwrap_or_default();
        if short(odata_type) != short(actual) {
            return Err(misplaced(odata_type, short(actual)));
        }
    }
    check_name(kind, changes)?;
    if let Some(fixed) = kind.fixed.iter().find(|name| changes.contains_key(**name)) {
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

/// Built-in objects and tenant defaults stay, and an Autopilot profile as long as it is assigned.
pub(crate) fn check_delete(kind: &Kind, object: &Value) -> Result<(), GraphError> {
    let flag = |name: &str| object.get(name).and_then(Value::as_bool).unwrap_or(false);
    if flag("isBuiltIn") || flag("isGlobalScript") || is_default(kind, object) {
        return Err(refused(kind, "Built-in objects cannot be deleted."));
    }
    let assignments = object.get("assignments").and_then(Value::as_array);
    if kind.assigns_each() && assignments.is_some_and(|all| !all.is_empty()) {
        return Err(refused(kind, "An assigned profile cannot be deleted."));
    }
    Ok(())
}

/// The default of a tenant reaches everyone as it is.
pub(crate) fn check_assign(kind: &Kind, object: &Value) -> Result<(), GraphError> {
    if is_default(kind, object) {
        return Err(refused(
            kind,
            "The default configuration cannot be assigned.",
        ));
    }
    Ok(())
}

fn is_default(kind: &Kind, object: &Value) -> bool {
    kind.id == IdShape::Enrollment && object.get("priority") == Some(&json!(0))
}
