//! `/handover/{token}`: one run for somebody outside, read-only and without anybody's name.

use domain::views::{handovers::HandedOver, runs::operation_label};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;

use super::{
    api::handed_over,
    run_failures::RunFailures,
    run_progress::{Counts, noun},
    ticket::of_handover,
};
use crate::ui::{
    copy::Copy,
    problem::or_problem,
    status_badge::StatusBadge,
    time::{At, span},
};

#[component]
pub fn HandoverPage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.read().get("token").unwrap_or_default());
    let run = Resource::new(move || token.get(), handed_over);
    let shown = move |run| {
        let path = format!("/handover/{}", token.get_untracked());
        view! { <Shown run path /> }
    };
    view! {
        // Whoever has the address sees the page; search engines are not to have it.
        <Meta name="robots" content="noindex, nofollow" />
        <Transition>{move || run.get().map(|run| or_problem(run, shown))}</Transition>
    }
}

#[component]
fn Shown(run: HandedOver, path: String) -> impl IntoView {
    let title = format!(
        "{} for {}",
        operation_label(&run.operation_type),
        run.tenant_name
    );
    let active = run.state.status().is_active();
    let took = run
        .state
        .took_seconds()
        .map(|seconds| format!("Took {}. ", span(seconds)));
    let counts = run
        .counts
        .map(|counts| view! { <Counts counts noun=noun(&run.operation_type, counts) skipped="skipped" active /> });
    let ticket = of_handover(&run);
    let steps: Vec<_> = run
        .steps
        .into_iter()
        .map(|step| view! { <li><span>{step.label}</span> " " <span class="muted"><At at=step.at /></span></li> })
        .collect();
    view! {
        <Title text=title.clone() />
        <article class="handover" data-status=run.state.status().as_str() data-outcome=run.state.outcome().as_str()>
            <header class="headline">
                <h1>{title}</h1>
                <div class="run-state"><StatusBadge state=run.state.clone() /></div>
            </header>
            <p class="since">
                "Queued " <At at=run.created_at /> ". " {took}
                "As of " <At at=run.as_of /> "."
            </p>
            <p class="notice">
                "Whoever has this page’s address sees it, without signing in, until " <At at=run.expires_at />
                ". It shows no names of people and nothing else of this tenant. "
                <Copy path what="link to this page" is_told=true />
            </p>
            {counts}
            <RunFailures failures=run.failures active request_ids=run.request_ids />
            {(!steps.is_empty()).then(|| view! {
                <section aria-labelledby="steps-title">
                    <h2 id="steps-title">"Steps"</h2>
                    <ol class="lines">{steps}</ol>
                </section>
            })}
            <section aria-labelledby="ticket-title">
                <h2 id="ticket-title">"As text for a ticket"</h2>
                <Copy text=ticket.clone() what="ticket" />
                <pre class="ticket">{ticket}</pre>
            </section>
        </article>
    }
}
