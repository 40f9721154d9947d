//! What is known of a tenant's connection and time zone, and how old the synced data is.

use chrono::{DateTime, Utc};
use domain::{TenantId, views::tenants::TenantDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::ui::{address::given, time::Ago, time_zones::TimeZones};

#[component]
pub fn TenantFacts(detail: TenantDetail) -> impl IntoView {
    let as_of = detail.as_of;
    let (tenant, role) = (detail.tenant.id, detail.tenant.role);
    let age = move |at: Option<DateTime<Utc>>| match at {
        Some(at) => view! { <Ago at as_of /> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    let organization = detail
        .organization_name
        .unwrap_or_else(|| "known after the first connection check".to_owned());
    view! {
        <section class="aside" aria-labelledby="facts-title">
            <h2 id="facts-title">"Connection"</h2>
            <dl class="facts">
                <div><dt>"Organization"</dt><dd>{organization}</dd></div>
                <div><dt>"Cloud"</dt><dd>{detail.cloud}</dd></div>
                <div><dt>"Directory"</dt><dd><code>{detail.tenant.directory_id}</code></dd></div>
                <div><dt>"App"</dt><dd><code>{detail.client_id}</code></dd></div>
                <div><dt>"Verified"</dt><dd>{age(detail.verified_at)}</dd></div>
                <div><dt>"Inventory synced"</dt><dd>{age(detail.inventory_synced_at)}</dd></div>
                <div><dt>"Groups synced"</dt><dd>{age(detail.groups_synced_at)}</dd></div>
                <div><dt>"Time zone"</dt><dd>{detail.time_zone.clone()}</dd></div>
                <div><dt>"Your role"</dt><dd>{detail.tenant.role.label()}</dd></div>
            </dl>
            {role.may_set_time_zone().then(|| view! { <TimeZoneForm tenant zone=detail.time_zone /> })}
        </section>
    }
}

/// A plain form: the answer is a whole new page, as the zone may change how all of its times are written.
#[component]
fn TimeZoneForm(tenant: TenantId, zone: String) -> impl IntoView {
    let query = use_query_map();
    let refused = move || given(&query.read(), "refused").as_deref() == Some("time_zone");
    let open = untrack(refused);
    view! {
        <details class="connection-form" open=open>
            <summary>"Change the time zone"</summary>
            {move || refused().then(|| view! {
                <p class="answer" data-answer="refused">"Not saved. That is no time zone: use a name such as Europe/Berlin."</p>
            })}
            <form method="post" action=format!("/tenants/{tenant}/time-zone") class="sheet">
                <label class="field">
                    <span>"Time zone"</span>
                    <input name="time_zone" value=zone list="time-zones" required maxlength="64" autocomplete="off" />
                </label>
                <TimeZones />
                <button type="submit">"Save time zone"</button>
            </form>
        </details>
    }
}
