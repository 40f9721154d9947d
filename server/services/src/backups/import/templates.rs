//! Administrative templates whose values are exported with links to their definitions instead of the definitions.

use serde_json::{Map, Value, json};

/// Gives each value its definition, and each of its presentations, as a capture has them: with the id from the link and
/// what the export says beside it.
pub(super) fn with_definitions(policy: &mut Map<String, Value>) {
    for value in objects(policy.get_mut("definitionValues")) {
        linked(
            value,
            "definition",
            &[
                ("#Definition_displayName", "displayName"),
                ("#Definition_classType", "classType"),
                ("#Definition_categoryPath", "categoryPath"),
            ],
        );
        for shown in objects(value.get_mut("presentationValues")) {
            linked(shown, "presentation", &[("#Presentation_Label", "label")]);
        }
    }
}

pub(super) fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let items = list.and_then(Value::as_array_mut).into_iter().flatten();
    items.filter_map(Value::as_object_mut)
}

fn linked(value: &mut Map<String, Value>, relation: &str, beside: &[(&str, &str)]) {
    let bind = format!("{relation}@odata.bind");
    let Some(link) = value.get(&bind).and_then(Value::as_str) else {
        return;
    };
    // …/groupPolicyDefinitions('id')/presentations('id'): the last one is meant.
    let Some(id) = link.rsplit('\'').nth(1).map(str::to_owned) else {
        return;
    };
    if value.get(relation).is_some_and(Value::is_object) {
        return;
    }
    let mut target = Map::from_iter([("id".to_owned(), json!(id))]);
    for (said, member) in beside {
        if let Some(text) = value.get(*said).filter(|text| text.is_string()) {
            target.insert((*member).to_owned(), text.clone());
        }
    }
    value.insert(relation.to_owned(), Value::Object(target));
}
