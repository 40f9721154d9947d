//! A button that puts a text on the clipboard. It needs a script, so it shows itself only where one runs.

use leptos::prelude::*;

/// `what` says what the text is: "hash".
#[component]
pub fn Copy(#[prop(into)] text: String, what: &'static str) -> impl IntoView {
    let ready = RwSignal::new(false);
    let copied = RwSignal::new(false);
    // Browsers give the clipboard to secure pages alone.
    Effect::new(move || ready.set(window().is_secure_context()));
    view! {
        <button
            type="button"
            class="quiet copy"
            data-ready=move || ready.get().to_string()
            on:click=move |_| write(&text, copied)
        >
            "Copy"
            <span class="unseen">{format!(" {what}")}</span>
        </button>
        <span class="copied muted" role="status">{move || copied.get().then_some("Copied")}</span>
    }
}

#[cfg(feature = "hydrate")]
fn write(text: &str, copied: RwSignal<bool>) {
    let written = window().navigator().clipboard().write_text(text);
    leptos::task::spawn_local(async move {
        // Where the browser refuses, nothing is claimed.
        copied.set(wasm_bindgen_futures::JsFuture::from(written).await.is_ok());
    });
}

#[cfg(not(feature = "hydrate"))]
fn write(_text: &str, _copied: RwSignal<bool>) {}
