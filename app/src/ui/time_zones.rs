//! Time zones offered for choice; any IANA name is taken.

use leptos::prelude::*;

const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
    "Europe/Helsinki",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
];

/// What a field with `list="time-zones"` proposes.
#[component]
pub fn TimeZones() -> impl IntoView {
    let zones = ZONES
        .map(|zone| view! { <option value=zone></option> })
        .collect_view();
    view! { <datalist id="time-zones">{zones}</datalist> }
}
