//! What came to a set and what left it: the change of a policy's assignments.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Each list sorted, nothing in it twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetChange<T> {
    pub added: Vec<T>,
    pub removed: Vec<T>,
    pub kept: Vec<T>,
}

impl<T> SetChange<T> {
    /// Whether both sets hold the same.
    pub fn is_none(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Compares two sets of assignments, whatever an assignment is made of; order and repetitions mean nothing.
pub fn assignments<T: Ord + Clone>(before: &[T], after: &[T]) -> SetChange<T> {
    let (before, after): (BTreeSet<&T>, BTreeSet<&T>) =
        (before.iter().collect(), after.iter().collect());
    SetChange {
        added: after.difference(&before).copied().cloned().collect(),
        removed: before.difference(&after).copied().cloned().collect(),
        kept: before.intersection(&after).copied().cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_alone_is_a_change() {
        let change = assignments(&["b", "a", "a"], &["b"]);
        assert_eq!(change.removed, ["a"]);
        assert_eq!(change.kept, ["b"]);
        assert!(change.added.is_empty() && !change.is_none());
    }

    #[test]
    fn order_and_repetitions_are_no_change() {
        let change = assignments(&[(1, "x"), (2, "y")], &[(2, "y"), (1, "x"), (1, "x")]);
        assert!(change.is_none());
        assert_eq!(change.kept, [(1, "x"), (2, "y")]);
    }

    #[test]
    fn swapping_the_sides_swaps_added_and_removed() {
        let (one, other) = ([3, 1, 2], [2, 5]);
        let (there, back) = (assignments(&one, &other), assignments(&other, &one));
        assert_eq!((there.added, there.removed), (back.removed, back.added));
        assert_eq!(there.kept, back.kept);
    }
}
