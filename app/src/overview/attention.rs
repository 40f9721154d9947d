//! What failed and has not succeeded since, by who must act; what somebody looks after already stands below.

use chrono::{DateTime, Utc};
use domain::{
    FailureCode,
    views::{
        overview::{Attention, Standing, Trouble, Troubled},
        run_batches::BulkAction,
        runs::operation_label,
    },
};
use leptos::prelude::*;

use super::acknowledging::{Acknowledge, Acknowledged, Acknowledging};
use crate::{
    runs::{bulk_page::href_of_set, run_items::href_of_failed},
    tenants::client_secret::{REPLACE_SECRET, href_of_client_secret},
    ui::time::{Ago, At, OfTenant},
};

/// As many runs of one trouble as are shown at once.
const NAMED: usize = 5;

#[component]
pub fn NeedsSomeone(
    attention: Vec<Attention>,
    acknowledged: Vec<Trouble>,
    as_of: DateTime<Utc>,
    forms: Acknowledging,
) -> impl IntoView {
    let nothing = match (attention.is_empty(), acknowledged.is_empty()) {
        (false, _) => None,
        (true, true) => Some(
            "Nothing: no operation's last run on a tenant failed in a way that somebody must act on.",
        ),
        (true, false) => Some("Nothing new: somebody looks after all that failed."),
    };
    let attention: Vec<_> = attention
        .into_iter()
        .map(|one| {
            let troubles: Vec<_> = one
                .troubles
                .into_iter()
                .map(|trouble| view! { <Line trouble as_of forms /> })
                .collect();
            view! {
                <div class="attention">
                    <h3 class="actor">{one.actor.label()}</h3>
                    <ul class="failures">{troubles}</ul>
                </div>
            }
        })
        .collect();
    view! {
        <div class="needs-someone">
            {nothing.map(|words| view! { <p class="muted">{words}</p> })}
            {attention}
            <Acknowledged troubles=acknowledged as_of forms />
        </div>
    }
}

#[component]
fn Line(trouble: Trouble, as_of: DateTime<Utc>, forms: Acknowledging) -> impl IntoView {
    let code = trouble.code;
    // What this person may acknowledge, where that is more than one line.
    let all: Vec<_> = trouble
        .runs
        .iter()
        .filter(|run| run.may_acknowledge)
        .map(|run| run.run)
        .collect();
    let retriable: Vec<_> = trouble
        .runs
        .iter()
        .filter(|run| run.may_retry())
        .map(|run| run.run)
        .collect();
    let retry = (retriable.len() > 1).then(|| {
        let words = format!("Retry all {} …", retriable.len());
        let of = format!("{words}: {}", code.happened());
        let href = href_of_set(BulkAction::Retry, &retriable);
        view! { <a class="button" href=href aria-label=of>{words}</a> }
    });
    let all = (all.len() > 1).then(|| {
        let words = format!("Acknowledge all {}", all.len());
        view! { <Acknowledge code runs=all words of=code.happened().to_owned() forms /> }
    });
    let mut named: Vec<_> = trouble
        .runs
        .into_iter()
        .map(|run| view! { <One run code as_of forms /> })
        .collect();
    let others = named.split_off(named.len().min(NAMED));
    let others = (!others.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("and {} more", others.len())}</summary>
                <ul class="messages">{others}</ul>
            </details>
        }
    });
    view! {
        <li class="failure" data-code=code.as_str()>
            <p><strong class="trouble">{code.happened()}</strong> ". " {code.remedy()}</p>
            <ul class="messages">{named}</ul>
            {others}
            <div class="actions">{retry} {all}</div>
        </li>
    }
}

/// One operation on one tenant that nobody looks after yet.
#[component]
fn One(
    run: Troubled,
    code: FailureCode,
    as_of: DateTime<Utc>,
    forms: Acknowledging,
) -> impl IntoView {
    let came_back = match run.standing.clone() {
        Standing::CameBack {
            by,
            acknowledged_at,
            resolved_at,
            resolved_by,
        } => Some(view! {
            <p class="came-back">
                "Came back: was acknowledged by " {by} " on " <At at=acknowledged_at /> ", "
                <a href=format!("/runs/{resolved_by}")>"resolved"</a> " on " <At at=resolved_at />
            </p>
        }),
        Standing::New | Standing::Acknowledged { .. } => None,
    };
    let acknowledge = run.may_acknowledge.then(|| {
        let of = format!("{}, {}", what(&run), code.happened());
        let (runs, words) = (vec![run.run], "Acknowledge".to_owned());
        view! { <Acknowledge code runs words of forms /> }
    });
    view! { <Run run code as_of>{came_back} {acknowledge}</Run> }
}

/// "Inventory sync for Contoso"
pub fn what(run: &Troubled) -> String {
    let operation = operation_label(&run.operation_type);
    format!("{operation} for {}", run.tenant_name)
}

/// The last run of an operation on a tenant: where its failed items are, what it said, and what is said of it.
#[component]
pub fn Run(
    run: Troubled,
    code: FailureCode,
    as_of: DateTime<Utc>,
    children: Children,
) -> impl IntoView {
    let items = run.has_items.then(|| {
        let href = href_of_failed(run.run, code);
        let words = match run.count {
            1 => "the failed item".to_owned(),
            count => format!("{count} failed items"),
        };
        // A whole new page: the router shows a page from its top, before its items are there.
        view! { <span>" · " <a rel="external" href=href>{words}</a></span> }
    });
    let retry = run.may_retry().then(|| {
        let href = href_of_set(BulkAction::Retry, &[run.run]);
        let words = match run.has_items {
            true => "Retry what failed …",
            false => "Run again …",
        };
        let of = format!("{words}: {}", what(&run));
        view! { <span>" · " <a href=href aria-label=of>{words}</a></span> }
    });
    let mends = code.asks_for_secret() && run.may_replace_secret;
    let mend = mends.then(|| {
        let of = format!("{REPLACE_SECRET}: {}", run.tenant_name);
        // A whole new page, which opens the form.
        view! { <span>" · " <a rel="external" href=href_of_client_secret(run.tenant) aria-label=of>{REPLACE_SECRET}</a></span> }
    });
    let (id, standing, what) = (run.run, run.standing.as_str(), what(&run));
    let said = (!run.said.is_empty()).then(|| view! { <p class="said">{run.said}</p> });
    view! {
        <li data-run-id=id.to_string() data-standing=standing>
            <OfTenant tenant=run.tenant>
                <div class="troubled">
                    <span>
                        <a href=format!("/runs/{id}")>{what}</a>
                        {items}
                        " · "
                        <Ago at=run.ended_at as_of />
                        {mend}
                        {retry}
                    </span>
                    {said}
                    {children()}
                </div>
            </OfTenant>
        </li>
    }
}
