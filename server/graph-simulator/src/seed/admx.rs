//! Administrative templates: definition values and the presentations inside them.

use serde_json::{Map, Value, json};

use super::{Pool, name, object, uuid_of};

const NAMES: &[&str] = &[
    "Windows – Administrative templates – Explorer",
    "Windows – Administrative templates – Office",
    "Windows – Administrative templates – OneDrive",
    "Windows – Administrative templates – Remote assistance",
    "Windows – Administrative templates – Printing",
    "Windows – Administrative templates – Edge",
];

/// Display name, category and class of definitions, with the kind of presentation they have.
const DEFINITIONS: &[(&str, &str, &str, &str)] = &[
    (
        "Turn off AutoPlay",
        "\\Windows Components\\AutoPlay Policies",
        "machine",
        "DropdownList",
    ),
    (
        "Hide these specified drives",
        "\\Windows Components\\File Explorer",
        "user",
        "DropdownList",
    ),
    (
        "Silently move known folders",
        "\\OneDrive",
        "machine",
        "TextBox",
    ),
    (
        "Limit the sync upload rate",
        "\\OneDrive",
        "user",
        "DecimalTextBox",
    ),
    (
        "Block macros from the internet",
        "\\Microsoft Word\\Trust Center",
        "user",
        "",
    ),
    (
        "Configure Solicited Remote Assistance",
        "\\System\\Remote Assistance",
        "machine",
        "DecimalTextBox",
    ),
    (
        "Package Point and Print - Approved servers",
        "\\Printers",
        "machine",
        "ListBox",
    ),
    (
        "Configure the home page URL",
        "\\Microsoft Edge\\Startup",
        "user",
        "TextBox",
    ),
];

pub(crate) fn make(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let values: Vec<Value> = (0..2 + pool.chance.below(4))
        .map(|at| definition_value(pool, index + at))
        .collect();
    object(json!({
        "@odata.type": "#microsoft.graph.groupPolicyConfiguration",
        "displayName": name(NAMES, index),
        "description": "",
        "policyConfigurationIngestionType": "builtIn",
        "definitionValues": values,
    }))
}

fn definition_value(pool: &mut Pool, which: usize) -> Value {
    let (title, category, class, presentation) = DEFINITIONS[which % DEFINITIONS.len()];
    let id = definition_id(title);
    let moment = pool.chance.moment();
    let presentations = if presentation.is_empty() {
        Vec::new()
    } else {
        vec![presentation_value(pool, presentation, &id)]
    };
    json!({
        "id": pool.chance.uuid(),
        "createdDateTime": moment, "lastModifiedDateTime": moment,
        "enabled": pool.chance.percent(85),
        "configurationType": "policy",
        "definition": definition(title, category, class),
        "presentationValues": presentations,
    })
}

fn presentation_value(pool: &mut Pool, shape: &str, definition: &str) -> Value {
    let (suffix, value) = match shape {
        "DropdownList" => ("Text", json!("255")),
        "TextBox" => ("Text", json!("https://intranet.contoso.example")),
        "DecimalTextBox" => ("Decimal", json!(pool.chance.below(120))),
        _ => ("List", Value::Null),
    };
    let mut made = json!({
        "@odata.type": format!("#microsoft.graph.groupPolicyPresentationValue{suffix}"),
        "id": pool.chance.uuid(),
        "createdDateTime": "2024-06-01T00:00:00Z", "lastModifiedDateTime": "2024-06-01T00:00:00Z",
        "presentation": presentation(shape, definition),
    });
    if let Some(object) = made.as_object_mut() {
        if suffix == "List" {
            object.insert("values".to_owned(), json!([{"name": "print01.contoso.example", "value": null}, {"name": "print02.contoso.example", "value": null}]));
        } else {
            object.insert("value".to_owned(), value);
        }
    }
    made
}

/// Built-in definitions have the same ids in every tenant.
fn definition_id(title: &str) -> String {
    uuid_of(&format!("definition {title}"))
}

fn definition(title: &str, category: &str, class: &str) -> Value {
    json!({
        "id": definition_id(title), "classType": class, "displayName": title, "categoryPath": category,
        "explainText": format!("{title}, as described in the administrative template."),
        "supportedOn": "At least Windows 10", "policyType": "admxBacked", "hasRelatedDefinitions": false,
        "groupPolicyCategoryId": uuid_of(category), "minDeviceCspVersion": "5.0", "minUserCspVersion": "5.0", "version": "1.0",
        "lastModifiedDateTime": "2024-06-01T00:00:00Z",
    })
}

fn presentation_id(definition: &str) -> String {
    uuid_of(&format!("presentation {definition}"))
}

fn presentation(shape: &str, definition: &str) -> Value {
    json!({
        "@odata.type": format!("#microsoft.graph.groupPolicyPresentation{shape}"),
        "id": presentation_id(definition), "label": "Value", "lastModifiedDateTime": "2024-06-01T00:00:00Z",
    })
}

/// Replaces the links that a client sends (`definition@odata.bind`, `presentation@odata.bind`) by what they point to.
/// A definition that this simulator does not know keeps its id only.
pub(crate) fn bind(value: &mut Map<String, Value>) {
    if let Some(id) = value
        .remove("definition@odata.bind")
        .as_ref()
        .and_then(linked)
    {
        let known = DEFINITIONS
            .iter()
            .find(|(title, ..)| definition_id(title) == id);
        let bound = known.map_or_else(
            || json!({"id": id}),
            |(title, category, class, _)| definition(title, category, class),
        );
        value.insert("definition".to_owned(), bound);
    }
    for shown in value
        .get_mut("presentationValues")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let Some(shown) = shown.as_object_mut() else {
            continue;
        };
        shown
            .entry("id")
            .or_insert_with(|| json!(uuid::Uuid::new_v4().to_string()));
        if let Some(id) = shown
            .remove("presentation@odata.bind")
            .as_ref()
            .and_then(linked)
        {
            let known = DEFINITIONS
                .iter()
                .find(|(title, ..)| presentation_id(&definition_id(title)) == id);
            let bound = known.map_or_else(
                || json!({"id": id}),
                |(title, _, _, shape)| presentation(shape, &definition_id(title)),
            );
            shown.insert("presentation".to_owned(), bound);
        }
    }
}

/// The id in the last key of a link, `…('id')` or `…/id`.
fn linked(link: &Value) -> Option<String> {
    let text = link.as_str()?;
    let last = text.rsplit(['/', '(']).next()?;
    Some(last.trim_matches(['\'', ')']).to_owned())
}
