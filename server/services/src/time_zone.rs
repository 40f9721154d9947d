//! Time zones by their IANA names, and the tables by which pages write times.

use std::str::FromStr;

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use domain::preferences::Zone;

use crate::ServiceError;

/// Pages write times of these years: 2012-01-01 up to 2037-12-31. Before and after, the first and the last offset hold.
const FIRST: i64 = 1_325_376_000;
const LAST: i64 = 2_145_830_400;
/// No zone changes its offset twice within so many seconds (two weeks).
const STEP: i64 = 14 * 86_400;

/// The zone with this name; `field` is what the answer to another name calls it.
pub(crate) fn named(field: &str, name: &str) -> Result<Tz, ServiceError> {
    Tz::from_str(name.trim()).map_err(|_| {
        ServiceError::Invalid(format!(
            "{field}: “{}” is not a time zone such as Europe/Berlin or UTC",
            name.chars().take(40).collect::<String>()
        ))
    })
}

/// The zone's table; none for a name that this version does not know, and for UTC, which needs no table.
pub(crate) fn table(name: &str) -> Option<Zone> {
    let zone = Tz::from_str(name).ok().filter(|zone| *zone != Tz::UTC)?;
    let mut offsets = vec![(FIRST, offset(zone, FIRST))];
    let mut from = FIRST;
    while from < LAST {
        let to = from + STEP;
        let after = offset(zone, to);
        if after != offset(zone, from) {
            offsets.push((change_between(zone, from, to), after));
        }
        from = to;
    }
    Some(Zone {
        name: name.to_owned(),
        offsets,
    })
}

/// The first second with the offset that holds at `to`.
fn change_between(zone: Tz, mut from: i64, mut to: i64) -> i64 {
    let after = offset(zone, to);
    while to - from > 1 {
        let middle = from + (to - from) / 2;
        match offset(zone, middle) == after {
            true => to = middle,
            false => from = middle,
        }
    }
    to
}

fn offset(zone: Tz, second: i64) -> i32 {
    let at = DateTime::from_timestamp(second, 0).unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
    zone.offset_from_utc_datetime(&at.naive_utc())
        .fix()
        .local_minus_utc()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_table_says_what_the_zone_says_to_the_second() {
        for name in [
            "Europe/Berlin",
            "America/Sao_Paulo",
            "Africa/Casablanca",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
        ] {
            let zone = Tz::from_str(name).unwrap();
            let table = table(name).unwrap();
            // An uneven step, so that every hour of the day is met.
            for second in (FIRST..LAST).step_by(100_003) {
                let at = DateTime::from_timestamp(second, 0).unwrap();
                let told = table.offset_at(at).local_minus_utc();
                assert_eq!(told, offset(zone, second), "{name} at {at}");
            }
        }
        let berlin = table("Europe/Berlin").unwrap();
        let at = |text: &str| berlin.offset_at(text.parse().unwrap()).local_minus_utc();
        assert_eq!(at("2026-03-29T00:59:59Z"), 3600);
        assert_eq!(at("2026-03-29T01:00:00Z"), 7200);
        assert_eq!((table("UTC"), table("Mars/Olympus")), (None, None));
    }
}
