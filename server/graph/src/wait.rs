//! How long a request waits before it is sent again, and who is told.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{GraphError, GraphErrorKind};
use crate::settings::GraphSettings;

/// Why a request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    Throttled,
    ServiceUnavailable,
    Network,
}

/// A request is about to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitNotice {
    /// How long the wait is, in milliseconds from now.
    pub until_ms: u64,
    pub reason: WaitReason,
}

/// Called with each wait as it begins. Must not block.
pub type WaitObserver = Arc<dyn Fn(WaitNotice) + Send + Sync>;

/// The waiting one request has done and may still do.
pub(crate) struct Waits<'a> {
    settings: &'a GraphSettings,
    observer: Option<&'a WaitObserver>,
    waited: Duration,
}

impl<'a> Waits<'a> {
    pub(crate) fn new(settings: &'a GraphSettings, observer: Option<&'a WaitObserver>) -> Self {
        Self {
            settings,
            observer,
            waited: Duration::ZERO,
        }
    }

    /// Whether a wait of this length is still allowed.
    pub(crate) fn allows(&self, wait: Duration) -> bool {
        wait <= self.settings.max_retry_wait && self.waited + wait <= self.settings.total_retry_wait
    }

    /// Waits, or fails at once with the reason when that would take too long.
    pub(crate) async fn wait(
        &mut self,
        wait: Duration,
        reason: WaitReason,
    ) -> Result<(), GraphError> {
        if !self.allows(wait) {
            return Err(too_long(wait, reason));
        }
        self.waited += wait;
        if let Some(observer) = self.observer {
            observer(WaitNotice {
                until_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                reason,
            });
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

fn too_long(wait: Duration, reason: WaitReason) -> GraphError {
    let (kind, what) = match reason {
        WaitReason::Throttled => (
            GraphErrorKind::Throttled,
            "throttles this tenant's requests",
        ),
        WaitReason::ServiceUnavailable => (GraphErrorKind::Unavailable, "is unavailable"),
        WaitReason::Network => (GraphErrorKind::Network, "cannot be reached"),
    };
    let mut error = GraphError::new(
        kind,
        format!("Graph {what}; it asks to come back in {} s", wait.as_secs()),
    );
    error.retry_after = Some(wait);
    error
}

/// The wait after the `attempt`th failure (from 1) when the service named none: doubling, its
/// second half random, so that runs stopped together do not return together.
pub(crate) fn backoff(settings: &GraphSettings, attempt: u32) -> Duration {
    let doubled = settings
        .backoff
        .saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1).min(20)))
        .min(settings.max_retry_wait);
    doubled.mul_f64(0.5 + rand::random_range(0.0..0.5))
}

/// The service's `Retry-After`: seconds, or an HTTP date. `None` if absent or unreadable.
pub(crate) fn retry_after(value: &str, now: chrono::DateTime<chrono::Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = chrono::DateTime::parse_from_rfc2822(value).ok()?;
    Some(
        (at.with_timezone(&chrono::Utc) - now)
            .to_std()
            .unwrap_or(Duration::ZERO),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-02-01T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after(" 17 ", now), Some(Duration::from_secs(17)));
        assert_eq!(
            retry_after("Sun, 01 Feb 2026 10:00:30 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            retry_after("Sun, 01 Feb 2026 09:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn backoff_doubles_up_to_the_longest_wait() {
        let settings = GraphSettings::default();
        for (attempt, most) in [(1, 1), (2, 2), (4, 8), (30, 60)] {
            let wait = backoff(&settings, attempt);
            assert!(wait <= Duration::from_secs(most), "{attempt}: {wait:?}");
            assert!(wait * 2 >= Duration::from_secs(most), "{attempt}: {wait:?}");
        }
    }

    #[tokio::test]
    async fn a_wait_beyond_the_limits_fails_at_once_and_says_when_to_come_back() {
        let settings = GraphSettings::default();
        let mut waits = Waits::new(&settings, None);
        let error = waits
            .wait(Duration::from_secs(61), WaitReason::Throttled)
            .await
            .unwrap_err();
        assert_eq!(error.kind, GraphErrorKind::Throttled);
        assert_eq!(error.retry_after, Some(Duration::from_secs(61)));
        waits.waited = settings.total_retry_wait - Duration::from_secs(1);
        assert!(waits.allows(Duration::from_secs(1)));
        assert!(!waits.allows(Duration::from_secs(2)));
    }
}
