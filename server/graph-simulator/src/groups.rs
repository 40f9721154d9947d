//! The groups of a tenant with the history that delta queries need.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use serde_json::{Value, json};

use crate::collection::Collection;

/// What happened to a group last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Written,
    /// Restorable for thirty days; Graph calls this reason "changed".
    SoftDeleted,
    Purged,
}

/// Groups and their last changes, numbered by revision. What was there from the start has no revision.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub(crate) collection: Collection,
    revision: u64,
    changes: BTreeMap<u64, (String, Change)>,
    latest: HashMap<String, u64>,
}

impl Groups {
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Counts one revision in which nothing happened, so that older tokens can be told from newer ones.
    pub(crate) fn begin_revision(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Adds a group without history.
    pub(crate) fn seed(&mut self, group: Value) {
        let id = group
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        self.collection.put(&id, group, None);
    }

    pub(crate) fn put(&mut self, id: &str, group: Value, created: Option<Instant>) {
        self.collection.put(id, group, created);
        self.note(id, Change::Written);
    }

    pub(crate) fn remove(&mut self, id: &str, purged: bool) -> bool {
        let existed = self.collection.remove(id);
        if existed {
            self.note(
                id,
                if purged {
                    Change::Purged
                } else {
                    Change::SoftDeleted
                },
            );
        }
        existed
    }

    fn note(&mut self, id: &str, change: Change) {
        self.revision += 1;
        if let Some(old) = self.latest.insert(id.to_owned(), self.revision) {
            self.changes.remove(&old);
        }
        self.changes.insert(self.revision, (id.to_owned(), change));
    }

    /// Up to `size` changes with revisions above `after` and up to `until`: `(revision, object as delta shows it)`.
    pub(crate) fn changes(&self, after: u64, until: u64, size: usize) -> Vec<(u64, Value)> {
        if after >= until {
            return Vec::new();
        }
        let shown = self
            .changes
            .range(after + 1..=until)
            .filter_map(|(revision, (id, change))| {
                let value = match change {
                    Change::Written => (*self.collection.get(id)?.value).clone(),
                    Change::SoftDeleted => json!({"id": id, "@removed": {"reason": "changed"}}),
                    Change::Purged => json!({"id": id, "@removed": {"reason": "deleted"}}),
                };
                Some((*revision, value))
            });
        shown.take(size).collect()
    }
}
