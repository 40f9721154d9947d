//! Administrative templates: values found by the definition they set.

use serde_json::{Map, Value};

use super::{
    plain, sameness,
    tree::{Entry, Leaf, Node, Pairing},
};

/// Adds the values of an administrative template.
pub(super) fn put(node: &mut Node, values: &[Value]) {
    let entries = values
        .iter()
        .filter_map(Value::as_object)
        .map(definition_value);
    let place = node.place("definitionValues", String::new(), Pairing::Key);
    place.list = true;
    place.entries = entries.collect();
}

fn definition_value(value: &Map<String, Value>) -> Entry {
    let definition = &value.get("definition").unwrap_or(&Value::Null);
    let text = |member: &str| definition[member].as_str().unwrap_or_default().trim();
    let name = text("displayName");
    // The id of a definition someone uploaded differs from tenant to tenant; this does not.
    let known_as = format!("{}:{name}:{}", text("classType"), text("categoryPath"));
    let mut node = plain::object(
        value,
        &[
            "id",
            "definition",
            "definition@odata.bind",
            "enabled",
            "presentationValues",
        ],
    );
    if let Some(enabled) = value.get("enabled").filter(|enabled| enabled.is_boolean()) {
        let word = if enabled == &Value::Bool(true) {
            "Enabled"
        } else {
            "Disabled"
        };
        node.leaf = Some(Leaf {
            raw: enabled.clone(),
            shown: Some(word.into()),
        });
    }
    if let Some(Value::Array(presented)) = value.get("presentationValues") {
        let place = node.place("presentationValues", String::new(), Pairing::Key);
        place.list = true;
        let presented = presented.iter().filter_map(Value::as_object);
        place.entries = presented.map(presentation_value).collect();
    }
    Entry {
        keys: vec![
            reference(value, "definition"),
            (!name.is_empty()).then_some(known_as),
        ],
        title: Some(match (name, text("classType")) {
            ("", _) => "Setting".to_owned(),
            (name, "user") => format!("{name} (user)"),
            (name, _) => name.to_owned(),
        }),
        node,
    }
}

fn presentation_value(value: &Map<String, Value>) -> Entry {
    let label = value
        .get("presentation")
        .map(|presentation| &presentation["label"]);
    let label = label.and_then(Value::as_str).unwrap_or_default();
    let label = label.trim().trim_end_matches(':').trim_end();
    Entry {
        keys: vec![
            reference(value, "presentation"),
            (!label.is_empty()).then(|| label.to_owned()),
        ],
        title: Some(if label.is_empty() { "Value" } else { label }.to_owned()),
        node: presented(value),
    }
}

fn presented(value: &Map<String, Value>) -> Node {
    let Some(given) = ["value", "values"]
        .into_iter()
        .find_map(|member| value.get(member))
    else {
        return Node::default();
    };
    if sameness::is_empty(given) {
        return Node::default();
    }
    let (compared, shown) = match given {
        Value::Array(items) => (
            sameness::set(items).into_iter().collect(),
            items.iter().map(listed).collect(),
        ),
        single => (single.clone(), single.clone()),
    };
    let kind = value.get("@odata.type").cloned().unwrap_or_default();
    Node::leaf(Leaf {
        raw: serde_json::json!({ "@odata.type": kind, "value": compared }),
        shown: Some(shown),
    })
}

/// An entry of a list with names and values, on one line; any other entry as it is.
fn listed(item: &Value) -> Value {
    match (item["name"].as_str(), item["value"].as_str()) {
        (Some(name), Some(value)) if !value.is_empty() => format!("{name}: {value}").into(),
        (Some(name), _) => name.into(),
        _ => item.clone(),
    }
}

/// The id of what a value belongs to, read with it or only referred to:
/// `definition@odata.bind: "https://…/groupPolicyDefinitions('{id}')"`.
fn reference(value: &Map<String, Value>, member: &str) -> Option<String> {
    let expanded = value.get(member).and_then(|object| object["id"].as_str());
    let bound = || {
        let url = value.get(&format!("{member}@odata.bind"))?.as_str()?;
        url.strip_suffix("')")?.rsplit("('").next()
    };
    let id = expanded.or_else(bound).filter(|id| !id.is_empty());
    id.map(str::to_owned)
}
