//! When two values are the same, and when a value is none at all.

use std::collections::BTreeSet;

use serde_json::Value;

/// `null`, `""`, and lists and objects with nothing else in them.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(super) fn same(one: &Value, other: &Value) -> bool {
    one == other || canonical(one) == canonical(other)
}

/// Whether a list is a set: scalars always, objects where the list says whom to include or exclude.
pub(super) fn is_set(member: &str, items: &[Value]) -> bool {
    let whom = |word| {
        let rest = member.strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_lowercase()))
    };
    items
        .iter()
        .all(|item| !item.is_object() && !item.is_array())
        || whom("include")
        || whom("exclude")
}

/// The same text for values that are the same: members sorted, empty ones left out, sets sorted.
pub(super) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write("", value, &mut text);
    text
}

/// The items of a list whose order and repetitions mean nothing, as sorted texts.
pub(super) fn set(items: &[Value]) -> BTreeSet<String> {
    let filled = items.iter().filter(|item| !is_empty(item));
    filled.map(canonical).collect()
}

fn write(member: &str, value: &Value, text: &mut String) {
    match value {
        // Graph writes some whole numbers as doubles.
        Value::Number(number) => match number.as_f64() {
            Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() < 9e15 => {
                text.push_str(&format!("{double:.0}"));
            }
            _ => text.push_str(&number.to_string()),
        },
        Value::Array(items) if is_set(member, items) => {
            let texts: Vec<String> = set(items).into_iter().collect();
            text.push_str(&format!("[{}]", texts.join(",")));
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write("", item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut filled: Vec<_> = members
                .iter()
                .filter(|(_, value)| !is_empty(value))
                .collect();
            filled.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in filled {
                text.push_str(&format!("{name:?}:"));
                write(name, value, text);
                text.push(',');
            }
            text.push('}');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}
