//! Points in time and spans as people read them; always from the server's clock, so that server and browser write the same.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use leptos::prelude::*;

use super::ticker::seconds_from_now;

/// "2026-11-21 12:04:31 UTC".
pub fn absolute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// "12:04:31 UTC".
pub fn clock(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S UTC").to_string()
}

/// "just now", "3 min ago", "2 d ago"; "in 40 s" for what is to come.
pub fn relative(at: DateTime<Utc>, as_of: DateTime<Utc>) -> String {
    let seconds = (as_of - at).num_seconds();
    match seconds {
        -1..=1 => "just now".to_owned(),
        2.. => format!("{} ago", rough(seconds)),
        _ => format!("in {}", rough(-seconds)),
    }
}

/// One unit: "43 s", "3 min", "5 h", "2 d".
fn rough(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Two units: "43 s", "4 min 12 s", "1 h 5 min", "2 d 3 h".
pub fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (large, unit, small, small_unit) = match seconds {
        ..60 => return format!("{seconds} s"),
        60..3600 => (seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => (seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => (seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    };
    match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {small_unit}"),
    }
}

/// Like [`span`], with tenths for what took less than ten seconds: "0.4 s"; "< 0.1 s" for next to nothing.
pub fn fine_span(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    match (to - from).num_milliseconds().max(0) / 100 {
        0 => "< 0.1 s".to_owned(),
        tenths @ ..100 => format!("{}.{} s", tenths / 10, tenths % 10),
        tenths => span(tenths / 10),
    }
}

/// For machines: RFC 3339 in UTC with milliseconds.
fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The full date and time.
#[component]
pub fn At(at: DateTime<Utc>) -> impl IntoView {
    view! { <time datetime=rfc3339(at)>{absolute(at)}</time> }
}

/// Hours, minutes and seconds without the zone, which has to stand nearby; the full date in its tooltip.
#[component]
pub fn BareClockAt(at: DateTime<Utc>) -> impl IntoView {
    let clock = at.format("%H:%M:%S").to_string();
    view! { <time datetime=rfc3339(at) title=absolute(at)>{clock}</time> }
}

/// Time of day alone, the full date in its tooltip.
#[component]
pub fn ClockAt(at: DateTime<Utc>) -> impl IntoView {
    view! { <time datetime=rfc3339(at) title=absolute(at)>{clock(at)}</time> }
}

/// How long ago, the full date in its tooltip. Goes on counting while the page is open.
#[component]
pub fn Ago(at: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView {
    let passed = seconds_from_now();
    let words = move || relative(at, as_of + TimeDelta::seconds(passed.get()));
    view! { <time datetime=rfc3339(at) title=absolute(at)>{words}</time> }
}

/// How long ago when it was asked. Stands still, for places where a screen reader announces every change.
#[component]
pub fn AgoAtOnce(at: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView {
    view! { <time datetime=rfc3339(at) title=absolute(at)>{relative(at, as_of)}</time> }
}

/// How long something has been going on: "43 s". Goes on counting while the page is open.
#[component]
pub fn Lasting(since: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView {
    let passed = seconds_from_now();
    let words = move || span((as_of - since).num_seconds() + passed.get());
    view! { <span class="lasting">{words}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_and_say_so() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(3_723_400);
        assert_eq!(absolute(at), "1970-01-01 01:02:03 UTC");
        assert_eq!(clock(at), "01:02:03 UTC");
        assert_eq!(rfc3339(at), "1970-01-01T01:02:03.400Z");
    }

    #[test]
    fn relative_time_uses_one_unit_and_knows_the_future() {
        let as_of = DateTime::UNIX_EPOCH + TimeDelta::days(9);
        let before = |seconds| relative(as_of - TimeDelta::seconds(seconds), as_of);
        assert_eq!(before(0), "just now");
        assert_eq!(before(59), "59 s ago");
        assert_eq!(before(60), "1 min ago");
        assert_eq!(before(7_199), "1 h ago");
        assert_eq!(before(2 * 86_400), "2 d ago");
        assert_eq!(before(-40), "in 40 s");
    }

    #[test]
    fn spans_name_at_most_two_units() {
        assert_eq!(span(252), "4 min 12 s");
        assert_eq!(span(3_900), "1 h 5 min");
        assert_eq!(span(120), "2 min");
        assert_eq!(span(-5), "0 s");
        let start = DateTime::UNIX_EPOCH;
        assert_eq!(
            fine_span(start, start + TimeDelta::milliseconds(440)),
            "0.4 s"
        );
        assert_eq!(
            fine_span(start, start + TimeDelta::milliseconds(99)),
            "< 0.1 s"
        );
        assert_eq!(fine_span(start, start + TimeDelta::seconds(10)), "10 s");
    }
}
