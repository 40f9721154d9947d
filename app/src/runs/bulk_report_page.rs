//! `/runs/bulk/{batch}`: what an action with several runs did with each.

use domain::{
    RunId,
    views::run_batches::{BulkAction, BulkItem, BulkReport, BulkResult},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    bulk_api::{BulkRuns, StopBulkRuns, bulk_report},
    bulk_page::SetFields,
    filters::EVERYTHING,
};
use crate::ui::{
    answered::answered,
    live::{Pace, live_resource},
    refused::{Refused, refusal},
    status_badge::StatusBadge,
    submit::Submit,
    time::{At, ClockAt},
};

#[component]
pub fn BulkReportPage() -> impl IntoView {
    let params = use_params_map();
    let batch = Memo::new(move |_| params.read().get("batch").unwrap_or_default());
    let act = ServerAction::<BulkRuns>::new();
    let stop = ServerAction::<StopBulkRuns>::new();
    let report = live_resource(
        Pace::Page,
        move || (batch.get(), act.version().get(), stop.version().get()),
        |_, changed| changed.any_run() || changed.mine,
        |(batch, _, _)| bulk_report(batch),
    );
    view! {
        {answered(report, move |report| view! { <Report report batch=batch.get_untracked() act stop /> })}
    }
}

#[component]
fn Report(
    report: BulkReport,
    batch: String,
    act: ServerAction<BulkRuns>,
    stop: ServerAction<StopBulkRuns>,
) -> impl IntoView {
    let BulkReport {
        action,
        items,
        under_way,
        done_at,
        as_of,
    } = report;
    let title = match action {
        BulkAction::Again => "Selected runs were run again",
        BulkAction::Retry => "What failed in selected runs was retried",
        BulkAction::Follow => "You are notified of selected runs",
    };
    let summary = summary(&items);
    let stopped = batch.clone();
    let going_on = under_way.then(|| {
        view! {
            <p class="notice">"It is being done still; this page follows, or can be loaded again. Stopping leaves what was begun as it is."</p>
            <noscript inner_html=r#"<meta http-equiv="refresh" content="5">"#></noscript>
            <ActionForm action=stop>
                <input type="hidden" name="batch" value=stopped />
                <Submit words="Stop here" pending=stop.pending() />
            </ActionForm>
        }
    });
    let open: Vec<_> = items
        .iter()
        .filter(|item| item.result == BulkResult::NotDone)
        .map(|item| item.run.id)
        .collect();
    let rows: Vec<_> = items
        .into_iter()
        .map(|item| view! { <Row item /> })
        .collect();
    view! {
        <Title text=title />
        <nav class="crumbs" aria-label="You are here">
            <a href=EVERYTHING>"Runs"</a> " / Selected runs"
        </nav>
        <h1>{title}</h1>
        <p class="summary" role="status">{summary}</p>
        <p class="muted">"Done " <At at=done_at /> " · as of " <ClockAt at=as_of /></p>
        <div role="status" class="answers">
            {move || view! { <Refused error=refusal(act).or_else(|| refusal(stop)) /> }}
        </div>
        <div>{going_on}</div>
        {(!open.is_empty() && !under_way).then(|| view! { <DoTheRest open batch action act /> })}
        <table class="stacking batch">
            <caption class="unseen">"What became of each selected run"</caption>
            <thead>
                <tr>
                    <th scope="col">"Selected run"</th>
                    <th scope="col">"Tenant"</th>
                    <th scope="col">"Result"</th>
                    <th scope="col">"Run"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// For what was cut short or stopped.
#[component]
fn DoTheRest(
    open: Vec<RunId>,
    batch: String,
    action: BulkAction,
    act: ServerAction<BulkRuns>,
) -> impl IntoView {
    view! {
        <ActionForm action=act attr:class="choice">
            <SetFields batch action runs=open />
            <div class="actions">
                <Submit words="Do what was not done" pending=act.pending() />
            </div>
        </ActionForm>
    }
}

/// "2 started, 1 already running, 1 refused."
fn summary(items: &[BulkItem]) -> String {
    let count = |is_it: fn(&BulkResult) -> bool, words: &str| {
        let count = items.iter().filter(|item| is_it(&item.result)).count();
        (count > 0).then(|| format!("{count} {words}"))
    };
    let parts = [
        count(|result| matches!(result, BulkResult::Started(_)), "started"),
        count(
            |result| matches!(result, BulkResult::AlreadyActive(_)),
            "already running",
        ),
        count(|result| matches!(result, BulkResult::Following), "followed"),
        count(|result| matches!(result, BulkResult::Refused(_)), "refused"),
        count(|result| matches!(result, BulkResult::NotDone), "not done"),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    format!("{}.", parts.join(", "))
}

#[component]
fn Row(item: BulkItem) -> impl IntoView {
    let run = item.run;
    let (key, words, answer) = match item.result {
        BulkResult::NotDone => ("not_done", "Not done yet".to_owned(), None),
        BulkResult::Started(answer) => ("started", "Started".to_owned(), Some(answer)),
        BulkResult::AlreadyActive(answer) => {
            let words = format!("Already running, started by {}", answer.initiator_name);
            ("already_active", words, Some(answer))
        }
        BulkResult::Following => ("following", "You will be notified".to_owned(), None),
        BulkResult::Refused(why) => ("refused", format!("Refused: {why}"), None),
    };
    let no_answer = answer.is_none();
    let answer = answer.map(|answer| {
        view! {
            <a href=format!("/runs/{}", answer.id)>{format!("#{}", answer.id)}</a>
            " "
            <StatusBadge state=answer.state />
        }
    });
    view! {
        <tr data-result=key>
            <td data-label="Selected run">
                <a href=format!("/runs/{}", run.id)>{format!("{} #{}", run.operation_label(), run.id)}</a>
            </td>
            <td data-label="Tenant">{run.tenant_name.clone()}</td>
            <td data-label="Result">{words}</td>
            <td data-label="Run" class:blank=no_answer>{answer}</td>
        </tr>
    }
}
