//! A policy as it is compared: values at named places, whatever shape its JSON had.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Difference, matching, sameness};

/// A value, what is below it, or both: a choice has a value and the settings it opens.
#[derive(Default)]
pub(super) struct Node {
    pub leaf: Option<Leaf>,
    pub places: BTreeMap<String, Place>,
}

pub(super) struct Leaf {
    /// What is compared.
    pub raw: Value,
    /// What people see of it, where that is something else.
    pub shown: Option<Value>,
}

/// What is found under one name: one entry, or the entries of a list.
#[derive(Default)]
pub(super) struct Place {
    /// Empty: left out of what people read.
    pub label: String,
    pub pairing: Pairing,
    /// Whether the entries are a list, so that each has its own step in the path.
    pub list: bool,
    pub entries: Vec<Entry>,
}

/// How the entries of two states find each other.
#[derive(Clone, Copy, Default)]
pub(super) enum Pairing {
    /// By the first key that all have and none shares; else by position.
    #[default]
    KeyOrPosition,
    /// Equal ones first, then by an unshared key, the rest in order.
    Content,
    /// By each key in turn; whoever finds no partner was added or removed.
    Key,
}

#[derive(Default)]
pub(super) struct Entry {
    /// What may identify it among its siblings, the best first; the same key at the same index.
    pub keys: Vec<Option<String>>,
    /// What people call it.
    pub title: Option<String>,
    pub node: Node,
}

/// Where the comparison stands.
#[derive(Default)]
pub(super) struct Spot {
    path: String,
    label: String,
}

impl Leaf {
    pub fn plain(raw: Value) -> Self {
        Self { raw, shown: None }
    }

    fn shown(&self) -> &Value {
        self.shown.as_ref().unwrap_or(&self.raw)
    }
}

impl Node {
    /// None, if there is nothing in the value.
    pub fn leaf(leaf: Leaf) -> Self {
        Self {
            leaf: (!sameness::is_empty(&leaf.raw)).then_some(leaf),
            places: BTreeMap::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.leaf.is_none() && self.places.is_empty()
    }

    /// Adds one entry under a name; a second one of the same name stands beside the first.
    pub fn put(&mut self, name: &str, label: String, pairing: Pairing, node: Node) {
        if !node.is_empty() {
            let place = self.place(name, label, pairing);
            place.entries.push(Entry {
                node,
                ..Entry::default()
            });
        }
    }

    /// Adds a step to the path that people need not read.
    pub fn wrap(&mut self, name: &str, node: Node) {
        self.put(name, String::new(), Pairing::default(), node);
    }

    pub fn place(&mut self, name: &str, label: String, pairing: Pairing) -> &mut Place {
        self.places.entry(name.to_owned()).or_insert(Place {
            label,
            pairing,
            ..Place::default()
        })
    }
}

impl Spot {
    fn step(&self, name: &str, label: &str) -> Self {
        let join = |before: &str, between: &str, next: &str| match (before, next) {
            ("", only) | (only, "") => only.to_owned(),
            _ => format!("{before}{between}{next}"),
        };
        Self {
            path: join(&self.path, "/", name),
            label: join(&self.label, " › ", label),
        }
    }
}

/// In a path's step, what separates steps is written otherwise.
fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F")
}

static NOTHING: Node = Node {
    leaf: None,
    places: BTreeMap::new(),
};

pub(super) fn compare(before: &Node, after: &Node, at: &Spot, found: &mut Vec<Difference>) {
    compare_leaves(before.leaf.as_ref(), after.leaf.as_ref(), at, found);
    let names: BTreeSet<&String> = before.places.keys().chain(after.places.keys()).collect();
    let absent = Place::default();
    for name in names {
        let (was, is) = (before.places.get(name), after.places.get(name));
        let Some(place) = is.or(was) else { continue };
        let here = at.step(&escaped(name), &place.label);
        let (was, is) = (was.unwrap_or(&absent), is.unwrap_or(&absent));
        let several = was.entries.len().max(is.entries.len()) > 1;
        for pair in matching::pairs(place.pairing, &was.entries, &is.entries) {
            let spot = if was.list || is.list || several {
                here.step(&pair.mark.step(), &pair.title(several))
            } else {
                here.step("", "")
            };
            let was = pair.before.map_or(&NOTHING, |entry| &entry.node);
            let is = pair.after.map_or(&NOTHING, |entry| &entry.node);
            compare(was, is, &spot, found);
        }
    }
}

fn compare_leaves(
    before: Option<&Leaf>,
    after: Option<&Leaf>,
    at: &Spot,
    found: &mut Vec<Difference>,
) {
    let (was, is) = match (before, after) {
        (None, None) => return,
        (Some(was), Some(is)) if sameness::same(&was.raw, &is.raw) => return,
        // Two options may bear one name: then what is behind it tells them apart.
        (Some(was), Some(is)) if sameness::same(was.shown(), is.shown()) => {
            (Some(&was.raw), Some(&is.raw))
        }
        _ => (before.map(Leaf::shown), after.map(Leaf::shown)),
    };
    found.push(Difference {
        path: at.path.clone(),
        label: at.label.clone(),
        before: was.cloned(),
        after: is.cloned(),
    });
}
