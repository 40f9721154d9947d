//! When a schedule is due: five fields of cron, read in a time zone.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;

use crate::ServiceError;

/// A cadence that can be computed: both texts were understood, and there is a next time.
#[derive(Debug, Clone)]
pub struct Cadence {
    cron: Cron,
    zone: Tz,
}

impl Cadence {
    /// # Errors
    /// `Invalid`, naming the part that can't be understood.
    pub fn new(cron: &str, time_zone: &str) -> Result<Self, ServiceError> {
        let fields = cron.split_whitespace().count();
        if fields != 5 {
            return Err(ServiceError::Invalid(format!(
                "cron: {fields} fields instead of five (minute, hour, day of month, month, day of week)"
            )));
        }
        let parsed = Cron::from_str(cron)
            .map_err(|error| ServiceError::Invalid(format!("cron: {error}")))?;
        let zone = Tz::from_str(time_zone).map_err(|_| {
            ServiceError::Invalid(format!(
                "time_zone: “{}” is not a time zone such as Europe/Berlin or UTC",
                time_zone.chars().take(40).collect::<String>()
            ))
        })?;
        Ok(Self { cron: parsed, zone })
    }

    /// The first due time after `after`; none if there is never one again, as on 30 February.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = after.with_timezone(&self.zone);
        let next = self.cron.find_next_occurrence(&local, false).ok()?;
        Some(next.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn next(cron: &str, zone: &str, after: &str) -> String {
        let cadence = Cadence::new(cron, zone).unwrap();
        cadence.next(after.parse().unwrap()).unwrap().to_rfc3339()
    }

    #[test]
    fn local_times_follow_daylight_saving() {
        let daily = |after| next("30 2 * * *", "Europe/Berlin", after);
        assert_eq!(daily("2026-01-10T12:00:00Z"), "2026-01-11T01:30:00+00:00");
        assert_eq!(daily("2026-07-10T12:00:00Z"), "2026-07-11T00:30:00+00:00");
        assert_eq!(
            next("0 * * * *", "UTC", "2026-07-10T12:00:00Z"),
            "2026-07-10T13:00:00+00:00"
        );
        assert_eq!(
            next("0 3 * * 1", "America/New_York", "2026-11-21T00:00:00Z"),
            "2026-11-23T08:00:00+00:00"
        );
    }

    #[test]
    fn an_hour_that_does_not_exist_is_not_left_out() {
        // In Berlin 02:30 does not exist on 29 March 2026.
        let after = "2026-03-28T12:00:00Z";
        let found = next("30 2 * * *", "Europe/Berlin", after);
        assert!(found.starts_with("2026-03-29T0"), "{found}");
    }

    #[test]
    fn what_can_not_be_understood_is_named() {
        for (cron, zone, part) in [
            ("* * * *", "UTC", "cron"),
            ("0 0 0 1 1 * *", "UTC", "cron"),
            ("61 * * * *", "UTC", "cron"),
            ("0 3 * * *", "Mars/Olympus", "time_zone"),
            ("", "UTC", "cron"),
        ] {
            let error = Cadence::new(cron, zone).unwrap_err().to_string();
            assert!(error.starts_with(part), "{error}");
        }
        let never = Cadence::new("0 0 30 2 *", "UTC").unwrap();
        assert_eq!(never.next("2026-01-01T00:00:00Z".parse().unwrap()), None);
    }
}
