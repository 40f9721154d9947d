//! Settings catalogs: settings found by their definition's id, at every depth.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    CatalogNames, label, plain,
    sameness::{self, canonical},
    tree::{Entry, Leaf, Node, Pairing},
};

/// Defender's onboarding belongs to one tenant and says nothing about a policy in another.
const TENANT_SPECIFIC: [&str; 4] = [
    "device_vendor_msft_windowsadvancedthreatprotection_onboarding",
    "device_vendor_msft_windowsadvancedthreatprotection_onboarding_fromconnector",
    "device_vendor_msft_windowsadvancedthreatprotection_offboarding",
    "device_vendor_msft_windowsadvancedthreatprotection_offboarding_fromconnector",
];

/// Last words of the definitions whose value names an entry of a collection, the best first.
const NAMING: [&str; 5] = ["name", "displayname", "identifier", "id", "key"];

/// What settings and options are called, where somebody has learnt it.
pub(super) struct Names<'a>(pub &'a CatalogNames);

impl Names<'_> {
    fn setting(&self, id: &str, parent: Option<&str>) -> String {
        match self.0.get(id) {
            Some(name) => name.clone(),
            None => label::of_definition(id, parent),
        }
    }

    fn option(&self, value: &str, definition: &str) -> String {
        match self.0.get(value) {
            Some(name) => name.clone(),
            None => label::of_option(value, definition).to_owned(),
        }
    }

    /// A value as people read it: an option by its name, anything else as it is.
    fn shown(&self, value: &Value, definition: &str) -> Value {
        match value.as_str() {
            Some(text) => self.option(text, definition).into(),
            None => value.clone(),
        }
    }
}

/// The ids of settings and of chosen options that a policy holds, at every depth.
pub(super) fn ids<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(members) => {
            found.extend(plain::text(members, "settingDefinitionId"));
            for (member, value) in members {
                match (member.as_str(), value) {
                    ("choiceSettingValue", choice) => found.extend(choice["value"].as_str()),
                    ("choiceSettingCollectionValue", Value::Array(choices)) => {
                        found.extend(choices.iter().filter_map(|one| one["value"].as_str()));
                    }
                    _ => {}
                }
                ids(value, found);
            }
        }
        _ => {}
    }
}

pub(super) fn holds_instances(settings: &[Value]) -> bool {
    settings
        .iter()
        .any(|setting| setting["settingInstance"].is_object())
}

pub(super) fn settings(settings: &[Value], names: &Names) -> Node {
    children(
        settings.iter().map(|setting| &setting["settingInstance"]),
        None,
        names,
    )
}

pub(super) fn single(instance: &Value, names: &Names) -> Node {
    children([instance], None, names)
}

fn children<'a>(
    instances: impl IntoIterator<Item = &'a Value>,
    parent: Option<&str>,
    names: &Names,
) -> Node {
    let mut node = Node::default();
    for instance in instances {
        if let Value::Object(members) = instance {
            put(&mut node, members, parent, names);
        }
    }
    node
}

fn put(node: &mut Node, instance: &Map<String, Value>, parent: Option<&str>, names: &Names) {
    let id = plain::text(instance, "settingDefinitionId").unwrap_or_default();
    if TENANT_SPECIFIC.contains(&id) {
        return;
    }
    let label = names.setting(id, parent);
    let Some(Value::Array(groups)) = instance.get("groupSettingCollectionValue") else {
        node.put(id, label, Pairing::Content, value(instance, id, names));
        return;
    };
    let entries = groups.iter().map(|group| entry(group, id, names));
    let mut entries: Vec<Entry> = entries.filter(|entry| !entry.node.is_empty()).collect();
    if !entries.is_empty() {
        let place = node.place(id, label, Pairing::Content);
        place.list = true;
        place.entries.append(&mut entries);
    }
}

/// The value of a setting that is no collection of groups, and the settings below it.
fn value(instance: &Map<String, Value>, id: &str, names: &Names) -> Node {
    let below = |value: &Value| children(items(&value["children"]), Some(id), names);
    if let Some(choice) = instance.get("choiceSettingValue") {
        let mut node = below(choice);
        let raw = raw(choice, &["@odata.type"]);
        if !sameness::is_empty(&raw) {
            let shown = Some(names.shown(&choice["value"], id));
            node.leaf = Some(Leaf { raw, shown });
        }
        return node;
    }
    if let Some(Value::Array(choices)) = instance.get("choiceSettingCollectionValue") {
        let values = || choices.iter().map(|choice| &choice["value"]);
        let mut node = Node::leaf(Leaf {
            raw: values().cloned().collect(),
            shown: Some(values().map(|value| names.shown(value, id)).collect()),
        });
        for choice in choices {
            let value = choice["value"].as_str().unwrap_or_default();
            node.put(
                value,
                names.option(value, id),
                Pairing::Content,
                below(choice),
            );
        }
        return node;
    }
    if let Some(simple) = instance.get("simpleSettingValue") {
        if sameness::is_empty(&simple["value"]) {
            return Node::default();
        }
        return Node::leaf(Leaf {
            raw: raw(simple, &[]),
            shown: Some(simple["value"].clone()),
        });
    }
    if let Some(Value::Array(values)) = instance.get("simpleSettingCollectionValue") {
        let values = values.iter().map(|value| value["value"].clone());
        return Node::leaf(Leaf::plain(values.collect()));
    }
    if let Some(group) = instance.get("groupSettingValue") {
        return below(group);
    }
    // A kind of setting this code does not know must not pass as unchanged.
    let reference = [
        "settingDefinitionId",
        "settingInstanceTemplateReference",
        "@odata.type",
    ];
    plain::object(instance, &reference)
}

/// What is compared of a value: not the settings below it, not the template it came from.
fn raw(value: &Value, without: &[&str]) -> Value {
    let Value::Object(members) = value else {
        return value.clone();
    };
    let mut compared = Map::new();
    for (member, value) in members {
        let reference = ["children", "settingValueTemplateReference"].contains(&member.as_str());
        if !reference && !without.contains(&member.as_str()) && !plain::is_annotation(member) {
            compared.insert(member.clone(), value.clone());
        }
    }
    let default = &value["settingValueTemplateReference"]["useTemplateDefault"];
    if default == &Value::Bool(true) {
        compared.insert("useTemplateDefault".to_owned(), default.clone());
    }
    match compared.remove("value") {
        Some(only) if compared.is_empty() => only,
        Some(value) => {
            compared.insert("value".to_owned(), value);
            Value::Object(compared)
        }
        None => Value::Object(compared),
    }
}

fn entry(group: &Value, id: &str, names: &Names) -> Entry {
    let instances = items(&group["children"]);
    let naming = instances.iter().filter_map(|instance| {
        let definition = instance["settingDefinitionId"].as_str()?;
        let last = definition.rsplit('_').next()?;
        let rank = NAMING.iter().position(|word| *word == last)?;
        let value = ["simpleSettingValue", "choiceSettingValue"]
            .into_iter()
            .map(|member| &instance[member]["value"])
            .find(|value| !sameness::is_empty(value))?;
        Some((rank, definition, value))
    });
    let naming = naming.min_by_key(|(rank, definition, _)| (*rank, *definition));
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| canonical(value), str::to_owned)
    };
    Entry {
        keys: vec![naming.map(|(_, _, value)| text(value))],
        title: naming.map(|(_, definition, value)| text(&names.shown(value, definition))),
        node: children(instances, Some(id), names),
    }
}

/// The items of a list; none, if it is none.
fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}
