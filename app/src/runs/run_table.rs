//! Runs as a table; on small screens each row becomes a stack of labelled lines.

use chrono::{DateTime, Utc};
use domain::{RunId, RunState, views::runs::RunRow};
use leptos::prelude::*;

use crate::ui::{
    progress::{ProgressBar, counts_in_words},
    status_badge::StatusBadge,
    ticks::{Tick, Ticked},
    time::{At, Lasting, span},
};

/// The given runs, in the given order. `tenant` says whether to name each run's tenant; with `ticked` they can be selected.
#[component]
pub fn RunTable(
    rows: Vec<RunRow>,
    as_of: DateTime<Utc>,
    caption: &'static str,
    #[prop(default = true)] tenant: bool,
    #[prop(optional)] ticked: Option<Ticked<RunId>>,
) -> impl IntoView {
    let rows: Vec<_> = rows
        .into_iter()
        .enumerate()
        .map(|(index, row)| {
            let tick = ticked.map(|ticked| {
                let name = format!(
                    "Select {} for {}, run {}",
                    row.operation_label(),
                    row.tenant_name,
                    row.id
                );
                view! {
                    <td class="of-tick">
                        <Tick field="runs" index id=row.id name ticked name_unseen=true />
                    </td>
                }
            });
            view! { <Row row as_of tenant>{tick}</Row> }
        })
        .collect();
    let tick_head =
        ticked.map(|_| view! { <th scope="col"><span class="unseen">"Select"</span></th> });
    view! {
        <table class="runs stacking">
            <caption class="unseen">{caption}</caption>
            <thead>
                <tr>
                    {tick_head}
                    <th scope="col">"State"</th>
                    <th scope="col">"Operation"</th>
                    {tenant.then(|| view! { <th scope="col">"Tenant"</th> })}
                    <th scope="col">"Started by"</th>
                    <th scope="col">"Progress"</th>
                    <th scope="col" class="number">"Items"</th>
                    <th scope="col" class="number">"Created"</th>
                    <th scope="col" class="number">"Took"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The children are the cell before the others, if there is one.
#[component]
fn Row(row: RunRow, as_of: DateTime<Utc>, tenant: bool, children: Children) -> impl IntoView {
    let operation = row.operation_label().to_owned();
    let initiator = if row.mine {
        "You".to_owned()
    } else {
        row.initiator_name.clone()
    };
    let tenant_cell = tenant.then(|| {
        view! {
            <td data-label="Tenant" class="of-tenant">
                <a class="subtle" href=format!("/tenants/{}", row.tenant_id)>{row.tenant_name.clone()}</a>
            </td>
        }
    });
    let items = counts_in_words(&row);
    let took = took(&row.state, as_of);
    let (no_items, not_started) = (items.is_empty(), took.is_none());
    view! {
        <tr
            data-run-id=row.id.to_string()
            data-status=row.state.status().as_str()
            data-outcome=row.state.outcome().as_str()
        >
            {children()}
            <td data-label="State" class="of-state">
                <StatusBadge state=row.state.clone() />
            </td>
            <td data-label="Operation" class="of-operation">
                <a href=format!("/runs/{}", row.id)>{operation}</a>
            </td>
            {tenant_cell}
            <td data-label="Started by" class="muted">{initiator}</td>
            <td data-label="Progress" class="of-progress">
                <ProgressBar run=row.clone() />
            </td>
            <td data-label="Items" class="number muted" class:blank=no_items>{items}</td>
            <td data-label="Created" class="number muted"><At at=row.created_at /></td>
            <td data-label="Took" class="number of-took" class:blank=not_started>{took}</td>
        </tr>
    }
}

/// How long it ran or has been running; nothing for a run that has not started.
fn took(state: &RunState, as_of: DateTime<Utc>) -> Option<AnyView> {
    let since = state.started_at()?;
    Some(match state.took_seconds() {
        Some(seconds) => span(seconds).into_any(),
        None => view! { <Lasting since as_of /> }.into_any(),
    })
}
