//! What failed and has not succeeded since, by who must act.

use chrono::{DateTime, Utc};
use domain::views::{
    overview::{Attention, Trouble},
    runs::operation_label,
};
use leptos::prelude::*;

use crate::ui::time::Ago;

/// As many runs of one trouble as are named.
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
                <div class="attention" data-actor=format!("{:?}", one.actor)>
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
    let others = trouble.runs.len().saturating_sub(NAMED);
    let others = (others > 0).then(|| {
        let href = format!("/runs?text={}", trouble.code.as_str());
        view! { <li><a href=href>{format!("and {others} more")}</a></li> }
    });
    let runs: Vec<_> = trouble
        .runs
        .into_iter()
        .take(NAMED)
        .map(|run| {
            let items = match run.count {
                1 => String::new(),
                count => format!(", {count} items"),
            };
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
        })
        .collect();
    view! {
        <li class="failure" data-code=trouble.code.as_str()>
            <p><strong class="trouble">{trouble.code.happened()}</strong> ". " {trouble.code.remedy()}</p>
            <ul class="messages">{runs} {others}</ul>
        </li>
    }
}
