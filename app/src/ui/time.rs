//! Points in time and spans as people read them; always from the server's clock, so that server and browser write the same.
//!
//! The zone is the reader's choice. Server and browser compute its offset from the same table, which comes with the page:
//! the browser's own knowledge of zones may differ from the server's, and text that differs is not mended when the script
//! takes over a page.

use chrono::{DateTime, FixedOffset, NaiveDate, Offset, SecondsFormat, TimeDelta, Utc};
use domain::{
    TenantId,
    preferences::{DateStyle, Zone, ZoneChoice, Zones},
};
use leptos::{context::Provider, prelude::*};
use leptos_router::hooks::use_location;

use super::ticker::seconds_from_now;

/// How times on this page are written; fixed until the next whole page.
#[derive(Clone, Copy)]
struct Clocks {
    zones: StoredValue<Zones>,
    dates: DateStyle,
}

/// The tenant that everything below is about.
#[derive(Clone, Copy)]
struct About(TenantId);

/// Makes the reader's zones and way of writing dates known to everything below.
pub fn provide_clocks(zones: Zones, dates: DateStyle) {
    let zones = StoredValue::new(zones);
    provide_context(Clocks { zones, dates });
}

/// Times below belong to this tenant. Not needed on pages under `/tenants/{id}`.
#[component]
pub fn OfTenant(tenant: TenantId, children: Children) -> impl IntoView {
    view! { <Provider value=About(tenant)>{children()}</Provider> }
}

/// A point in time where it is written.
struct Written<'a> {
    at: DateTime<Utc>,
    zones: &'a Zones,
    dates: DateStyle,
    tenant: Option<TenantId>,
}

/// Takes from a point in time what stands on the page: its text, its tooltip.
fn write<T>(at: DateTime<Utc>, take: impl FnOnce(Written) -> T) -> T {
    let tenant = tenant_here();
    let write = |zones: &Zones| {
        take(Written {
            at,
            zones,
            dates: date_style(),
            tenant,
        })
    };
    match use_context::<Clocks>() {
        Some(Clocks { zones, .. }) => zones.with_value(write),
        None => write(&Zones::default()),
    }
}

fn date_style() -> DateStyle {
    use_context::<Clocks>().map_or_else(DateStyle::default, |clocks| clocks.dates)
}

/// The day of a point in time, where times here are written.
pub fn date_in_words(at: DateTime<Utc>) -> String {
    write(at, |written| {
        day_in_words(at.with_timezone(&written.offset()).date_naive())
    })
}

/// A day as the reader writes days.
pub fn day_in_words(day: NaiveDate) -> String {
    day.format(date_style().pattern()).to_string()
}

/// The tenant that is being written about: the nearest [`OfTenant`]'s, or that of the page's address.
fn tenant_here() -> Option<TenantId> {
    if let Some(About(tenant)) = use_context() {
        return Some(tenant);
    }
    let path = use_location().pathname.get_untracked();
    let rest = path.strip_prefix("/tenants/")?;
    rest.split('/').next()?.parse().ok()
}

impl Written<'_> {
    fn offset(&self) -> FixedOffset {
        let here = self.zones.of(self.tenant);
        here.map_or_else(|| Utc.fix(), |here| here.offset_at(self.at))
    }

    fn full(&self) -> String {
        absolute(self.at, self.offset(), self.dates)
    }

    fn clock(&self) -> String {
        format!("{} {}", self.bare_clock(), offset_name(self.offset()))
    }

    fn bare_clock(&self) -> String {
        self.at
            .with_timezone(&self.offset())
            .format("%H:%M:%S")
            .to_string()
    }

    /// The time in this place's zone, in UTC, in the reader's and in the tenant's: each once.
    fn tooltip(&self) -> String {
        let utc = Zone::utc();
        let here = self.zones.of(self.tenant).unwrap_or(&utc);
        let own = self.zones.own.as_ref();
        let tenants = self.tenant.and_then(|tenant| self.zones.of_tenant(tenant));
        let mut zones = vec![here];
        for other in [Some(&utc), own, tenants].into_iter().flatten() {
            if zones.iter().all(|zone| zone.name != other.name) {
                zones.push(other);
            }
        }
        let lines: Vec<_> = zones
            .into_iter()
            .map(|zone| with_name(self.at, zone))
            .collect();
        lines.join("\n")
    }
}

/// "UTC", or the zone that bare clocks here are in: "Europe/Berlin".
pub fn zone_here() -> String {
    let tenant = tenant_here();
    let name = use_context::<Clocks>().and_then(|Clocks { zones, .. }| {
        zones.with_value(|zones| zones.of(tenant).map(|zone| zone.name.clone()))
    });
    name.unwrap_or_else(|| "UTC".to_owned())
}

/// In which zone times are written on this site, in words.
pub fn zone_in_words() -> String {
    let choice =
        use_context::<Clocks>().map(|Clocks { zones, .. }| zones.with_value(|zones| zones.choice));
    match choice {
        Some(ZoneChoice::Tenant) => "Times as each tenant has them".to_owned(),
        _ => format!("Times in {}", zone_here()),
    }
}

/// "2026-11-21 12:04:31 UTC", "Nov 21, 2026 13:04:31 UTC+1". Hours count to 24 everywhere: that is how logs have them.
fn absolute(at: DateTime<Utc>, offset: FixedOffset, dates: DateStyle) -> String {
    let there = at.with_timezone(&offset);
    let date = there.format(dates.pattern());
    format!(
        "{date} {} {}",
        there.format("%H:%M:%S"),
        offset_name(offset)
    )
}

/// With the zone's name, for tooltips, where it is the same for everybody: "2026-11-21 13:04:31 UTC+1 (Europe/Berlin)".
fn with_name(at: DateTime<Utc>, zone: &Zone) -> String {
    let written = absolute(at, zone.offset_at(at), DateStyle::Iso);
    match zone.name.as_str() {
        "UTC" => written,
        name => format!("{written} ({name})"),
    }
}

/// "UTC", "UTC+1", "UTC−3:30".
fn offset_name(offset: FixedOffset) -> String {
    let minutes = offset.local_minus_utc() / 60;
    let sign = if minutes < 0 { '−' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
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
pub fn rough(seconds: i64) -> String {
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

/// The full date and time, other zones in its tooltip.
#[component]
pub fn At(at: DateTime<Utc>) -> impl IntoView {
    let (full, tooltip) = write(at, |written| (written.full(), written.tooltip()));
    // A tooltip that only repeats the text is noise.
    let tooltip = (tooltip != full).then_some(tooltip);
    view! { <time datetime=rfc3339(at) title=tooltip>{full}</time> }
}

/// Hours, minutes and seconds without the zone, which has to stand nearby; the full date in its tooltip.
#[component]
pub fn BareClockAt(at: DateTime<Utc>) -> impl IntoView {
    let (clock, tooltip) = write(at, |written| (written.bare_clock(), written.tooltip()));
    view! { <time datetime=rfc3339(at) title=tooltip>{clock}</time> }
}

/// Time of day alone, the full date in its tooltip.
#[component]
pub fn ClockAt(at: DateTime<Utc>) -> impl IntoView {
    let (clock, tooltip) = write(at, |written| (written.clock(), written.tooltip()));
    view! { <time datetime=rfc3339(at) title=tooltip>{clock}</time> }
}

/// The same as a text, for a place that holds no element.
pub fn clock_in_words(at: DateTime<Utc>) -> String {
    write(at, |written| written.clock())
}

fn tooltip(at: DateTime<Utc>) -> String {
    write(at, |written| written.tooltip())
}

/// How long ago, the full date in its tooltip. Goes on counting while the page is open.
#[component]
pub fn Ago(at: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView {
    let passed = seconds_from_now();
    let words = move || relative(at, as_of + TimeDelta::seconds(passed.get()));
    view! { <time datetime=rfc3339(at) title=tooltip(at)>{words}</time> }
}

/// How long ago when it was asked. Stands still, for places where a screen reader announces every change.
#[component]
pub fn AgoAtOnce(at: DateTime<Utc>, as_of: DateTime<Utc>) -> impl IntoView {
    view! { <time datetime=rfc3339(at) title=tooltip(at)>{relative(at, as_of)}</time> }
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

    fn zones(choice: ZoneChoice) -> Zones {
        let zone = |name: &str, seconds| Zone {
            name: name.to_owned(),
            offsets: vec![(0, seconds)],
        };
        Zones {
            choice,
            own: Some(zone("Europe/Berlin", 3600)),
            tenants: vec![(TenantId(7), zone("America/St_Johns", -12_600))],
        }
    }

    #[test]
    fn times_are_written_in_the_chosen_zone_and_say_which() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(3_723_400);
        let full = |choice, tenant: Option<i64>| {
            let (zones, tenant) = (&zones(choice), tenant.map(TenantId));
            let dates = DateStyle::Language;
            Written {
                at,
                zones,
                dates,
                tenant,
            }
            .full()
        };
        assert_eq!(full(ZoneChoice::Utc, Some(7)), "1970-01-01 01:02:03 UTC");
        assert_eq!(
            full(ZoneChoice::Browser, Some(7)),
            "1970-01-01 02:02:03 UTC+1"
        );
        assert_eq!(
            full(ZoneChoice::Tenant, Some(7)),
            "1969-12-31 21:32:03 UTC−3:30"
        );
        assert_eq!(full(ZoneChoice::Tenant, None), "1970-01-01 01:02:03 UTC");
        assert_eq!(rfc3339(at), "1970-01-01T01:02:03.400Z");
    }

    #[test]
    fn the_tooltip_has_every_zone_that_matters_once() {
        let at = DateTime::UNIX_EPOCH;
        let dates = DateStyle::Dotted;
        let tooltip = |zones: &Zones, tenant| {
            let written = Written {
                at,
                zones,
                dates,
                tenant,
            };
            written.tooltip()
        };
        assert_eq!(
            tooltip(&zones(ZoneChoice::Browser), Some(TenantId(7))),
            "1970-01-01 01:00:00 UTC+1 (Europe/Berlin)\n1970-01-01 00:00:00 UTC\n\
             1969-12-31 20:30:00 UTC−3:30 (America/St_Johns)"
        );
        assert_eq!(
            tooltip(&Zones::default(), Some(TenantId(7))),
            "1970-01-01 00:00:00 UTC"
        );
    }

    #[test]
    fn dates_are_written_as_the_reader_writes_them() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(8);
        let written = |dates| absolute(at, Utc.fix(), dates);
        assert_eq!(written(DateStyle::Language), "1970-01-09 00:00:00 UTC");
        assert_eq!(written(DateStyle::Dotted), "09.01.1970 00:00:00 UTC");
        assert_eq!(written(DateStyle::DayFirst), "9 Jan 1970 00:00:00 UTC");
        assert_eq!(written(DateStyle::MonthFirst), "Jan 9, 1970 00:00:00 UTC");
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
