//! A span of days in a filter form.

use leptos::prelude::*;

/// The fields `from` and `to`.
#[component]
pub fn Days(
    /// What the first day is called.
    label: &'static str,
    #[prop(optional_no_strip)] from: Option<String>,
    #[prop(optional_no_strip)] to: Option<String>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input type="date" name="from" value=from.unwrap_or_default() />
        </label>
        <label class="field">
            <span>"To"</span>
            <input type="date" name="to" value=to.unwrap_or_default() />
        </label>
    }
}
