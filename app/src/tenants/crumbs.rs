//! Where a page below a tenant stands: links to the pages above it.

use leptos::prelude::*;

/// "Tenants / Contoso / … / here"; `between` are the names and addresses of pages between the tenant and this one.
#[component]
pub fn TenantCrumbs(
    #[prop(into)] id: String,
    #[prop(into)] tenant_name: String,
    #[prop(optional)] between: Vec<(String, String)>,
    #[prop(into)] here: String,
) -> impl IntoView {
    let between: Vec<_> = between
        .into_iter()
        .map(|(name, href)| view! { <a href=href>{name}</a> " / " })
        .collect();
    view! {
        <nav class="crumbs" aria-label="You are here">
            <a href="/tenants">"Tenants"</a>
            " / "
            <a href=format!("/tenants/{id}")>{tenant_name}</a>
            " / "
            {between}
            {here}
        </nav>
    }
}
