//! Where an owner says in which time zone a tenant's times are meant.

use domain::TenantId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::ui::{address::given, time_zones::TimeZones};

/// A plain form: the answer is a whole new page, as the zone may change how all of its times are written.
#[component]
pub fn TimeZoneForm(tenant: TenantId, zone: String) -> impl IntoView {
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
