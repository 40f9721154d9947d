//! Runs as a table; on small screens each row becomes a stack of labelled lines.

use chrono::{DateTime, Utc};
use domain::{RunState, views::runs::RunRow};
use leptos::prelude::*;

use crate::ui::{
    progress::{ProgressBar, counts_in_words},
    status_badge::StatusBadge,
    time::{At, Lasting, OfTenant, span},
};

/// The given runs, in the given order. `tenant` says whether to name each run's tenant.
#[component]
pub fn RunTable(
    rows: Vec<RunRow>,
    as_of: DateTime<Utc>,
    caption: &'static str,
    #[prop(default = true)] tenant: bool,
) -> impl IntoView {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| view! { <Row row as_of tenant /> })
        .collect();
    view! {
        <table class="runs stacking">
            <caption class="unseen">{caption}</caption>
            <thead>
                <tr>
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

#[component]
fn Row(row: RunRow, as_of: DateTime<Utc>, tenant: bool) -> impl IntoView {
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
            <td data-label="Created" class="number muted"><OfTenant tenant=row.tenant_id><At at=row.created_at /></OfTenant></td>
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
