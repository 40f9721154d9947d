//! Workers: last sign of life, what each is doing.

use chrono::{DateTime, Utc};
use domain::views::queues::WorkerRow;
use leptos::prelude::*;

use crate::ui::time::Ago;

#[component]
pub fn Workers(workers: Vec<WorkerRow>, as_of: DateTime<Utc>) -> impl IntoView {
    if workers.is_empty() {
        return view! { <p class="muted">"No worker has been alive since yesterday."</p> }
            .into_any();
    }
    let rows: Vec<_> = workers
        .into_iter()
        .map(|worker| view! { <Row worker as_of /> })
        .collect();
    view! {
        <table class="stacking">
            <caption class="unseen">"Workers of the last day, those that are alive first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Worker"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Last sign of life"</th>
                    <th scope="col">"Doing"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(worker: WorkerRow, as_of: DateTime<Utc>) -> impl IntoView {
    let mut doing: Vec<AnyView> = worker
        .doing
        .into_iter()
        .map(|run| {
            let what = format!("{} for {}", run.operation_label(), run.tenant_name);
            view! { <li><a href=format!("/runs/{}", run.id)>{what}</a></li> }.into_any()
        })
        .collect();
    if worker.others > 0 {
        let words = format!("{} of tenants that you do not see", worker.others);
        doing.push(view! { <li class="muted">{words}</li> }.into_any());
    }
    if doing.is_empty() {
        doing.push(view! { <li class="muted">"nothing"</li> }.into_any());
    }
    let state = if worker.alive { "alive" } else { "silent" };
    view! {
        <tr data-worker=state>
            <td data-label="Worker"><code>{worker.name}</code></td>
            <td data-label="State">{state}</td>
            <td data-label="Last sign of life" class="muted"><Ago at=worker.last_seen_at as_of /></td>
            <td data-label="Doing"><ul class="lines">{doing}</ul></td>
        </tr>
    }
}
