//! Tenants by operations: how each ended last, how long ago, and whether it is overdue.

use chrono::{DateTime, Utc};
use domain::{
    OperationType, TenantId, state_label,
    views::overview::{COLUMNS, Cell, LatestRun, TenantLine},
};
use leptos::prelude::*;

use crate::ui::{
    address::with_query,
    icons::glyph,
    time::{Ago, span},
};

#[component]
pub fn Board(tenants: Vec<TenantLine>, as_of: DateTime<Utc>) -> impl IntoView {
    let heads = COLUMNS.map(|operation| view! { <th scope="col">{operation.label()}</th> });
    let rows: Vec<_> = tenants
        .into_iter()
        .map(|line| {
            let tenant = line.tenant;
            let never_backed_up = line.never_backed_up();
            let cells: Vec<_> = COLUMNS
                .into_iter()
                .zip(line.cells)
                .map(|(operation, cell)| {
                    let without_backup =
                        never_backed_up && operation == OperationType::BackupSetCapture;
                    view! { <OneCell tenant operation cell without_backup as_of /> }
                })
                .collect();
            view! {
                <tr data-tenant-id=tenant.to_string()>
                    <th scope="row" data-label="Tenant">
                        <a class="strong" href=format!("/tenants/{tenant}")>{line.name}</a>
                    </th>
                    {cells}
                </tr>
            }
        })
        .collect();
    view! {
        <table class="board stacking">
            <caption class="unseen">"The latest run of each operation on each tenant"</caption>
            <thead>
                <tr>
                    <th scope="col">"Tenant"</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn OneCell(
    tenant: TenantId,
    operation: OperationType,
    cell: Cell,
    without_backup: bool,
    as_of: DateTime<Utc>,
) -> impl IntoView {
    let late = cell.overdue.then(|| {
        let last = match cell.last_good_at() {
            Some(at) => format!("last good {} ago", span((as_of - at).num_seconds())),
            None => "never succeeded".to_owned(),
        };
        let hours = cell.expected_hours.unwrap_or_default();
        view! { <span class="overdue">{format!("overdue: {last}, expected every {hours} h")}</span> }
    });
    // What is overdue says so itself.
    let good = (cell.is_troubled() && !cell.overdue).then(|| {
        let words = match cell.last_good_at() {
            Some(at) => view! { "last good " <Ago at as_of /> }.into_any(),
            None => "never succeeded".into_any(),
        };
        view! { <span class="last-good muted">{words}</span> }
    });
    let before = cell
        .last_ended
        .clone()
        .map(|run| view! { <Before run as_of /> });
    let runs = with_query(
        "/runs",
        &[
            ("operation", Some(operation.as_str().to_owned())),
            ("tenant", Some(tenant.to_string())),
        ],
    );
    let state = match cell.latest {
        Some(latest) => view! { <Latest latest runs as_of /> }.into_any(),
        // Nobody has to have said how often: a tenant without a backup is not safe.
        None if without_backup => {
            let backups = format!("/tenants/{tenant}/backups");
            view! { <a class="without-backup" href=backups>"never backed up"</a> }.into_any()
        }
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    view! { <td data-label=operation.label()><div class="board-cell">{state} {before} {good} {late}</div></td> }
}

/// As few elements as it takes: a page has hundreds of these.
#[component]
fn Latest(latest: LatestRun, runs: String, as_of: DateTime<Utc>) -> impl IntoView {
    let LatestRun {
        id,
        status,
        outcome,
        at,
    } = latest;
    view! {
        <a
            class="state"
            href=runs
            data-run-id=id.to_string()
            data-status=status.as_str()
            data-outcome=outcome.as_str()
        >
            {glyph(status, outcome)}
            {state_label(status, outcome)}
        </a>
        <Ago at as_of />
    }
}

/// How the last run ended that came before an active one.
#[component]
fn Before(run: LatestRun, as_of: DateTime<Utc>) -> impl IntoView {
    let at = run.at;
    view! {
        <span class="board-before muted" data-last-outcome=run.outcome.as_str()>
            "before: "
            <a href=format!("/runs/{}", run.id)>{state_label(run.status, run.outcome)}</a>
            " "
            <Ago at as_of />
        </span>
    }
}
