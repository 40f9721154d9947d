//! Runs as a table; on small screens each row becomes a stack of labelled lines.

use chrono::{DateTime, Utc};
use domain::{
    RunId, RunState,
    preferences::{RunColumn, RunColumns},
    views::runs::RunRow,
};
use leptos::prelude::*;

use crate::ui::{
    progress::{ProgressBar, counts_in_words},
    status_badge::StatusBadge,
    ticks::{Tick, Ticked},
    time::{At, Lasting, OfTenant, span},
};

/// The given runs, in the given order, with the given columns or all; with `ticked` they can be selected.
#[component]
pub fn RunTable(
    rows: Vec<RunRow>,
    as_of: DateTime<Utc>,
    caption: &'static str,
    #[prop(optional)] columns: RunColumns,
    #[prop(optional)] ticked: Option<Ticked<RunId>>,
) -> impl IntoView {
    let columns: Vec<_> = columns.shown().collect();
    let heads: Vec<_> = columns
        .iter()
        .map(|column| view! { <th scope="col" class=class(*column)>{column.label()}</th> })
        .collect();
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
            let cells = columns
                .iter()
                .map(|column| cell(*column, &row, as_of))
                .collect();
            view! { <Row row cells>{tick}</Row> }
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
                    {heads}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The children are the cell before the others, if there is one.
#[component]
fn Row(row: RunRow, cells: Vec<AnyView>, children: Children) -> impl IntoView {
    let put_right = row.put_right_by.map(|by| {
        view! {
            <span class="put-right muted">
                "put right by " <a class="subtle" href=format!("/runs/{by}")>{format!("run {by}")}</a>
            </span>
        }
    });
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
                <a href=format!("/runs/{}", row.id)>{row.operation_label().to_owned()}</a>
                {put_right}
            </td>
            {cells}
        </tr>
    }
}

/// How a column stands, in its head as in its cells.
fn class(column: RunColumn) -> &'static str {
    match column {
        RunColumn::Tenant => "of-tenant",
        RunColumn::StartedBy => "muted",
        RunColumn::Progress => "of-progress",
        RunColumn::Items | RunColumn::Created => "number muted",
        RunColumn::Took => "number of-took",
    }
}

fn cell(column: RunColumn, row: &RunRow, as_of: DateTime<Utc>) -> AnyView {
    let (content, blank) = match column {
        RunColumn::Tenant => {
            let href = format!("/tenants/{}", row.tenant_id);
            let link = view! { <a class="subtle" href=href>{row.tenant_name.clone()}</a> };
            (link.into_any(), false)
        }
        RunColumn::StartedBy => {
            let name = match row.mine {
                true => "You".to_owned(),
                false => row.initiator_name.clone(),
            };
            (name.into_any(), false)
        }
        RunColumn::Progress => (view! { <ProgressBar run=row.clone() /> }.into_any(), false),
        RunColumn::Items => {
            let items = counts_in_words(row);
            let none = items.is_empty();
            (items.into_any(), none)
        }
        RunColumn::Created => {
            let (tenant, at) = (row.tenant_id, row.created_at);
            let at = view! { <OfTenant tenant><At at /></OfTenant> };
            (at.into_any(), false)
        }
        RunColumn::Took => {
            let took = took(&row.state, as_of);
            let none = took.is_none();
            (took.into_any(), none)
        }
    };
    let label = column.label();
    view! { <td data-label=label class=class(column) class:blank=blank>{content}</td> }.into_any()
}

/// How long it ran or has been running; nothing for a run that has not started.
fn took(state: &RunState, as_of: DateTime<Utc>) -> Option<AnyView> {
    let since = state.started_at()?;
    Some(match state.took_seconds() {
        Some(seconds) => span(seconds).into_any(),
        None => view! { <Lasting since as_of /> }.into_any(),
    })
}
