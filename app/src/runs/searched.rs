//! How far back a text was looked for, and how to look further.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::filters::RunFilters;
use crate::ui::time::day_in_words;

/// Nothing where it was looked for as far back as was asked.
#[component]
pub fn Searched(
    #[prop(optional_no_strip)] since: Option<NaiveDate>,
    cut_off: bool,
    filters: RunFilters,
) -> impl IntoView {
    since.map(|since| {
        let year_before = since.checked_sub_days(chrono::Days::new(335));
        let wider = RunFilters {
            from: Some(year_before.unwrap_or(since).to_string()),
            cursor: None,
            view: None,
            ..filters
        };
        let shown = day_in_words(since);
        let words = match cut_off {
            true => format!("Going back further took too long: only runs since {shown} were searched. Narrow it by tenant, operation or days, or "),
            false => format!("Searched the last 30 days, since {shown}. "),
        };
        let link = if cut_off { "try a year" } else { "Search a year" };
        view! {
            <p class="searched" data-searched-since=since.to_string() data-cut-off=cut_off.to_string()>
                {words}
                <a href=wider.href()>{link}</a>
            </p>
        }
    })
}
