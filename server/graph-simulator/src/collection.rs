//! An ordered set of objects with ids, cheap to page through however large it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// How long listings go on showing what was. Nothing is remembered without it.
    stale: Option<Duration>,
    /// What was at a position and until when, oldest first.
    past: BTreeMap<u64, Vec<(Instant, Stored)>>,
}

impl Collection {
    /// A new collection whose listings lag by this much.
    pub(crate) fn with_stale_listings(stale: Option<Duration>) -> Self {
        Self {
            stale,
            ..Self::default()
        }
    }

    /// From here on listings lag by this much, or not at all.
    pub(crate) fn set_stale_listings(&mut self, stale: Option<Duration>) {
        self.stale = stale;
        self.past.clear();
    }

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
        let before = self.by_position.insert(
            position,
            Stored {
                id: id.to_owned(),
                value: Arc::new(value),
                created,
            },
        );
        self.remember(position, before);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Stored> {
        self.by_position.get(self.positions.get(id)?)
    }

    /// Whether there was such an object.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(position) = self.positions.remove(id) else {
            return false;
        };
        let before = self.by_position.remove(&position);
        let existed = before.is_some();
        self.remember(position, before);
        existed
    }

    fn remember(&mut self, position: u64, before: Option<Stored>) {
        if let (Some(stale), Some(before)) = (self.stale, before) {
            let past = self.past.entry(position).or_default();
            past.retain(|(until, _)| until.elapsed() < stale);
            past.push((Instant::now(), before));
        }
    }

    /// What a listing shows, in order: the objects, or what they were if listings lag.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (u64, &Stored)> + Clone {
        let earlier = self.stale.map(|stale| self.earlier(stale));
        let current = earlier.is_none().then(|| self.after(0));
        let earlier = earlier.into_iter().flatten();
        current.into_iter().flatten().chain(earlier)
    }

    fn earlier(&self, stale: Duration) -> Vec<(u64, &Stored)> {
        let mut shown: BTreeMap<u64, &Stored> = self.after(0).collect();
        for (position, past) in &self.past {
            let then = past.iter().find(|(until, _)| until.elapsed() < stale);
            if let Some((_, stored)) = then {
                shown.insert(*position, stored);
            }
        }
        shown.into_iter().collect()
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
