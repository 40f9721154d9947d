//! `/runs/{id}`: one run, from queued to its end, following it by itself.

use chrono::{DateTime, Utc};
use domain::{
    RunId, RunState,
    views::runs::{RunDetail, RunRow},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    api::{StartOperation, run_detail},
    run_about::RunAbout,
    run_again::RunAgain,
    run_failures::RunFailures,
    run_identity::RunIdentity,
    run_progress::RunProgress,
    run_timeline::RunTimeline,
    start_answer::StartRefused,
};
use crate::ui::{
    answered::answered,
    live::live_resource,
    status_badge::StatusBadge,
    time::{Ago, ClockAt, Lasting, OfTenant, span},
};

#[component]
pub fn RunPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let detail = live_resource(
        move || id.get(),
        |id, changed| id.parse::<RunId>().is_ok_and(|run| changed.run(run)),
        run_detail,
    );
    let start = ServerAction::<StartOperation>::new();
    let refused = move || match start.value().get() {
        Some(Err(error)) => view! { <StartRefused error /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <div role="status" class="answers run-answers">{refused}</div>
        {answered(detail, move |detail| view! { <OfTenant tenant=detail.run.tenant_id><Run detail start /></OfTenant> })}
    }
}

#[component]
fn Run(detail: RunDetail, start: ServerAction<StartOperation>) -> impl IntoView {
    let run = detail.run.clone();
    let active = run.state.status().is_active();
    let title = format!("{} for {}", run.operation_label(), run.tenant_name);
    let tab_title = format!("{} · {title}", run.state.label());
    view! {
        <Title text=tab_title />
        // As raw HTML: with a script the browser keeps it as text, and hydration would look for an element.
        {active.then(|| view! { <noscript inner_html=r#"<meta http-equiv="refresh" content="5">"#></noscript> })}
        <nav class="crumbs" aria-label="You are here">
            <a href="/runs">"Runs"</a>
            " / "
            {run.id.to_string()}
        </nav>
        <article
            data-run-id=run.id.to_string()
            data-status=run.state.status().as_str()
            data-outcome=run.state.outcome().as_str()
        >
            <header class="headline">
                <h1>{title}</h1>
                <div role="status" class="run-state">
                    <StatusBadge state=run.state.clone() />
                </div>
                <RunAgain run=run.clone() inputs=detail.inputs.clone() may_start=detail.may_start start />
            </header>
            <Since run=run.clone() as_of=detail.as_of />
            <RunAbout detail=detail.clone() />
            <RunProgress detail=detail.clone() />
            <div class="columns">
                <div class="main-column">
                    <RunFailures failures=detail.failures.clone() active />
                    <RunTimeline detail=detail.clone() />
                </div>
                <RunIdentity detail />
            </div>
        </article>
    }
}

/// Since when it is as it is, and who asked for it.
#[component]
fn Since(run: RunRow, as_of: DateTime<Utc>) -> impl IntoView {
    let since = match run.state {
        RunState::Queued => view! {
            "Queued since " <ClockAt at=run.created_at /> ", " <Ago at=run.created_at as_of />
        }
        .into_any(),
        RunState::Running { started_at } => view! {
            "Running since " <ClockAt at=started_at /> ", for " <Lasting since=started_at as_of />
        }
        .into_any(),
        RunState::Completed { completed_at, .. } => {
            let took = match run.state.took_seconds() {
                Some(seconds) => format!(" · took {}", span(seconds)),
                None => " · never started".to_owned(),
            };
            view! { "Ended " <ClockAt at=completed_at /> ", " <Ago at=completed_at as_of /> {took} }
                .into_any()
        }
    };
    let initiator = match run.mine {
        true => format!("{} (you)", run.initiator_name),
        false => run.initiator_name,
    };
    view! {
        <p class="since">
            {since}
            " · started by "
            {initiator}
            " · tenant "
            <a href=format!("/tenants/{}", run.tenant_id)>{run.tenant_name}</a>
        </p>
    }
}
