//! The reader's own active runs, in a corner of every page.

use domain::views::{notifications::FrameSummary, runs::RunRow};
use leptos::prelude::*;

use super::progress::{ProgressBar, counts_in_words};

/// Nothing while nothing is active. It lies over the page's corner, so that its coming and going moves nothing.
pub fn active_runs(summary: &FrameSummary) -> Option<impl IntoView + use<>> {
    if summary.active.is_empty() {
        return None;
    }
    let count = match (summary.active.as_slice(), summary.more_active) {
        ([only], false) => format!("1 active run of yours{}", progress(only)),
        (several, false) => format!("{} active runs of yours", several.len()),
        (several, true) => format!("More than {} active runs of yours", several.len()),
    };
    let rows: Vec<_> = summary.active.iter().cloned().map(line).collect();
    Some(view! {
        <aside class="active-runs" aria-label="Your active runs">
            <details>
                <summary>{count}</summary>
                <ul>{rows}</ul>
                <p><a href="/runs?mine=1">"All your runs"</a></p>
            </details>
        </aside>
    })
}

/// " · 176 of 412", once something was counted.
fn progress(run: &RunRow) -> String {
    match counts_in_words(run) {
        counts if counts.is_empty() => counts,
        counts => format!(" · {counts}"),
    }
}

fn line(run: RunRow) -> impl IntoView {
    let title = format!("{} for {}", run.operation_label(), run.tenant_name);
    let (id, state, counts) = (run.id, run.state.label(), progress(&run));
    view! {
        <li data-active-run=id.to_string()>
            <a href=format!("/runs/{id}")>{title}</a>
            <span class="muted">{state} {counts}</span>
            <ProgressBar run />
        </li>
    }
}
