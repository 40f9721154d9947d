//! A run's failures, grouped: the same code and message once, with a count.

use serde::{Deserialize, Serialize};

use crate::FailureCode;

/// The most groups that a run keeps, the last one counting the rest if there are more.
pub const MAX_GROUPS: usize = 50;
/// The most characters of a message.
pub const MAX_MESSAGE_CHARS: usize = 200;

/// Failures of one code with one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureGroup {
    pub code: FailureCode,
    /// One line, sanitized, at most 200 characters.
    pub message: String,
    pub count: u32,
}

impl FailureGroup {
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            count: 1,
        }
    }
}

/// All failures of a run, most frequent group first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FailureSummary(Vec<FailureGroup>);

impl FailureSummary {
    pub fn groups(&self) -> &[FailureGroup] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds more failures: equal ones are counted together, and past 50 groups the rest goes into `truncated`.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = FailureGroup>) -> Self {
        let mut truncated = 0_u32;
        self.0.retain(|group| {
            let is_rest = group.code == FailureCode::Truncated;
            if is_rest {
                truncated = truncated.saturating_add(group.count);
            }
            !is_rest
        });
        for failure in more {
            let known = self
                .0
                .iter_mut()
                .find(|group| group.code == failure.code && group.message == failure.message);
            match known {
                Some(group) => group.count = group.count.saturating_add(failure.count),
                None if failure.code == FailureCode::Truncated => {
                    truncated = truncated.saturating_add(failure.count);
                }
                None => self.0.push(failure),
            }
        }
        self.0.sort_by_key(|group| std::cmp::Reverse(group.count));
        if truncated > 0 || self.0.len() > MAX_GROUPS {
            let rest = self.0.split_off(self.0.len().min(MAX_GROUPS - 1));
            let count = rest
                .iter()
                .fold(truncated, |sum, group| sum.saturating_add(group.count));
            self.0.push(FailureGroup {
                count,
                ..FailureGroup::new(FailureCode::Truncated, "More failures of other kinds")
            });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(n: usize) -> FailureGroup {
        FailureGroup::new(FailureCode::NotFound, format!("policy {n}"))
    }

    #[test]
    fn equal_failures_are_one_group_with_a_count() {
        let summary = FailureSummary::default()
            .with([failure(1), failure(2), failure(1)])
            .with([failure(1)]);
        let counts: Vec<_> = summary
            .groups()
            .iter()
            .map(|g| (g.message.as_str(), g.count))
            .collect();
        assert_eq!(counts, [("policy 1", 3), ("policy 2", 1)]);
    }

    #[test]
    fn past_fifty_groups_the_rest_is_only_counted_and_nothing_is_lost() {
        let summary = FailureSummary::default()
            .with((0..60).map(failure))
            .with((60..65).map(failure));
        assert_eq!(summary.groups().len(), MAX_GROUPS);
        let last = &summary.groups()[MAX_GROUPS - 1];
        assert_eq!((last.code, last.count), (FailureCode::Truncated, 16));
        assert_eq!(summary.groups().iter().map(|g| g.count).sum::<u32>(), 65);
    }

    #[test]
    fn exactly_fifty_groups_are_all_kept() {
        let summary = FailureSummary::default().with((0..50).map(failure));
        assert_eq!(summary.groups().len(), 50);
        assert!(
            summary
                .groups()
                .iter()
                .all(|g| g.code == FailureCode::NotFound)
        );
    }
}
