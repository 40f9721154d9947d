//! Where an owner replaces the secret with which the tenant's app signs in.

use domain::TenantId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::ui::address::given;

/// What the form is called, and every link to it.
pub const REPLACE_SECRET: &str = "Replace the client secret";

/// Where the secret of a tenant's app is replaced.
pub fn href_of_client_secret(tenant: TenantId) -> String {
    format!("/tenants/{tenant}?replace=client_secret#client-secret")
}

/// A plain form, as its answer is the page with what came of it.
#[component]
pub fn ClientSecret(tenant: TenantId) -> impl IntoView {
    let query = use_query_map();
    let is_it = move |name| given(&query.read(), name).as_deref() == Some("client_secret");
    let open = untrack(|| is_it("refused") || is_it("replace") || is_it("saved"));
    let answer = move || {
        let (answer, words) = match (is_it("saved"), is_it("refused")) {
            (true, _) => (
                "saved",
                "Stored. Verify the connection to see whether Microsoft takes it.",
            ),
            (_, true) => (
                "refused",
                "Not stored. Paste the secret's value, which Microsoft shows once, when it is made: not its id, and nothing around it.",
            ),
            _ => return None,
        };
        Some(view! { <p class="answer" data-answer=answer>{words}</p> })
    };
    // The answer leads back to the page, and browsers to this place on it: a redirect keeps the fragment.
    let action = format!("/tenants/{tenant}/client-secret#client-secret");
    view! {
        <details class="connection-form" id="client-secret" open=open>
            <summary>{REPLACE_SECRET}</summary>
            {answer}
            <form method="post" action=action class="sheet">
                <label class="field">
                    <span>"New secret's value"</span>
                    <input name="client_secret" type="password" required maxlength="512" autocomplete="off" spellcheck="false" />
                </label>
                <p class="muted">"Made in Entra ID, at the app registration, under Certificates & secrets. It is sealed before it is stored, and never shown again."</p>
                <button type="submit">"Replace secret"</button>
            </form>
        </details>
    }
}
