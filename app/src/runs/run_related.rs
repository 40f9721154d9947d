//! Runs around a run: before and after it, those it repeats, those that repeat it.

use domain::views::runs::{RelatedRun, RunDetail};
use leptos::prelude::*;

use crate::ui::{status_badge::StatusBadge, time::Ago};

#[component]
pub fn RunRelated(detail: RunDetail) -> impl IntoView {
    let as_of = detail.as_of;
    let related = detail.related;
    let before_and_after = [
        ("Repeats", related.repeats),
        ("Previous", related.previous),
        ("Next", related.next),
    ];
    let repeated = related
        .repeated_by
        .into_iter()
        .map(|run| ("Repeated by", run));
    let lines: Vec<_> = before_and_after
        .into_iter()
        .filter_map(|(word, run)| Some((word, run?)))
        .chain(repeated)
        .map(|(word, run)| view! { <Line word run as_of /> })
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

#[component]
fn Line(
    word: &'static str,
    run: RelatedRun,
    as_of: chrono::DateTime<chrono::Utc>,
) -> impl IntoView {
    view! {
        <div>
            <dt>{word}</dt>
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
