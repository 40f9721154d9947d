//! An ordered set of objects with ids, cheap to page through however large it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

/// One stored object. The value holds everything, relations included.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) value: Arc<Value>,
    /// When a client created it; `None` for what was there from the start.
    pub(crate) created: Option<Instant>,
}

/// Objects in the order they were added. A position is never reused, so paging survives changes in between.
#[derive(Debug, Default)]
pub(crate) struct Collection {
    next: u64,
    by_position: BTreeMap<u64, Stored>,
    positions: HashMap<String, u64>,
}

impl Collection {
    /// Adds an object, or replaces the one with the same id in place.
    pub(crate) fn put(&mut self, id: &str, value: Value, created: Option<Instant>) {
        let position = *self.positions.entry(id.to_owned()).or_insert_with(|| {
            self.next += 1;
            self.next
        });
        // An update must not turn an old object into a new one.
        let created = self
            .by_position
            .get(&position)
            .map_or(created, |old| old.created);
        self.by_position.insert(
            position,
            Stored {
                id: id.to_owned(),
                value: Arc::new(value),
                created,
            },
        );
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Stored> {
        self.by_position.get(self.positions.get(id)?)
    }

    /// Whether there was such an object.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.positions
            .remove(id)
            .and_then(|position| self.by_position.remove(&position))
            .is_some()
    }

    /// Objects behind `position` (0 is the start), each with its own position.
    pub(crate) fn after(&self, position: u64) -> impl Iterator<Item = (u64, &Stored)> + Clone {
        self.by_position
            .range(position.saturating_add(1)..)
            .map(|(position, stored)| (*position, stored))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_position.len()
    }
}
