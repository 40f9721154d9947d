//! What holds for every policy: tried on many made up from a seed.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{changes, choice, compare, groups, many, policy, simple};

/// A plain generator of numbers: the tests are the same whenever they run.
struct Chance(u64);

impl Chance {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn shuffle(&mut self, items: &mut [Value]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Settings below one parent. Every value is another, so that no change can be mistaken for another's.
    fn settings(&mut self, parent: &str, depth: usize, next: &mut i64) -> Vec<Value> {
        (0..1 + self.below(4))
            .map(|index| {
                *next += 1;
                let id = format!("{parent}_{index}");
                match self.below(if depth == 0 { 3 } else { 5 }) {
                    0 => simple(&id, *next),
                    1 => many(&id, &[&format!("x{next}"), "shared"]),
                    2 => choice(&id, &next.to_string(), vec![]),
                    3 => choice(&id, &next.to_string(), self.settings(&id, depth - 1, next)),
                    _ => {
                        let named = self.below(2) == 0;
                        let entries = (0..1 + self.below(4)).map(|_| {
                            *next += 1;
                            let mut entry = self.settings(&id, depth - 1, next);
                            if named {
                                entry.push(simple(&format!("{id}_name"), format!("entry {next}")));
                            }
                            entry
                        });
                        let entries = entries.collect();
                        groups(&id, entries)
                    }
                }
            })
            .collect()
    }

    fn policy(&mut self) -> Value {
        let mut policy = policy(self.settings("top", 3, &mut 0));
        policy["roleScopeTagIds"] = json!(["0", "1", "2"]);
        policy["templates"] = json!([{"id": "a", "n": 1}, {"id": "b", "n": 2}]);
        policy
    }
}

/// Every list put into another order.
fn shuffled(chance: &mut Chance, value: &mut Value) {
    match value {
        Value::Array(items) => {
            chance.shuffle(items);
            items.iter_mut().for_each(|item| shuffled(chance, item));
        }
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| shuffled(chance, value)),
        _ => {}
    }
}

/// Where the values of settings stand.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let here = format!("{pointer}/{name}");
                if name == "value" || name == "n" {
                    found.push(here);
                } else {
                    leaves(value, &here, found);
                }
            }
        }
        _ => {}
    }
}

fn policies() -> impl Iterator<Item = (Chance, Value)> {
    (1..=60).map(|seed| {
        let mut chance = Chance(seed);
        let policy = chance.policy();
        (chance, policy)
    })
}

#[test]
fn a_policy_does_not_differ_from_itself_in_whatever_order() {
    for (mut chance, policy) in policies() {
        assert_eq!(compare(&policy, &policy), []);
        let mut moved = policy.clone();
        shuffled(&mut chance, &mut moved);
        assert_eq!(compare(&policy, &moved), [], "{policy:#}\n{moved:#}");
    }
}

#[test]
fn one_changed_value_is_one_difference_that_shows_both() {
    for (mut chance, policy) in policies() {
        let mut places = Vec::new();
        leaves(&policy, "", &mut places);
        for place in places {
            let mut changed = policy.clone();
            let value = changed.pointer_mut(&place).unwrap();
            let was = value.clone();
            *value = match &was {
                Value::Number(number) => json!(number.as_i64().unwrap() + 1_000_000),
                text => json!(format!("{}_changed", text.as_str().unwrap())),
            };
            let is = value.clone();
            shuffled(&mut chance, &mut changed);
            let found = changes(&policy, &changed);
            assert_eq!(found.len(), 1, "{place}: {found:#?}\n{policy:#}");
            let (_, before, after) = &found[0];
            assert!(shows(before, &was) && shows(after, &is), "{found:?}");
            assert!(!shows(after, &was) && !shows(before, &is), "{found:?}");
        }
    }
}

/// Whether a shown value is this one, an option of this value, or a list that holds it.
fn shows(shown: &Value, value: &Value) -> bool {
    match (shown, value) {
        (Value::Array(items), _) => items.contains(value),
        (Value::String(shown), Value::String(value)) if value.starts_with("top_") => {
            value.ends_with(&format!("_{shown}"))
        }
        _ => shown == value,
    }
}

#[test]
fn swapping_the_sides_swaps_before_and_after() {
    let all: Vec<Value> = policies().map(|(_, policy)| policy).collect();
    for pair in all.windows(2) {
        let there = changes(&pair[0], &pair[1]);
        let back: Vec<_> = changes(&pair[1], &pair[0])
            .into_iter()
            .map(|(path, before, after)| (path, after, before))
            .collect();
        assert_eq!(there, back);
    }
}

#[test]
fn a_path_is_given_once_and_a_label_always() {
    let all: Vec<Value> = policies().map(|(_, policy)| policy).collect();
    for pair in all.windows(2) {
        let found = compare(&pair[0], &pair[1]);
        let paths: HashSet<&str> = found
            .iter()
            .map(|difference| difference.path.as_str())
            .collect();
        assert_eq!(paths.len(), found.len(), "{found:#?}");
        assert!(found.iter().all(|difference| !difference.label.is_empty()));
        assert!(
            found
                .iter()
                .all(|difference| difference.before != difference.after)
        );
    }
}
