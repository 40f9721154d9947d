//! When a schedule is due: five fields of cron, read in a time zone.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;

use crate::{ServiceError, time_zone};

/// A cadence that can be computed: both texts were understood, and there is a next time.
#[derive(Debug, Clone)]
pub struct Cadence {
    cron: Cron,
    zone: Tz,
}

impl Cadence {
    /// # Errors
    /// `Invalid`, naming the part that can't be understood.
    pub fn new(cron: &str, zone_name: &str) -> Result<Self, ServiceError> {
        let fields = cron.split_whitespace().count();
        if fields != 5 {
            return Err(ServiceError::Invalid(format!(
                "cron: {fields} fields instead of five (minute, hour, day of month, month, day of week)"
            )));
        }
        let parsed = Cron::from_str(cron)
            .map_err(|error| ServiceError::Invalid(format!("cron: {error}")))?;
        let zone = time_zone::named("time_zone", zone_name)?;
        Ok(Self { cron: parsed, zone })
    }

    /// The first due time after `after`; none if there is never one again, as on 30 February.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = after.with_timezone(&self.zone);
        let next = self.cron.find_next_occurrence(&local, false).ok()?;
        Some(next.with_timezone(&Utc))
    }
}

/// The cron fields of a choice as the form gives it: `every` is `hour`, `day`, `week` or `cron`.
///
/// # Errors
/// `Invalid`, naming the field that can't be understood.
pub fn cron_of(every: &str, at: &str, weekday: &str, cron: &str) -> Result<String, ServiceError> {
    let invalid = |text: &str| ServiceError::Invalid(text.into());
    let time = || {
        let (hour, minute) = at.split_once(':')?;
        let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.get(..2)?.parse().ok()?);
        (hour < 24 && minute < 60).then_some((hour, minute))
    };
    let time = || time().ok_or_else(|| invalid("at: a time such as 02:30"));
    Ok(match every {
        "hour" => format!("{} * * * *", time()?.1),
        "day" => {
            let (hour, minute) = time()?;
            format!("{minute} {hour} * * *")
        }
        "week" => {
            let (hour, minute) = time()?;
            let day: u8 = weekday
                .parse()
                .ok()
                .filter(|day| *day < 7)
                .ok_or_else(|| invalid("weekday: 0 (Sunday) to 6"))?;
            format!("{minute} {hour} * * {day}")
        }
        "cron" => cron.trim().to_owned(),
        _ => return Err(invalid("every: hour, day, week or cron")),
    })
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
    fn a_choice_becomes_cron() {
        let of = |every, weekday| cron_of(every, "02:05", weekday, " 1 2 * * 3 ").unwrap();
        assert_eq!(of("hour", ""), "5 * * * *");
        assert_eq!(of("day", ""), "5 2 * * *");
        assert_eq!(of("week", "1"), "5 2 * * 1");
        assert_eq!(of("cron", ""), "1 2 * * 3");
        for (every, at, weekday) in [
            ("day", "25:00", ""),
            ("week", "02:00", "7"),
            ("month", "02:00", ""),
        ] {
            assert!(cron_of(every, at, weekday, "").is_err());
        }
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
