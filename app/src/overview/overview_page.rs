//! `/`: running now, the latest runs, the tenants.

use domain::views::{runs::RunPage, tenants::TenantRow};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    runs::{api::run_list, filters::RunFilters, run_table::RunTable},
    tenants::{api::tenant_list, tenants_page::TenantTable},
    ui::{answered::loading, empty::Empty, live::live_resource, problem::or_problem},
};

const LATEST: usize = 8;

#[component]
pub fn OverviewPage() -> impl IntoView {
    let list_of = |status: Option<&str>| {
        let filters = RunFilters {
            status: status.map(str::to_owned),
            ..RunFilters::default()
        };
        live_resource(
            move || filters.clone(),
            |_, changed| changed.any_run(),
            |filters| run_list(filters, None),
        )
    };
    let running = list_of(Some("running"));
    let latest = list_of(None);
    let tenants = live_resource(|| (), |(), changed| changed.any_run(), |()| tenant_list());
    // One page, one answer: what can't be asked makes one problem, not three.
    let all = move || {
        let (running, latest, tenants) = (running.get()?, latest.get()?, tenants.get()?);
        let together = running.and_then(|running| Ok((running.page, latest?.page, tenants?)));
        Some(or_problem(together, |(running, latest, tenants)| {
            view! { <Overview running latest tenants /> }
        }))
    };
    view! {
        <Title text="Overview" />
        <Transition fallback=loading>{all}</Transition>
    }
}

#[component]
fn Overview(running: RunPage, latest: RunPage, tenants: Vec<TenantRow>) -> impl IntoView {
    let running = match running.rows.is_empty() {
        true => view! { <p class="muted">"Nothing is running."</p> }.into_any(),
        false => view! { <RunTable rows=running.rows as_of=running.as_of caption="Running now" /> }
            .into_any(),
    };
    let rows: Vec<_> = latest.rows.into_iter().take(LATEST).collect();
    let latest = match rows.is_empty() {
        true => view! {
            <Empty title="No runs yet">
                <p>"Runs appear here as soon as somebody starts an operation on a tenant."</p>
            </Empty>
        }
        .into_any(),
        false => view! {
            <RunTable rows as_of=latest.as_of caption="Latest runs" />
            <p class="more"><a href="/runs">"All runs"</a></p>
        }
        .into_any(),
    };
    view! {
        <h1>"Overview"</h1>
        <section aria-labelledby="running-title">
            <h2 id="running-title">"Running now"</h2>
            {running}
        </section>
        <section aria-labelledby="latest-title">
            <h2 id="latest-title">"Latest runs"</h2>
            {latest}
        </section>
        <section aria-labelledby="tenants-title">
            <h2 id="tenants-title">"Tenants"</h2>
            <TenantTable rows=tenants />
        </section>
    }
}
