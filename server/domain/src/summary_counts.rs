//! The counts of a run: how many items there are and how each ended.

use serde::{Deserialize, Serialize};

/// Items of a run. `success + failed + skipped` never exceeds `total` in what the operations report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummaryCounts {
    #[serde(default)]
    pub total: u32,
    #[serde(default)]
    pub success: u32,
    #[serde(default)]
    pub failed: u32,
    #[serde(default)]
    pub skipped: u32,
}

impl SummaryCounts {
    /// Items that have ended, however they ended.
    pub fn done(self) -> u32 {
        self.success
            .saturating_add(self.failed)
            .saturating_add(self.skipped)
    }

    /// What a reader may see: never more done than there is.
    pub fn with_consistent_total(self) -> Self {
        Self {
            total: self.total.max(self.done()),
            ..self
        }
    }

    /// A later report over an earlier one. Counts are running totals, so none ever falls.
    pub fn merge(self, later: Self) -> Self {
        Self {
            total: self.total.max(later.total),
            success: self.success.max(later.success),
            failed: self.failed.max(later.failed),
            skipped: self.skipped.max(later.skipped),
        }
        .with_consistent_total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_smaller_report_never_takes_progress_back() {
        let seen = SummaryCounts {
            total: 10,
            success: 8,
            failed: 1,
            skipped: 0,
        };
        let late = SummaryCounts {
            total: 10,
            success: 3,
            failed: 0,
            skipped: 0,
        };
        assert_eq!(seen.merge(late), seen);
    }

    #[test]
    fn the_total_grows_with_what_is_done() {
        let counts = SummaryCounts {
            total: 2,
            success: 2,
            failed: 1,
            skipped: 1,
        };
        assert_eq!(counts.with_consistent_total().total, 4);
    }
}
