//! Runs as a table; on small screens each row becomes a stack of labelled lines.

use chrono::{DateTime, Utc};
use domain::{RunId, RunState, preferences::RunColumn, views::runs::RunRow};
use leptos::prelude::*;

use crate::ui::{
    progress::{ProgressBar, counts_in_words},
    status_badge::StatusBadge,
    ticks::{Tick, Ticked},
    time::{At, Lasting, OfTenant, span},
};

/// The columns that the reader's runs list leaves out.
#[derive(Debug, Clone)]
pub struct HiddenColumns(pub Vec<RunColumn>);

/// The given runs, in the given order, without the hidden columns; with `ticked` they can be selected.
#[component]
pub fn RunTable(
    rows: Vec<RunRow>,
    as_of: DateTime<Utc>,
    caption: &'static str,
    #[prop(optional)] hidden: Vec<RunColumn>,
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
            view! { <Row row as_of hidden=hidden.clone()>{tick}</Row> }
        })
        .collect();
    let tick_head =
        ticked.map(|_| view! { <th scope="col"><span class="unseen">"Select"</span></th> });
    let head = |column: RunColumn, class: &'static str| {
        let shown = !hidden.contains(&column);
        shown.then(|| view! { <th scope="col" class=class>{column.label()}</th> })
    };
    view! {
        <table class="runs stacking">
            <caption class="unseen">{caption}</caption>
            <thead>
                <tr>
                    {tick_head}
                    <th scope="col">"State"</th>
                    <th scope="col">"Operation"</th>
                    {head(RunColumn::Tenant, "")}
                    {head(RunColumn::StartedBy, "")}
                    {head(RunColumn::Progress, "")}
                    {head(RunColumn::Items, "number")}
                    {head(RunColumn::Created, "number")}
                    {head(RunColumn::Took, "number")}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The children are the cell before the others, if there is one.
#[component]
fn Row(
    row: RunRow,
    as_of: DateTime<Utc>,
    hidden: Vec<RunColumn>,
    children: Children,
) -> impl IntoView {
    let shows = |column: RunColumn| !hidden.contains(&column);
    let operation = row.operation_label().to_owned();
    let initiator = if row.mine {
        "You".to_owned()
    } else {
        row.initiator_name.clone()
    };
    let tenant_cell = shows(RunColumn::Tenant).then(|| {
        view! {
            <td data-label="Tenant" class="of-tenant">
                <a class="subtle" href=format!("/tenants/{}", row.tenant_id)>{row.tenant_name.clone()}</a>
            </td>
        }
    });
    let items = shows(RunColumn::Items).then(|| {
        let items = counts_in_words(&row);
        let none = items.is_empty();
        view! { <td data-label="Items" class="number muted" class:blank=none>{items}</td> }
    });
    let created = shows(RunColumn::Created).then(|| {
        view! {
            <td data-label="Created" class="number muted">
                <OfTenant tenant=row.tenant_id><At at=row.created_at /></OfTenant>
            </td>
        }
    });
    let took = shows(RunColumn::Took).then(|| {
        let took = took(&row.state, as_of);
        let none = took.is_none();
        view! { <td data-label="Took" class="number of-took" class:blank=none>{took}</td> }
    });
    let progress = shows(RunColumn::Progress).then(|| {
        view! { <td data-label="Progress" class="of-progress"><ProgressBar run=row.clone() /></td> }
    });
    let started_by = shows(RunColumn::StartedBy)
        .then(|| view! { <td data-label="Started by" class="muted">{initiator}</td> });
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
            {started_by}
            {progress}
            {items}
            {created}
            {took}
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
