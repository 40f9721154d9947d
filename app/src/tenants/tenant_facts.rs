//! What is known of a tenant's connection and time zone, and how old the synced data is.

use chrono::{DateTime, Utc};
use domain::views::tenants::TenantDetail;
use leptos::prelude::*;

use crate::ui::time::Ago;

#[component]
pub fn TenantFacts(detail: TenantDetail) -> impl IntoView {
    let as_of = detail.as_of;
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
                <div><dt>"Time zone"</dt><dd>{detail.time_zone}</dd></div>
                <div><dt>"Your role"</dt><dd>{detail.tenant.role.label()}</dd></div>
            </dl>
        </section>
    }
}
