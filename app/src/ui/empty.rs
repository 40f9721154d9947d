//! Two pages that look alike and are not: nothing exists yet, and nothing matches.

use leptos::prelude::*;

/// Nothing exists yet; the children say how to begin.
#[component]
pub fn Empty(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty" data-empty="nothing">
            <p class="empty-title">{title}</p>
            {children()}
        </div>
    }
}

/// Something exists, but nothing matches the filters.
#[component]
pub fn NoMatch(#[prop(into)] what: String, #[prop(into)] without_filters: String) -> impl IntoView {
    view! {
        <div class="empty" data-empty="no-match">
            <p class="empty-title">{format!("No {what} match these filters")}</p>
            <p>
                <a class="button" href=without_filters>"Clear the filters"</a>
            </p>
        </div>
    }
}
