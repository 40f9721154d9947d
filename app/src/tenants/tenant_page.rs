//! `/tenants/{id}`: what can be started on a tenant, what is known of it, what ran lately.

use domain::{
    preferences::{RunColumn, RunColumns},
    views::tenants::TenantDetail,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    api::tenant_detail, client_secret::ClientSecret, start_surface::StartSurface,
    tenant_facts::TenantFacts, time_zone::TimeZoneForm,
};
use crate::{
    overview::expectations::Expectations,
    runs::{api::StartOperation, run_table::RunTable, start_answer::use_answers},
    ui::{
        answered::answered,
        live::{Pace, live_resource, part_of},
        number::grouped,
    },
};

#[component]
pub fn TenantPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let detail = live_resource(
        Pace::Page,
        move || id.get(),
        |id, changed| changed.tenant(id),
        tenant_detail,
    );
    let start = ServerAction::<StartOperation>::new();
    let answer = use_answers(id, move || start.value().get().and_then(Result::err));
    let to_set = part_of(detail, |answer| {
        let TenantDetail {
            tenant, time_zone, ..
        } = answer?.ok()?;
        let zone = tenant.role.may_set_time_zone().then_some(time_zone);
        Some((tenant.id, zone, tenant.role.may_replace_secret()))
    });
    let forms = move || {
        to_set().map(|(tenant, zone, may_replace_secret)| {
            view! {
                {zone.map(|zone| view! { <TimeZoneForm tenant zone /> })}
                {may_replace_secret.then(|| view! { <ClientSecret tenant /> })}
            }
        })
    };
    view! {
        {answered(detail, move |detail| view! { <Tenant detail start>{answer()}</Tenant> })}
        // Not inside the part above, which is made anew with every change: what is being typed would be lost.
        <Expectations tenant=id />
        <Transition>{forms}</Transition>
    }
}

/// The children are what the start surfaces answered.
#[component]
fn Tenant(
    detail: TenantDetail,
    start: ServerAction<StartOperation>,
    children: Children,
) -> impl IntoView {
    let tenant = detail.tenant.clone();
    let surfaces: Vec<_> = detail
        .operations
        .iter()
        .map(|&(operation, allowed)| {
            view! { <StartSurface tenant=tenant.id role=tenant.role operation allowed start /> }
        })
        .collect();
    let recent = if detail.recent_runs.is_empty() {
        view! { <p class="muted">"Nothing has run on this tenant yet. Start with a connection check."</p> }.into_any()
    } else {
        view! {
            <RunTable rows=detail.recent_runs.clone() as_of=detail.as_of caption="Latest runs of this tenant"
                columns=RunColumns::default().without(RunColumn::Tenant) />
            <p class="more">
                <a href=format!("/runs?tenant={}", tenant.id)>"All runs of this tenant"</a>
            </p>
        }
        .into_any()
    };
    view! {
        <Title text=tenant.name.clone() />
        <nav class="crumbs" aria-label="You are here">
            <a href="/tenants">"Tenants"</a>
            " / "
            {tenant.name.clone()}
        </nav>
        <header class="headline">
            <h1>{tenant.name}</h1>
            <p class="headline-links">
                <a href=format!("/tenants/{}/inventory", tenant.id)>
                    "Inventory"
                    <span class="count">{grouped(tenant.policies)}</span>
                </a>
                <a href=format!("/tenants/{}/groups", tenant.id)>
                    "Groups"
                    <span class="count">{grouped(tenant.groups)}</span>
                </a>
                <a href=format!("/tenants/{}/backups", tenant.id)>"Backups"</a>
                <a href=format!("/tenants/{}/restores", tenant.id)>"Restores"</a>
                <a href=format!("/tenants/{}/schedules", tenant.id)>"Schedules"</a>
                <a href=format!("/tenants/{}/members", tenant.id)>"Members"</a>
                // A whole page load: the page's own headers let its form lead to Microsoft's sign-in.
                <a rel="external" href=format!("/tenants/{}/rbac", tenant.id)>"Access setup"</a>
            </p>
        </header>
        <div class="columns">
            <section class="main-column" aria-labelledby="start-title">
                <h2 id="start-title">"Start"</h2>
                <div class="surfaces">{surfaces}</div>
                <p class="more">
                    <a href=format!("/tenants/{}/backups", tenant.id)>"Back up policies"</a>
                    " · "
                    <a href=format!("/tenants/{}/restores/new", tenant.id)>"Restore from a backup"</a>
                </p>
                // Below the buttons, so that none moves under the pointer that pressed it.
                <div role="status" class="answers">
                    {children()}
                </div>
            </section>
            <TenantFacts detail />
        </div>
        <section aria-labelledby="recent-title">
            <h2 id="recent-title">"Latest runs"</h2>
            {recent}
        </section>
    }
}
