//! `/queues`: how much waits and for how long, what was done lately, who works, and which tenants wait.

use chrono::{DateTime, Utc};
use domain::views::queues::{Capped, QueuesPage as Queues, WaitingTenant};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{api::queues, workers::Workers};
use crate::ui::{
    answered::answered,
    live::{Pace, live_resource},
    number::grouped,
    ticker::seconds_from_now,
    time::{Ago, At, ClockAt},
};

/// Signs of life tell nobody when they come, so the page asks for them by itself.
const ASK_EVERY: i64 = 10;

#[component]
pub fn QueuesPage() -> impl IntoView {
    let passed = seconds_from_now();
    let turn = Memo::new(move |_| passed.get() / ASK_EVERY);
    let page = live_resource(
        Pace::Page,
        move || turn.get(),
        |_, changed| changed.any_run(),
        |_| queues(),
    );
    view! {
        <Title text="Queues" />
        {answered(page, |page| view! { <Shown page /> })}
    }
}

#[component]
fn Shown(page: Queues) -> impl IntoView {
    let as_of = page.as_of;
    let oldest = page.oldest_ready_at.map(|at| {
        view! { <Fact name="Oldest waits since"><Ago at as_of /></Fact> }
    });
    let nobody = !page.workers.iter().any(|worker| worker.alive);
    let alarm = nobody.then(|| {
        view! {
            <p class="notice" role="alert">
                "No worker is alive: nothing that is queued will begin. Start one with "
                <code>"tenantatlas worker"</code> "."
            </p>
        }
    });
    view! {
        <h1>"Queues"</h1>
        <p class="since">"Of the whole installation, as of " <ClockAt at=as_of /></p>
        {alarm}
        <dl class="tally">
            <Fact name="Ready to begin">{capped(page.ready)}</Fact>
            {oldest}
            <Fact name="Waiting for their tenant">{capped(page.parked)}</Fact>
            <Fact name="Running">{capped(page.running)}</Fact>
            <Fact name="Between two tries">{capped(page.retrying)}</Fact>
            <Fact name="Ended in the last hour">{capped(page.ended)}</Fact>
            <Fact name="Failed in the last hour">{capped(page.failed)}</Fact>
        </dl>
        <section aria-labelledby="workers-title">
            <h2 id="workers-title">"Workers"</h2>
            <Workers workers=page.workers as_of />
        </section>
        <section aria-labelledby="waiting-title">
            <h2 id="waiting-title">"Tenants that wait"</h2>
            <Waiting tenants=page.tenants as_of />
        </section>
    }
}

#[component]
fn Fact(name: &'static str, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// "1,000+" where counting stopped.
fn capped(count: Capped) -> String {
    let more = if count.more { "+" } else { "" };
    format!("{}{more}", grouped(count.count))
}

#[component]
fn Waiting(tenants: Vec<WaitingTenant>, as_of: DateTime<Utc>) -> impl IntoView {
    if tenants.is_empty() {
        return view! { <p class="muted">"None of your tenants waits."</p> }.into_any();
    }
    let rows: Vec<_> = tenants
        .into_iter()
        .map(|tenant| view! { <WaitingRow tenant as_of /> })
        .collect();
    view! {
        <table class="stacking">
            <caption class="unseen">"Tenants whose runs wait, and why"</caption>
            <thead>
                <tr>
                    <th scope="col">"Tenant"</th>
                    <th scope="col" class="number">"Running"</th>
                    <th scope="col" class="number">"Waiting for those"</th>
                    <th scope="col">"Microsoft"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn WaitingRow(tenant: WaitingTenant, as_of: DateTime<Utc>) -> impl IntoView {
    let list = |status: &str| format!("/runs?status={status}&tenant={}", tenant.tenant);
    let (running, queued) = (list("running"), list("queued"));
    let throttled = tenant.throttled_until.map(|at| {
        view! { "throttled until " <At at /> ", " <Ago at as_of /> }
    });
    view! {
        <tr data-tenant-id=tenant.tenant.to_string()>
            <td data-label="Tenant"><a class="strong" href=format!("/tenants/{}", tenant.tenant)>{tenant.name}</a></td>
            <td data-label="Running" class="number"><a href=running>{grouped(tenant.running)}</a></td>
            <td data-label="Waiting for those" class="number"><a href=queued>{grouped(tenant.parked)}</a></td>
            <td data-label="Microsoft" class="muted">{throttled}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_stopped_says_so() {
        let count = |count, more| capped(Capped { count, more });
        assert_eq!(
            (count(7, false), count(1000, true)),
            ("7".into(), "1,000+".into())
        );
    }
}
