//! Policies without a form of their own: JSON members, as Graph names them.

use serde_json::{Map, Value};

use super::{
    label, sameness,
    tree::{Entry, Leaf, Node, Pairing},
};

/// What identifies an object among its siblings when it has no `id`, together with its `@odata.type`.
const NAMES: [&str; 8] = [
    "definitionId",
    "omaUri",
    "name",
    "displayName",
    "ruleName",
    "actionType",
    "locale",
    "key",
];

/// Adds a member, unless it is empty or an annotation.
pub(super) fn put(node: &mut Node, member: &str, value: &Value) {
    if sameness::is_empty(value) || is_annotation(member) {
        return;
    }
    let label = label::of_member(member);
    match value {
        Value::Object(members) => {
            node.put(member, label, Pairing::default(), object(members, &[]));
        }
        Value::Array(items) if !sameness::is_set(member, items) => {
            let place = node.place(member, label, Pairing::default());
            place.list = true;
            place.entries = items.iter().map(|item| entry(member, item)).collect();
        }
        // A list of whom to include may hold objects; their order still means nothing.
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let leaf = Leaf {
                raw: sameness::set(items).into_iter().collect(),
                shown: Some(value.clone()),
            };
            node.put(member, label, Pairing::default(), Node::leaf(leaf));
        }
        scalar => {
            let leaf = Leaf::plain(scalar.clone());
            node.put(member, label, Pairing::default(), Node::leaf(leaf));
        }
    }
}

pub(super) fn object(members: &Map<String, Value>, without: &[&str]) -> Node {
    let mut node = Node::default();
    for (member, value) in members {
        if !without.contains(&member.as_str()) {
            put(&mut node, member, value);
        }
    }
    node
}

/// OData's remarks about a member; not its type and not a reference to another object.
pub(super) fn is_annotation(member: &str) -> bool {
    member.starts_with("#microsoft.graph.")
        || (member.contains("@odata.")
            && member != "@odata.type"
            && !member.ends_with("@odata.bind"))
}

fn entry(list: &str, item: &Value) -> Entry {
    let Value::Object(members) = item else {
        return Entry {
            node: Node::leaf(Leaf::plain(item.clone())),
            ..Entry::default()
        };
    };
    // An intent's settings get new ids whenever they are written; their definition stays.
    let without: &[&str] = if list == "settings" { &["id"] } else { &[] };
    let id = if without.is_empty() {
        text(members, "id")
    } else {
        None
    };
    let kind = text(members, "@odata.type");
    let named = |name| {
        let name = text(members, name)?;
        Some(kind.map_or_else(|| name.to_owned(), |kind| format!("{kind}:{name}")))
    };
    Entry {
        title: NAMES
            .iter()
            .find_map(|name| text(members, name))
            .map(str::to_owned),
        keys: std::iter::once(id.map(str::to_owned))
            .chain(NAMES.map(named))
            .collect(),
        node: object(members, without),
    }
}

/// A member's text, if there is any.
pub(super) fn text<'a>(members: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    members
        .get(member)?
        .as_str()
        .filter(|text| !text.is_empty())
}
