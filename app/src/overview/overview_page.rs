//! `/`: running now, the latest runs, the tenants.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    runs::{api::run_list, filters::RunFilters, run_table::RunTable},
    tenants::{api::tenant_list, tenants_page::TenantTable},
    ui::{live::live_resource, problem::or_problem},
};

const LATEST: usize = 8;

#[component]
pub fn OverviewPage() -> impl IntoView {
    let running = RunFilters { status: Some("running".to_owned()), ..RunFilters::default() };
    let running = live_resource(
        move || running.clone(),
        |_, changed| changed.any_run(),
        |filters| run_list(filters, None),
    );
    let latest = live_resource(
        RunFilters::default,
        |_, changed| changed.any_run(),
        |filters| run_list(filters, None),
    );
    let tenants = live_resource(|| (), |(), changed| changed.any_run(), |()| tenant_list());
    view! {
        <Title text="Overview" />
        <h1>"Overview"</h1>
        <section>
            <h2>"Running now"</h2>
            <Transition>
                {move || running.get().map(|answer| or_problem(answer, |listing| {
                    if listing.page.rows.is_empty() {
                        view! { <p class="muted">"Nothing is running."</p> }.into_any()
                    } else {
                        view! { <RunTable rows=listing.page.rows as_of=listing.page.as_of caption="Running now" /> }.into_any()
                    }
                }))}
            </Transition>
        </section>
        <section>
            <h2>"Latest runs"</h2>
            <Transition>
                {move || latest.get().map(|answer| or_problem(answer, |listing| {
                    let rows: Vec<_> = listing.page.rows.into_iter().take(LATEST).collect();
                    if rows.is_empty() {
                        view! { <p class="muted">"No runs yet."</p> }.into_any()
                    } else {
                        view! { <RunTable rows as_of=listing.page.as_of caption="Latest runs" /> }.into_any()
                    }
                }))}
            </Transition>
        </section>
        <section>
            <h2>"Tenants"</h2>
            <Transition>
                {move || tenants.get().map(|answer| or_problem(answer, |rows| view! { <TenantTable rows /> }))}
            </Transition>
        </section>
    }
}
