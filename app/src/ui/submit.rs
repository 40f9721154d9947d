//! A form's button that can be pressed once at a time.

use leptos::prelude::*;

/// While an answer is awaited a press does nothing. Not `disabled` then: that would take the keyboard's focus away.
#[component]
pub fn Submit(
    #[prop(into)] words: String,
    #[prop(into)] pending: Signal<bool>,
    #[prop(optional)] disabled: bool,
    /// The one button of several that does what the page is for.
    #[prop(optional)]
    primary: bool,
    /// The id of the note that says what pressing does, or why it can't be pressed.
    #[prop(optional, into)]
    note: Option<String>,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class:primary=primary
            disabled=disabled
            aria-describedby=note
            on:click=move |event| {
                if pending.get_untracked() {
                    event.prevent_default();
                }
            }
        >
            {words}
        </button>
    }
}

/// Why someone may look but not press.
pub const READ_ONLY: &str =
    "Your role on this tenant does not allow it; an operator or owner can do it.";
