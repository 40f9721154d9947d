//! The one rule for trying a run again after a failure that may pass.

use std::time::Duration;

/// How often a run is tried and how long it rests in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first included.
    pub max_attempts: u32,
    pub first_pause: Duration,
    /// No pause is longer, but for one that the other side asked for.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            first_pause: Duration::from_secs(15),
            longest_pause: Duration::from_secs(600),
        }
    }
}

impl RetryPolicy {
    /// How long to rest after this try (1 for the first) failed; none if that was the last.
    pub fn pause_after(&self, attempt: u32, asked_for: Option<Duration>) -> Option<Duration> {
        if attempt >= self.max_attempts {
            return None;
        }
        let grown = self
            .first_pause
            .saturating_mul(4_u32.saturating_pow(attempt.saturating_sub(1)))
            .min(self.longest_pause);
        Some(asked_for.map_or(grown, |asked| asked.max(grown)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit_and_the_last_try_is_the_last() {
        let policy = RetryPolicy {
            max_attempts: 5,
            first_pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(100),
        };
        let pauses: Vec<_> = (1..=5)
            .map(|attempt| {
                policy
                    .pause_after(attempt, None)
                    .map(|pause| pause.as_secs())
            })
            .collect();
        assert_eq!(pauses, [Some(10), Some(40), Some(100), Some(100), None]);
    }

    #[test]
    fn a_longer_wait_that_the_other_side_asked_for_is_respected() {
        let asked = Duration::from_secs(3_600);
        assert_eq!(
            RetryPolicy::default().pause_after(1, Some(asked)),
            Some(asked)
        );
    }
}
