//! What counts as a difference and what does not.
#![allow(clippy::unwrap_used)]

mod catalog;
mod collections;
mod plain;
mod properties;
mod real_files;
mod templates;

use serde_json::{Value, json};

use super::{CatalogNames, Difference};

fn compare(before: &Value, after: &Value) -> Vec<Difference> {
    super::compare(before, after, &CatalogNames::new())
}

/// Path, before and after of the differences; what is not there is null.
fn changes(before: &Value, after: &Value) -> Vec<(String, Value, Value)> {
    let told = |difference: Difference| {
        let (before, after) = (difference.before, difference.after);
        (
            difference.path,
            before.unwrap_or_default(),
            after.unwrap_or_default(),
        )
    };
    compare(before, after).into_iter().map(told).collect()
}

#[track_caller]
fn assert_changes(before: &Value, after: &Value, expected: &[(&str, Value, Value)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(path, before, after)| ((*path).to_owned(), before.clone(), after.clone()))
        .collect();
    assert_eq!(changes(before, after), expected);
    let swapped: Vec<_> = expected
        .into_iter()
        .map(|(path, before, after)| (path, after, before))
        .collect();
    assert_eq!(changes(after, before), swapped, "the other way round");
}

#[track_caller]
fn assert_same(one: &Value, other: &Value) {
    assert_changes(one, other, &[]);
}

fn labels(before: &Value, after: &Value) -> Vec<String> {
    compare(before, after)
        .into_iter()
        .map(|difference| difference.label)
        .collect()
}

// Settings of a catalog, as Graph writes them.

fn policy(instances: Vec<Value>) -> Value {
    let settings: Vec<Value> = instances
        .into_iter()
        .enumerate()
        .map(|(index, instance)| json!({"id": index.to_string(), "settingInstance": instance}))
        .collect();
    json!({"name": "Baseline", "settings": settings})
}

fn choice(id: &str, value: &str, children: Vec<Value>) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
        "settingDefinitionId": id,
        "choiceSettingValue": {"value": format!("{id}_{value}"), "children": children},
    })
}

fn typed(value: Value) -> Value {
    let kind = if value.is_number() {
        "Integer"
    } else {
        "String"
    };
    let kind = format!("#microsoft.graph.deviceManagementConfiguration{kind}SettingValue");
    json!({"@odata.type": kind, "settingValueTemplateReference": null, "value": value})
}

fn simple(id: &str, value: impl Into<Value>) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
        "settingDefinitionId": id,
        "simpleSettingValue": typed(value.into()),
    })
}

fn many(id: &str, values: &[&str]) -> Value {
    let values: Vec<Value> = values.iter().map(|value| typed((*value).into())).collect();
    json!({"settingDefinitionId": id, "simpleSettingCollectionValue": values})
}

fn groups(id: &str, entries: Vec<Vec<Value>>) -> Value {
    let entries = entries
        .into_iter()
        .map(|children| json!({"children": children}));
    json!({"settingDefinitionId": id, "groupSettingCollectionValue": entries.collect::<Vec<_>>()})
}

/// An entry with a name of its own.
fn rule(name: &str, port: i64) -> Vec<Value> {
    vec![
        simple("rules_{rule}_name", name),
        simple("rules_{rule}_port", port),
    ]
}
