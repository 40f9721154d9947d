//! What differs between two states of a policy, setting by setting, in words people can read.

mod catalog;
mod label;
mod matching;
mod plain;
mod sameness;
mod set_change;
mod short;
mod templates;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use set_change::{SetChange, assignments};
pub use short::short;

/// What Microsoft calls the settings of its catalog and their options, by id; both have ids of one name space.
pub type CatalogNames = BTreeMap<String, String>;

/// The ids of the settings and of the chosen options in these policies: what [`compare`] can use names for.
pub fn catalog_ids<'a>(policies: impl IntoIterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for policy in policies {
        for member in ["settings", "settingInstance"] {
            catalog::ids(&policy[member], &mut found);
        }
    }
    found
}

/// One place where two states of a policy differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Where, for machines: steps joined by `/`, the same whatever the order of settings.
    ///
    /// A step is a member's name, a settings catalog's definition id, or an entry of a list: `[its key]`,
    /// or `[#1]`, `[#2]` … for entries without one. In a step `/` is `%2F`, `%` is `%25`, `#` in a key is `%23`.
    pub path: String,
    /// Where, for people: readable names joined by ` › `. Never empty.
    pub label: String,
    /// None: it was not there.
    pub before: Option<Value>,
    /// None: it is no longer there.
    pub after: Option<Value>,
}

/// The differences between two states of one policy, ordered by path.
///
/// Both are freed of what the server owns. Settings catalogs (`settings[].settingInstance`), administrative
/// templates (`definitionValues`) and all other policies are told apart by their members. A setting of the catalog
/// without a name in `names` is called by the last words of its id.
///
/// `null`, `""`, `[]` and `{}` are the same as not being there; `0` and `false` are values.
pub fn compare(before: &Value, after: &Value, names: &CatalogNames) -> Vec<Difference> {
    let names = catalog::Names(names);
    let (before, after) = (read(before, &names), read(after, &names));
    let mut found = Vec::new();
    tree::compare(&before, &after, &tree::Spot::default(), &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn read(policy: &Value, names: &catalog::Names) -> tree::Node {
    let mut node = tree::Node::default();
    let Value::Object(members) = policy else {
        plain::put(&mut node, "value", policy);
        return node;
    };
    for (member, value) in members {
        match (member.as_str(), value) {
            ("settings", Value::Array(settings)) if catalog::holds_instances(settings) => {
                node.wrap(member, catalog::settings(settings, names));
            }
            // A reusable setting is one instance without a list around it.
            ("settingInstance", instance @ Value::Object(_)) => {
                node.wrap("settings", catalog::single(instance, names));
            }
            ("definitionValues", Value::Array(values)) => {
                templates::put(&mut node, values);
            }
            _ => plain::put(&mut node, member, value),
        }
    }
    node
}
