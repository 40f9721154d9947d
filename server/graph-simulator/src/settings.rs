//! Setting definitions for settings-catalog instances, made up from the ids that a policy uses.

use serde_json::{Value, json};

use crate::seed::catalog::WORDS;

/// The definitions of an instance and of everything nested in it, each once.
pub(crate) fn definitions_of(instance: Option<&Value>) -> Value {
    let mut found: Vec<(String, String)> = Vec::new();
    if let Some(instance) = instance {
        collect(instance, &mut found);
    }
    Value::Array(
        found
            .iter()
            .map(|(id, shape)| definition(id, shape))
            .collect(),
    )
}

fn collect(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            if let Some(id) = object.get("settingDefinitionId").and_then(Value::as_str)
                && !found.iter().any(|(known, _)| known == id)
            {
                let shape = object
                    .get("@odata.type")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                found.push((
                    id.to_owned(),
                    shape
                        .replace("SettingInstance", "SettingDefinition")
                        .replace("Instance", "Definition"),
                ));
            }
            object.values().for_each(|inner| collect(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, found)),
        _ => {}
    }
}

fn definition(id: &str, shape: &str) -> Value {
    let name = id.rsplit('_').find(|part| part.len() > 2).unwrap_or(id);
    let mut definition = json!({
        "@odata.type": shape,
        "id": id,
        "name": name,
        "displayName": title(name),
        "description": format!("Configures {}.", title(name)),
        "rootDefinitionId": id,
        "baseUri": "./Device/Vendor/MSFT/Policy",
        "offsetUri": format!("/{}", id.replace('_', "/")),
        "categoryId": "00000000-0000-0000-0000-000000000000",
        "keywords": [],
        "infoUrls": [],
        "version": "1",
    });
    if shape.contains("Choice")
        && let Some(object) = definition.as_object_mut()
    {
        let option = |suffix: &str, label: &str| json!({"itemId": format!("{id}_{suffix}"), "name": label, "displayName": label});
        object.insert(
            "options".to_owned(),
            json!([option("0", "Disabled"), option("1", "Enabled")]),
        );
    }
    definition
}

/// What people read for the last word of an id: known for the policies that come with the simulator, else the word with a
/// large first letter.
fn title(word: &str) -> String {
    let known = WORDS.iter().find_map(|(start, title)| {
        let number = word.strip_prefix(start)?;
        let is_number = number.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| format!("{title} {number}").trim_end().to_owned())
    });
    known.unwrap_or_else(|| {
        let mut letters = word.chars();
        let first = letters.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(letters).collect()
    })
}
