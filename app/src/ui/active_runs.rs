//! The reader's own active runs, in a corner of every page.

use domain::views::{notifications::FrameSummary, runs::RunRow};
use leptos::prelude::*;

use super::progress::{ProgressBar, counts_in_words};

/// Nothing while nothing is active. It lies over the page's corner, so that its coming and going moves nothing.
pub fn active_runs(summary: &FrameSummary) -> Option<impl IntoView + use<>> {
    if summary.active.is_empty() {
        return None;
    }
    let count = match (summary.active.len(), summary.more_active) {
        (1, false) => "1 active run of yours".to_owned(),
        (count, false) => format!("{count} active runs of yours"),
        (count, true) => format!("More than {count} active runs of yours"),
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

fn line(run: RunRow) -> impl IntoView {
    let title = format!("{} for {}", run.operation_label(), run.tenant_name);
    let counts = match counts_in_words(&run) {
        counts if counts.is_empty() => String::new(),
        counts => format!(" · {counts}"),
    };
    let (id, state) = (run.id, run.state.label());
    view! {
        <li data-active-run=id.to_string()>
            <a href=format!("/runs/{id}")>{title}</a>
            <span class="muted">{state} {counts}</span>
            <ProgressBar run />
        </li>
    }
}
