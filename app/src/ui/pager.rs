//! Newer and older pages of a list, and as of when the list is.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::time::ClockAt;

/// Links to the neighbouring pages, where there are any. `note` says how the list is ordered.
#[component]
pub fn Pager(
    note: &'static str,
    as_of: DateTime<Utc>,
    #[prop(optional_no_strip)] newer: Option<(&'static str, String)>,
    #[prop(optional_no_strip)] older: Option<(&'static str, String)>,
) -> impl IntoView {
    let link = |page: Option<(&'static str, String)>, rel: &'static str| {
        page.map(|(word, href)| view! { <a href=href rel=rel>{word}</a> })
    };
    view! {
        <nav class="pager" aria-label="Pages">
            <span>{note} " · as of " <ClockAt at=as_of /></span>
            <span class="pager-links">{link(newer, "prev")} {link(older, "next")}</span>
        </nav>
    }
}
