//! The one form in which two policies with the same effect are equal.

use serde_json::{Map, Value, json};

use crate::{
    intents,
    messages::{self, MESSAGES},
};

/// Members that no difference is about; scope tags are restored all the same.
pub(crate) const NEVER: [&str; 6] = [
    "roleScopeTagIds",
    "roleScopeTags",
    "templateId",
    "source",
    "package",
    "lastSuccessfulSyncDateTime",
];

/// Settings whose value belongs to the tenant: its own onboarding to Defender.
const OF_THE_TENANT: [&str; 4] = [
    "device_vendor_msft_windowsadvancedthreatprotection_onboarding",
    "device_vendor_msft_windowsadvancedthreatprotection_onboarding_fromconnector",
    "device_vendor_msft_windowsadvancedthreatprotection_offboarding",
    "device_vendor_msft_windowsadvancedthreatprotection_offboarding_fromconnector",
];

/// `members` are the content without what the service owns; `captured` still has the ids that definition values need.
pub(crate) fn canonical(mut members: Map<String, Value>, captured: &Value) -> Value {
    if let Some(Value::Array(settings)) = members.get_mut("settings") {
        settings.retain(|setting| {
            let id = &setting["settingInstance"]["settingDefinitionId"];
            id.as_str().is_none_or(|id| !OF_THE_TENANT.contains(&id))
        });
    }
    if let Some(values) = captured["definitionValues"].as_array() {
        let mut values: Vec<Value> = values.iter().map(definition_value).collect();
        values.sort_by_cached_key(|value| value["definition"].to_string());
        members.insert("definitionValues".to_owned(), Value::Array(values));
    }
    if let Some(settings) = members.get_mut("settings") {
        intents::for_comparing(settings);
    }
    if let Some(messages) = members.get_mut(MESSAGES) {
        messages::for_comparing(messages);
    }
    plain("", Value::Object(members))
}

/// A definition is named by what is the same in every tenant; ids of imported definitions are not.
fn definition_value(value: &Value) -> Value {
    let definition = &value["definition"];
    let inner = value["presentationValues"].as_array();
    let mut presentations: Vec<Value> = inner.into_iter().flatten().map(presentation).collect();
    presentations.sort_by_cached_key(|value| value["presentation"].to_string());
    json!({
        "enabled": value["enabled"],
        "configurationType": value["configurationType"],
        "definition": {
            "classType": definition["classType"],
            "displayName": definition["displayName"],
            "categoryPath": definition["categoryPath"],
        },
        "presentationValues": presentations,
    })
}

fn presentation(value: &Value) -> Value {
    let shown = &value["presentation"];
    json!({
        "@odata.type": value["@odata.type"],
        "value": value["value"],
        "values": value["values"],
        "presentation": {"id": shown["id"], "label": shown["label"]},
    })
}

/// Absent, null, "" and [] are the same; lists of what is included or excluded are sets.
fn plain(name: &str, value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let value = plain(&name, value);
                (name, value)
            })
            .filter(|(_, value)| !is_empty(value))
            .collect(),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(|item| plain("", item)).collect();
            if name.starts_with("include") || name.starts_with("exclude") {
                items.sort_by_cached_key(Value::to_string);
                items.dedup();
            }
            Value::Array(items)
        }
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::PolicyKind;

    #[test]
    fn policies_that_do_the_same_are_equal_and_zero_is_not_nothing() {
        let access = PolicyKind::by_key("conditional_access").unwrap();
        let one = json!({"id": "1", "displayName": "A", "description": null, "modifiedDateTime": "x",
            "conditions": {"users": {"includeGroups": ["b", "a"], "excludeGroups": []}}});
        let other = json!({"id": "2", "displayName": "A", "description": "",
            "conditions": {"users": {"includeGroups": ["a", "b"]}}});
        assert_eq!(access.comparable(&one), access.comparable(&other));

        let catalog = PolicyKind::by_key("settings_catalog").unwrap();
        let with = |value: Value| {
            json!({"name": "A", "roleScopeTagIds": [value], "settings": [{"id": "0",
            "settingInstance": {"settingDefinitionId": "a", "simpleSettingValue": {"value": value}}}]})
        };
        assert_ne!(
            catalog.comparable(&with(json!(0))),
            catalog.comparable(&with(Value::Null))
        );
        assert!(
            catalog.comparable(&with(json!(0)))["roleScopeTagIds"].is_null(),
            "scope tags are no difference"
        );
    }

    #[test]
    fn a_tenant_s_own_onboarding_is_no_difference() {
        let catalog = PolicyKind::by_key("settings_catalog").unwrap();
        let with = |blob: &str| {
            json!({"name": "EDR", "settings": [{"settingInstance": {
            "settingDefinitionId": OF_THE_TENANT[1], "simpleSettingValue": {"value": blob}}}]})
        };
        assert_eq!(
            catalog.comparable(&with("one")),
            catalog.comparable(&with("two"))
        );
    }

    #[test]
    fn definition_values_are_compared_by_what_they_define() {
        let templates = PolicyKind::by_key("administrative_templates").unwrap();
        let value = |id: &str, title: &str, on: bool| json!({"id": id, "enabled": on, "definition": {"id": id, "classType": "machine", "displayName": title}});
        let policy = |values: Value| json!({"displayName": "T", "definitionValues": values});
        let (one, two) = (value("1", "A", true), value("2", "B", true));
        let same = policy(json!([value("9", "B", true), value("8", "A", true)]));
        let other = policy(json!([value("1", "A", true), value("2", "B", false)]));
        let before = templates.comparable(&policy(json!([one, two])));
        assert_eq!(before, templates.comparable(&same));
        assert_ne!(before, templates.comparable(&other));
    }
}
