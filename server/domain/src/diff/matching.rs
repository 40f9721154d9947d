//! Which entry of a list was which: pairs the entries of two states of one list.

use std::collections::HashMap;

use super::{
    sameness,
    tree::{Entry, Pairing},
};

/// Two entries that are one, or one entry that was added or removed.
pub(super) struct Pair<'a> {
    pub before: Option<&'a Entry>,
    pub after: Option<&'a Entry>,
    pub mark: Mark<'a>,
}

/// What identifies a pair within its list; the same seen from either side.
pub(super) enum Mark<'a> {
    Key(&'a str),
    /// From 1, among those that have no key.
    Number(usize),
    /// A key that came before, and how often.
    Repeated(&'a str, usize),
}

impl Mark<'_> {
    pub fn step(&self) -> String {
        let escaped = |key: &str| {
            key.replace('%', "%25")
                .replace('/', "%2F")
                .replace('#', "%23")
        };
        match self {
            Self::Key(key) => format!("[{}]", escaped(key)),
            Self::Number(number) => format!("[#{number}]"),
            Self::Repeated(key, times) => format!("[{}#{times}]", escaped(key)),
        }
    }
}

impl Pair<'_> {
    /// What people call it; a number only where there is more than one.
    pub fn title(&self, several: bool) -> String {
        let title = |entry: Option<&Entry>| entry.and_then(|entry| entry.title.clone());
        match (title(self.before).or_else(|| title(self.after)), &self.mark) {
            (Some(title), _) => title,
            (None, Mark::Number(number)) if several => format!("entry {number}"),
            (None, Mark::Number(_)) => String::new(),
            (None, Mark::Key(key) | Mark::Repeated(key, _)) => (*key).to_owned(),
        }
    }
}

/// The pairs, without those that are known to be equal.
pub(super) fn pairs<'a>(
    pairing: Pairing,
    before: &'a [Entry],
    after: &'a [Entry],
) -> Vec<Pair<'a>> {
    let mut rest = Rest {
        before: before.iter().collect(),
        after: after.iter().collect(),
        paired: Vec::new(),
    };
    let kinds = before.iter().chain(after).map(|entry| entry.keys.len());
    let kinds = kinds.max().unwrap_or(0);
    match pairing {
        Pairing::KeyOrPosition => {
            let shared =
                (0..kinds).find(|kind| tells_apart(before, *kind) && tells_apart(after, *kind));
            if let Some(kind) = shared {
                rest.pair_by_key(kind);
                rest.leave_alone();
            } else {
                rest.pair_in_order();
            }
        }
        Pairing::Content => {
            rest.drop_equal();
            (0..kinds).for_each(|kind| rest.pair_by_key(kind));
            rest.pair_in_order();
        }
        Pairing::Key => {
            rest.drop_equal();
            (0..kinds).for_each(|kind| rest.pair_by_key(kind));
            rest.leave_alone();
        }
    }
    rest.paired
}

/// Who has no partner yet.
struct Rest<'a> {
    before: Vec<&'a Entry>,
    after: Vec<&'a Entry>,
    paired: Vec<Pair<'a>>,
}

impl<'a> Rest<'a> {
    fn drop_equal(&mut self) {
        // One against one is compared in any case.
        if self.before.len() <= 1 && self.after.len() <= 1 {
            return;
        }
        let mut there: HashMap<String, usize> = HashMap::new();
        for entry in &self.before {
            *there.entry(fingerprint(entry)).or_default() += 1;
        }
        let mut met: HashMap<String, usize> = HashMap::new();
        self.after.retain(|entry| {
            let print = fingerprint(entry);
            match there.get_mut(&print) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    *met.entry(print).or_default() += 1;
                    false
                }
                _ => true,
            }
        });
        self.before
            .retain(|entry| match met.get_mut(&fingerprint(entry)) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            });
    }

    fn pair_by_key(&mut self, kind: usize) {
        let (before, after) = (unshared(&self.before, kind), unshared(&self.after, kind));
        let partner = |entry: &'a Entry| {
            let key = key(entry, kind)?;
            Some((key, *before.get(key)?, *after.get(key)?))
        };
        let mut paired = Vec::new();
        self.before.retain(|entry| {
            let Some((key, was, is)) = partner(entry) else {
                return true;
            };
            paired.push(Pair {
                before: Some(was),
                after: Some(is),
                mark: Mark::Key(key),
            });
            false
        });
        self.after.retain(|entry| partner(entry).is_none());
        self.paired.append(&mut paired);
    }

    fn pair_in_order(&mut self) {
        let longest = self.before.len().max(self.after.len());
        self.paired.extend((0..longest).map(|index| Pair {
            before: self.before.get(index).copied(),
            after: self.after.get(index).copied(),
            mark: Mark::Number(index + 1),
        }));
    }

    fn leave_alone(&mut self) {
        let mut taken: HashMap<&str, usize> = HashMap::new();
        for pair in &self.paired {
            if let Mark::Key(key) = pair.mark {
                taken.insert(key, 1);
            }
        }
        let removed = self.before.iter().map(|entry| (*entry, true));
        let added = self.after.iter().map(|entry| (*entry, false));
        for (number, (entry, was)) in removed.chain(added).enumerate() {
            let mark = match entry.keys.iter().flatten().next() {
                None => Mark::Number(number + 1),
                Some(key) => {
                    let times = taken.entry(key).or_default();
                    *times += 1;
                    match *times {
                        1 => Mark::Key(key),
                        times => Mark::Repeated(key, times),
                    }
                }
            };
            self.paired.push(Pair {
                before: was.then_some(entry),
                after: (!was).then_some(entry),
                mark,
            });
        }
    }
}

fn key(entry: &Entry, kind: usize) -> Option<&str> {
    entry.keys.get(kind)?.as_deref()
}

/// The entries whose key of this kind no sibling shares.
fn unshared<'a>(entries: &[&'a Entry], kind: usize) -> HashMap<&'a str, &'a Entry> {
    let mut times: HashMap<&str, (usize, &Entry)> = HashMap::new();
    for entry in entries {
        if let Some(key) = key(entry, kind) {
            times.entry(key).or_insert((0, entry)).0 += 1;
        }
    }
    let once = times.into_iter().filter(|(_, (times, _))| *times == 1);
    once.map(|(key, (_, entry))| (key, entry)).collect()
}

/// Whether every entry has a key of this kind that no sibling shares.
fn tells_apart(entries: &[Entry], kind: usize) -> bool {
    let all: Vec<&Entry> = entries.iter().collect();
    unshared(&all, kind).len() == entries.len()
}

/// The same text for entries without a difference.
fn fingerprint(entry: &Entry) -> String {
    let mut text = format!("{:?}", entry.keys);
    if let Some(leaf) = &entry.node.leaf {
        text.push_str(&sameness::canonical(&leaf.raw));
    }
    for (name, place) in &entry.node.places {
        let mut prints: Vec<String> = place.entries.iter().map(fingerprint).collect();
        if !matches!(place.pairing, Pairing::KeyOrPosition) {
            prints.sort_unstable();
        }
        text.push_str(&format!("{name:?}[{}]", prints.join(",")));
    }
    text
}
