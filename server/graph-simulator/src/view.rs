//! Turns a stored object into what Graph shows of it: relations, hidden properties, `$select`, annotations.

use serde_json::{Map, Value, json};

use crate::address::Version;
use crate::call::Call;
use crate::error::GraphError;
use crate::expand::{Expansion, relations_below};
use crate::kind::Kind;
use crate::settings::definitions_of;

/// Prefix of properties that the simulator keeps for itself, such as the plain text of an encrypted value.
pub(crate) const SECRET: char = '~';

/// Refuses to expand what does not exist.
pub(crate) fn check_expansions(kind: &Kind, expansions: &[Expansion]) -> Result<(), GraphError> {
    match expansions
        .iter()
        .find(|expansion| !kind.relations.contains(&expansion.name.as_str()))
    {
        None => Ok(()),
        Some(unknown) => Err(GraphError::bad_request(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{}' on type 'microsoft.graph.{}'.",
            unknown.name,
            kind.types.first().unwrap_or(&"entity"),
        ))),
    }
}

/// What `call` shows of `object`; `listed` leaves out what lists leave out.
pub(crate) fn show(
    call: &Call<'_>,
    kind: &Kind,
    object: &Value,
    expansions: &[Expansion],
    listed: bool,
) -> Value {
    let selected = call.query.select();
    let id = object.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut shown = Map::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        if name.starts_with(SECRET) || (listed && kind.hidden_in_lists.contains(&name.as_str())) {
            continue;
        }
        if kind.relations.contains(&name.as_str()) {
            if let Some(expansion) = Expansion::find(expansions, name) {
                let context = format!("$metadata#{}('{id}')/{name}", kind.path);
                shown.insert(
                    format!("{name}@odata.context"),
                    Value::String(call.absolute(&context)),
                );
                shown.insert(
                    name.clone(),
                    related(value, name, &expansion.inner, call.address.version),
                );
            }
            continue;
        }
        if name == "@odata.type" {
            if kind.is_polymorphic() || call.full_metadata {
                shown.insert(name.clone(), value.clone());
            }
            continue;
        }
        let wanted = match &selected {
            Some(names) => names.contains(&name.as_str()),
            None => !kind.only_selected.contains(&name.as_str()),
        };
        // Relations of other addresses of the same store, and what v1.0 does not know.
        let known = !(kind.is_view_sibling_relation(name)
            || call.address.version == Version::V1 && name == "roleScopeTagIds");
        if wanted && known {
            shown.insert(name.clone(), value.clone());
        }
    }
    if call.full_metadata {
        annotate(call, kind, id, object, &mut shown);
    }
    Value::Object(shown)
}

/// Related objects with their own relations left out unless expanded.
pub(crate) fn related(
    value: &Value,
    relation: &str,
    expansions: &[Expansion],
    version: Version,
) -> Value {
    match value {
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| related(item, relation, expansions, version))
                .collect(),
        ),
        Value::Object(object) => {
            let below = relations_below(relation);
            let mut shown = Map::new();
            for (name, value) in object {
                if below.contains(&name.as_str()) {
                    if let Some(expansion) = Expansion::find(expansions, name) {
                        shown.insert(
                            name.clone(),
                            related(value, name, &expansion.inner, version),
                        );
                    }
                } else if name == "target" && version == Version::V1 {
                    shown.insert(name.clone(), without_filter(value));
                } else {
                    shown.insert(name.clone(), value.clone());
                }
            }
            if relation == "settings" && Expansion::find(expansions, "settingDefinitions").is_some()
            {
                shown.insert(
                    "settingDefinitions".to_owned(),
                    definitions_of(object.get("settingInstance")),
                );
            }
            Value::Object(shown)
        }
        other => other.clone(),
    }
}

/// Assignment filters exist in beta only.
fn without_filter(target: &Value) -> Value {
    let mut target = target.clone();
    if let Some(target) = target.as_object_mut() {
        target.retain(|name, _| !name.starts_with("deviceAndAppManagementAssignmentFilter"));
    }
    target
}

/// The annotations of `odata.metadata=full` that a client has to remove before it writes an object back.
fn annotate(
    call: &Call<'_>,
    kind: &Kind,
    id: &str,
    object: &Value,
    shown: &mut Map<String, Value>,
) {
    let entity = format!("{}('{id}')", kind.path);
    shown.insert("@odata.id".to_owned(), json!(entity));
    shown.insert("@odata.editLink".to_owned(), json!(entity));
    if object.get("@odata.type").is_none() {
        let declared = kind.types.first().unwrap_or(&"entity");
        shown.insert(
            "@odata.type".to_owned(),
            json!(format!("#microsoft.graph.{declared}")),
        );
    }
    for (name, annotation) in [
        ("roleScopeTagIds", "#Collection(String)"),
        ("createdDateTime", "#DateTimeOffset"),
        ("lastModifiedDateTime", "#DateTimeOffset"),
    ] {
        if shown.contains_key(name) {
            shown.insert(format!("{name}@odata.type"), json!(annotation));
        }
    }
    for relation in kind.relations {
        let link = call.absolute(&format!("{entity}/{relation}"));
        shown.insert(
            format!("{relation}@odata.associationLink"),
            json!(format!("{link}/$ref")),
        );
        shown.insert(format!("{relation}@odata.navigationLink"), json!(link));
    }
    if kind.assign_key.is_some() {
        let target = call.absolute(&format!("{entity}/microsoft.graph.assign"));
        shown.insert(
            "#microsoft.graph.assign".to_owned(),
            json!({"title": "microsoft.graph.assign", "target": target}),
        );
    }
}
