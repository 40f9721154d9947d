//! How far a run has come, in numbers that add up; and, while it does not move, why.

use domain::{
    OperationType, Status, SummaryCounts, TenantId,
    views::runs::{RunDetail, Waiting, operation_label},
};
use leptos::prelude::*;

use crate::ui::{
    number::grouped,
    progress::{ProgressBar, left_at_its_pace, skipped_word},
    time::{Ago, At, ClockAt, clock_in_words, rough},
};

/// `watched`: whether the reader has seen the run go on; then what stands below stays in its place when it ends.
#[component]
pub fn RunProgress(detail: RunDetail, watched: bool) -> impl IntoView {
    let run = detail.run.clone();
    let active = run.state.status().is_active();
    let skipped = skipped_word(&run);
    let as_of = format!(
        "<p class=\"muted\">As of {}</p>",
        clock_in_words(detail.as_of)
    );
    let counts = run.counts.map(
        |counts| view! { <Counts counts noun=noun(&run.operation_type, counts) skipped active /> },
    );
    let parts = run
        .parts
        .filter(|_| run.state.status() == Status::Running)
        .map(|parts| {
            view! { <p class="muted">{format!("Part {} of {}", parts.begun, parts.total)}</p> }
        });
    // What is usual tells it above; what it waits for nobody can foretell.
    let is_told = detail.usual.is_some() || detail.waiting.is_some();
    let left = (!is_told)
        .then(|| left_at_its_pace(&run, detail.as_of))
        .flatten()
        .map(|left| view! { <p class="muted" data-left="">{format!("About {} left at this pace", rough(left))}</p> });
    let quiet = (run.counts.is_none() && run.state.status() == Status::Running)
        .then(|| view! { <p class="muted">"Nothing has been counted yet."</p> });
    view! {
        <section class="run-progress" class:watched=watched aria-label="Progress">
            <ProgressBar run=run.clone() />
            {counts}
            {parts}
            {left}
            {quiet}
            {detail.waiting.clone().map(|waiting| view! { <Why waiting tenant=run.tenant_id /> })}
            <SignOfLife detail />
            // As raw HTML: with a script the browser keeps it as text, and hydration would look for an element.
            <noscript inner_html=as_of></noscript>
        </section>
    }
}

/// What an operation's items are, so many of them.
pub fn noun(operation_type: &str, counts: SummaryCounts) -> &'static str {
    let total = counts.with_consistent_total().total;
    let operation = operation_type.parse();
    operation.map_or("items", |operation: OperationType| {
        operation.item_noun(total)
    })
}

/// "412 policies: 176 succeeded · 6 failed · 0 skipped · 230 to go".
#[component]
pub fn Counts(
    counts: SummaryCounts,
    noun: &'static str,
    skipped: &'static str,
    active: bool,
) -> impl IntoView {
    let counts = counts.with_consistent_total();
    let left = counts.total - counts.done();
    let rest = match (left, active) {
        (0, _) => None,
        (left, true) => Some((left, "to go")),
        (left, false) => Some((left, "not reached")),
    };
    view! {
        <p class="counts">
            <span><strong data-count="total">{grouped(counts.total)}</strong> " " {noun}</span>
            <span data-tone=(counts.success > 0).then_some("success")>
                <strong data-count="success">{grouped(counts.success)}</strong> " succeeded"
            </span>
            <span data-tone=(counts.failed > 0).then_some("failed")>
                <strong data-count="failed">{grouped(counts.failed)}</strong> " failed"
            </span>
            <span><strong data-count="skipped">{grouped(counts.skipped)}</strong> " " {skipped}</span>
            {rest.map(|(left, word)| view! { <span><strong>{grouped(left)}</strong> " " {word}</span> })}
        </p>
    }
}

/// Why an active run does not move.
#[component]
fn Why(waiting: Waiting, tenant: TenantId) -> impl IntoView {
    let (kind, words) = match waiting {
        Waiting::Execution { restore } => (
            "execution",
            view! {
                "Previewed; waits until somebody executes the "
                <a href=format!("/tenants/{tenant}/restores/{restore}")>"restore"</a>
                "."
            }
            .into_any(),
        ),
        Waiting::NoWorker { last_seen } => {
            let since = match last_seen {
                Some(at) => view! { "none has shown a sign of life since " <At at /> }.into_any(),
                None => "none has ever shown a sign of life".into_any(),
            };
            (
                "no_worker",
                view! { "Waits for a worker: " {since} ". Whoever operates TenantAtlas must start one." }.into_any(),
            )
        }
        Waiting::TenantBusy {
            run,
            operation_type,
            usually_left,
        } => (
            "tenant_busy",
            view! {
                "Waits for "
                <a rel="external" href=format!("/runs/{run}")>{format!("{} (run {run})", operation_label(&operation_type))}</a>
                ", which works on the same tenant"
                {usually_left.map(|left| format!(" and usually ends in about {}", rough(left)))}
                "."
            }
            .into_any(),
        ),
        Waiting::InQueue { ahead: 0 } => ("in_queue", "Next in the queue.".into_any()),
        Waiting::InQueue { ahead: 1 } => ("in_queue", "1 run is before it in the queue.".into_any()),
        Waiting::InQueue { ahead } => {
            ("in_queue", format!("{ahead} runs are before it in the queue.").into_any())
        }
        Waiting::Throttled { until } => (
            "throttled",
            view! { "Microsoft asked to wait until " <ClockAt at=until /> "." }.into_any(),
        ),
        Waiting::Retry { at } => (
            "retry",
            view! { "A try failed; the next one begins at " <ClockAt at /> "." }.into_any(),
        ),
    };
    view! { <p class="notice" data-waiting=kind>{words}</p> }
}

/// When it will be given up: a running one after the worker's silence, a queued one that no worker begins.
#[component]
fn SignOfLife(detail: RunDetail) -> impl IntoView {
    let as_of = detail.as_of;
    let seen = detail.last_sign_of_life.zip(detail.lost_at);
    let seen = seen.map(|(at, lost_at)| {
        view! {
            <p class="muted life">
                "Last sign of life " <Ago at as_of />
                " · declared lost at " <ClockAt at=lost_at /> " unless another comes"
            </p>
        }
    });
    let begun_by = detail.given_up_at.map(|at| {
        view! { <p class="muted life">"Ends as failed on " <At at /> " unless a worker begins it before"</p> }
    });
    view! { {seen} {begun_by} }
}
