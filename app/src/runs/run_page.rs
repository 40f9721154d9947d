//! `/runs/{id}`: one run, from queued to its end, following it by itself.

use chrono::{DateTime, Utc};
use domain::{
    RunId, RunState, SummaryCounts,
    views::runs::{RunDetail, RunRow, UsualDuration},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    api::run_detail,
    run_about::RunAbout,
    run_actions::{RunActions, RunButtons},
    run_failures::RunFailures,
    run_handover::RunHandover,
    run_identity::RunIdentity,
    run_items::RunItems,
    run_progress::RunProgress,
    run_related::RunRelated,
    run_timeline::RunTimeline,
    start_answer::use_answers_of_any_tenant,
    ticket::of_run,
};
use crate::ui::{
    answered::answered,
    kept::{Following, part},
    live::{Pace, live_resource},
    status_badge::StatusBadge,
    ticker::seconds_from_now,
    time::{Ago, ClockAt, Lasting, OfTenant, rough, span},
};

#[component]
pub fn RunPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let actions = RunActions::new();
    // Withdrawing a link changes nothing of the run itself, so nobody is told of it.
    let written = move || actions.withdraw.version().get();
    let around = StoredValue::new(Vec::<RunId>::new());
    let detail = live_resource(
        Pace::Run,
        move || (id.get(), written()),
        move |(id, _), changed| {
            let is_it = id.parse::<RunId>().is_ok_and(|run| changed.run(run));
            is_it || around.with_value(|runs| runs.iter().any(|run| changed.run(*run)))
        },
        |(id, _)| run_detail(id),
    );
    Effect::new(move || {
        if let Some(Ok(detail)) = detail.get() {
            around.set_value(detail.related.active());
        }
    });
    let answers = use_answers_of_any_tenant(move || actions.refused());
    let following = Following::here();
    view! {
        {answered(detail, move |detail| {
            let key = (detail.run.id, detail.run.tenant_name.clone());
            following.view(key, detail, move |detail| {
                let tenant = detail.with_untracked(|detail| detail.run.tenant_id);
                view! { <OfTenant tenant><Run detail actions>{answers()}</Run></OfTenant> }
            })
        })}
        // Not inside the part above, which may be made anew: a search being typed would be lost.
        <RunItems run=id />
    }
}

/// Made once for a run; what it shows follows the answers. The children are what its buttons answered.
#[component]
fn Run(detail: Signal<RunDetail>, actions: RunActions, children: Children) -> impl IntoView {
    let first = detail.get_untracked().run;
    let state = move || detail.with(|detail| detail.run.state.clone());
    // Whoever saw it go on keeps what stands below the progress in its place when it ends.
    let watched = first.state.status().is_active();
    let ticket = Signal::derive(move || detail.with(of_run));
    let steady: Signal<RunDetail> = Memo::new(move |_| detail.with(without_progress)).into();
    view! {
        {part(detail, steady, |detail| view! { <Tab run=detail.run.clone() /> })}
        <nav class="crumbs" aria-label="You are here">
            <a href="/runs">"Runs"</a>
            " / "
            {first.id.to_string()}
        </nav>
        <div role="status" class="answers run-answers">{children()}</div>
        <article
            data-run-id=first.id.to_string()
            data-status=move || state().status().as_str()
            data-outcome=move || state().outcome().as_str()
        >
            {part(detail, steady, move |detail| view! { <Head detail=detail.clone() actions /> })}
            {part(detail, detail, move |detail| view! { <RunProgress detail=detail.clone() watched /> })}
            {part(detail, steady, move |detail| view! { <Rest detail=detail.clone() actions ticket /> })}
        </article>
    }
}

/// All but what changes with every report of an active run, and would have the rest of its page made anew each time.
fn without_progress(detail: &RunDetail) -> RunDetail {
    let never = DateTime::UNIX_EPOCH;
    let counts = detail.run.counts.map(|counts| SummaryCounts {
        failed: counts.failed,
        ..SummaryCounts::default()
    });
    RunDetail {
        run: RunRow {
            counts,
            parts: None,
            updated_at: never,
            ..detail.run.clone()
        },
        waiting: None,
        last_sign_of_life: None,
        lost_at: None,
        given_up_at: None,
        as_of: never,
        ..detail.clone()
    }
}

/// What the browser shows of the run on its tab, and what it does without a script.
#[component]
fn Tab(run: RunRow) -> impl IntoView {
    let title = format!("{} · {}", run.state.label(), title(&run));
    let again = run.state.status().is_active().then(|| {
        // As raw HTML: with a script the browser keeps it as text, and hydration would look for an element.
        view! { <noscript inner_html=r#"<meta http-equiv="refresh" content="5">"#></noscript> }
    });
    view! {
        <Title text=title />
        {again}
    }
}

fn title(run: &RunRow) -> String {
    format!("{} for {}", run.operation_label(), run.tenant_name)
}

/// What stands above the progress.
#[component]
fn Head(detail: RunDetail, actions: RunActions) -> impl IntoView {
    view! {
        <header class="headline">
            <h1>{title(&detail.run)}</h1>
            <div role="status" class="run-state">
                <StatusBadge state=detail.run.state.clone() />
            </div>
            <RunButtons detail=detail.clone() actions />
        </header>
        <Since run=detail.run.clone() usual=detail.usual as_of=detail.as_of />
        <Joined joined=detail.followers.joined.clone() />
        <RunAbout detail />
    }
}

/// What stands below the progress.
#[component]
fn Rest(detail: RunDetail, actions: RunActions, ticket: Signal<String>) -> impl IntoView {
    let run = detail.run.clone();
    // A failure that cost no item has none to show.
    let items_of = run.counts.filter(|counts| counts.failed > 0);
    view! {
        <div class="columns">
            <div class="main-column">
                <RunFailures
                    failures=detail.failures.clone()
                    active=run.state.status().is_active()
                    request_ids=detail.request_ids.clone()
                    items_of=items_of.map(|_| run.id)
                    tenant=detail.may_replace_secret.then_some(run.tenant_id)
                    put_right_by=run.put_right_by
                />
                <RunTimeline detail=detail.clone() />
            </div>
            <div>
                <RunRelated detail=detail.clone() />
                <RunHandover detail=detail.clone() hand_over=actions.hand_over withdraw=actions.withdraw />
                <RunIdentity detail ticket />
            </div>
        </div>
    }
}

/// Since when it is as it is, and who asked for it.
#[component]
fn Since(run: RunRow, usual: Option<UsualDuration>, as_of: DateTime<Utc>) -> impl IntoView {
    let usual = usual
        .filter(|_| run.state != RunState::Queued)
        .map(|usual| {
            let pace = run.state.started_at().map(|started_at| {
                let completed_at = run.state.completed_at();
                let lasted = (completed_at.unwrap_or(as_of) - started_at).num_seconds();
                view! { <AgainstUsual usual lasted ended=completed_at.is_some() /> }
            });
            view! { <span><Usual usual /> {pace}</span> }
        });
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
            {usual}
            " · started by "
            {initiator}
            " · tenant "
            <a href=format!("/tenants/{}", run.tenant_id)>{run.tenant_name}</a>
        </p>
    }
}

/// Against what is usual for this operation on this tenant.
#[component]
fn Usual(usual: UsualDuration) -> impl IntoView {
    // Whole seconds are as much as such a comparison is good for.
    let words = |seconds: f64| match seconds {
        ..1.0 => "under 1 s".to_owned(),
        _ => span(seconds.round() as i64),
    };
    let from = format!("The latest {} runs that succeeded", usual.runs);
    let (median, most) = (words(usual.median_seconds), words(usual.p95_seconds));
    let most = (most != median).then(|| format!(", 95 of 100 within {most}"));
    view! {
        <span title=from data-usual="">
            {format!(", usually {median}")} {most}
        </span>
    }
}

/// What is left by the usual duration, or that it takes longer than nearly every run before it. `lasted` is in seconds.
#[component]
fn AgainstUsual(usual: UsualDuration, lasted: i64, ended: bool) -> impl IntoView {
    let passed = seconds_from_now();
    let words = move || match ended {
        true => against_usual(usual, lasted, ended),
        false => against_usual(usual, lasted + passed.get(), ended),
    };
    view! { <span data-pace="">{words}</span> }
}

fn against_usual(usual: UsualDuration, lasted: i64, ended: bool) -> Option<String> {
    let lasted = lasted as f64;
    let left = (usual.median_seconds - lasted).round() as i64;
    if lasted > usual.p95_seconds {
        return Some(" · slower than 95 of 100 of its last runs".to_owned());
    }
    (!ended && left > 0).then(|| format!(" · about {} left", rough(left)))
}

/// Who else will be told of the end.
#[component]
fn Joined(joined: Vec<(String, DateTime<Utc>)>) -> impl IntoView {
    let names: Vec<_> = joined.into_iter().map(|(name, _)| name).collect();
    (!names.is_empty()).then(|| {
        view! { <p class="since joined">{format!("Also told of its end: {}", names.join(", "))}</p> }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_says_what_is_left_until_its_usual_duration_and_when_it_is_slow() {
        let usual = UsualDuration {
            runs: 12,
            median_seconds: 240.0,
            p95_seconds: 300.0,
        };
        let running = |lasted| against_usual(usual, lasted, false);
        assert_eq!(running(30).as_deref(), Some(" · about 3 min left"));
        assert_eq!(running(240), None);
        assert_eq!(running(300), None);
        let slow = Some(" · slower than 95 of 100 of its last runs");
        assert_eq!(running(301).as_deref(), slow);
        assert_eq!(against_usual(usual, 301, true).as_deref(), slow);
        assert_eq!(against_usual(usual, 30, true), None);
    }
}
