//! Runs around a run: before and after it, those it repeats, those that repeat it.

use domain::views::runs::{RelatedRun, RunDetail};
use leptos::prelude::*;

use crate::ui::{status_badge::StatusBadge, time::Ago};

#[component]
pub fn RunRelated(detail: RunDetail) -> impl IntoView {
    let as_of = detail.as_of;
    let related = detail.related;
    let repeated = related.repeated_by.into_iter().map(Some);
    let repeated = repeated.map(|run| ("Repeated by", run));
    let all = std::iter::once(("Repeats", related.repeats))
        .chain(repeated)
        .chain([("Previous", related.previous), ("Next", related.next)]);
    let lines: Vec<_> = each_once(all.filter_map(|(word, run)| Some((word, run?))))
        .into_iter()
        .map(|(word, also, run)| view! { <Line word also run as_of /> })
        .collect();
    (!lines.is_empty()).then(|| {
        view! {
            <section aria-labelledby="related-title">
                <h2 id="related-title">"Related runs"</h2>
                <dl class="facts related">{lines}</dl>
            </section>
        }
    })
}

/// Each run once, with what it is and what it is besides: that which repeats a run is often the next one, too.
fn each_once(
    related: impl Iterator<Item = (&'static str, RelatedRun)>,
) -> Vec<(&'static str, String, RelatedRun)> {
    let mut lines: Vec<(_, String, RelatedRun)> = Vec::new();
    for (word, run) in related {
        match lines.iter_mut().find(|(_, _, known)| known.id == run.id) {
            Some((_, also, _)) => also.push_str(&format!(", {}", word.to_lowercase())),
            None => lines.push((word, String::new(), run)),
        }
    }
    lines
}

#[component]
fn Line(
    word: &'static str,
    also: String,
    run: RelatedRun,
    as_of: chrono::DateTime<chrono::Utc>,
) -> impl IntoView {
    view! {
        <div>
            <dt>{word} {also}</dt>
            <dd data-related=word data-run-id=run.id.to_string()>
                // A page of its own: from one run to another the router would keep the query, such as what its items are narrowed to.
                <a rel="external" href=format!("/runs/{}", run.id)>{format!("Run {}", run.id)}</a>
                " "
                <StatusBadge state=run.state />
                " "
                <span class="muted"><Ago at=run.created_at as_of /></span>
            </dd>
        </div>
    }
}
