//! `/runs/bulk/{batch}`: what an action with several runs did with each.

use domain::views::run_batches::{BulkAction, BulkItem, BulkReport, BulkResult};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{bulk_api::bulk_report, filters::EVERYTHING};
use crate::ui::{
    answered::answered,
    live::live_resource,
    status_badge::StatusBadge,
    time::{At, ClockAt},
};

#[component]
pub fn BulkReportPage() -> impl IntoView {
    let params = use_params_map();
    let batch = Memo::new(move |_| params.read().get("batch").unwrap_or_default());
    let report = live_resource(
        move || batch.get(),
        |_, changed| changed.any_run(),
        bulk_report,
    );
    view! { {answered(report, |report| view! { <Report report /> })} }
}

#[component]
fn Report(report: BulkReport) -> impl IntoView {
    let BulkReport {
        action,
        items,
        done_at,
        as_of,
    } = report;
    let title = match action {
        BulkAction::Again => "Selected runs were run again",
        BulkAction::Follow => "You are notified of selected runs",
    };
    let summary = summary(&items);
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
        BulkResult::NotDone => ("not_done", "Not done".to_owned(), None),
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
