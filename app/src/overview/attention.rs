//! What failed and has not succeeded since, by who must act.

use chrono::{DateTime, Utc};
use domain::{
    FailureCode,
    views::{
        overview::{Attention, Trouble, Troubled},
        runs::operation_label,
    },
};
use leptos::prelude::*;

use crate::{runs::run_items::href_of_failed, ui::time::Ago};

/// As many runs of one trouble as are shown at once.
const NAMED: usize = 5;

#[component]
pub fn NeedsSomeone(attention: Vec<Attention>, as_of: DateTime<Utc>) -> impl IntoView {
    if attention.is_empty() {
        return view! {
            <p class="muted">"Nothing: each operation's last run on each tenant succeeded."</p>
        }
        .into_any();
    }
    attention
        .into_iter()
        .map(|one| {
            let troubles: Vec<_> = one
                .troubles
                .into_iter()
                .map(|trouble| view! { <Line trouble as_of /> })
                .collect();
            view! {
                <div class="attention">
                    <h3 class="actor">{one.actor.label()}</h3>
                    <ul class="failures">{troubles}</ul>
                </div>
            }
        })
        .collect_view()
        .into_any()
}

#[component]
fn Line(trouble: Trouble, as_of: DateTime<Utc>) -> impl IntoView {
    let code = trouble.code;
    let mut named: Vec<_> = trouble
        .runs
        .into_iter()
        .map(|run| view! { <One run code as_of /> })
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
        </li>
    }
}

/// One operation on one tenant, by its last run.
#[component]
fn One(run: Troubled, code: FailureCode, as_of: DateTime<Utc>) -> impl IntoView {
    let items = (run.count != 1).then(|| {
        let href = href_of_failed(run.run, code);
        view! { <span>", " <a href=href>{format!("{} items", run.count)}</a></span> }
    });
    let what = format!(
        "{} for {}",
        operation_label(&run.operation_type),
        run.tenant_name
    );
    view! {
        <li data-run-id=run.run.to_string()>
            <a href=format!("/runs/{}", run.run)>{what}</a>
            {items}
            " · "
            <Ago at=run.ended_at as_of />
        </li>
    }
}
