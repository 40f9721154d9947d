//! A button that puts a text on the clipboard. It needs a script, so it shows itself only where one runs.

use leptos::prelude::*;

/// `what` says what the text is: "hash".
#[component]
pub fn Copy(
    /// Looked at when the button is pressed.
    #[prop(into, optional)]
    text: Signal<String>,
    what: &'static str,
    /// A path of this site, which is copied after the text as a whole address.
    #[prop(into, optional)]
    path: String,
    /// `what` is seen on the button, where more than one could be meant.
    #[prop(optional)]
    is_told: bool,
) -> impl IntoView {
    let (words, unseen) = match is_told {
        true => (format!("Copy {what}"), None),
        false => ("Copy".to_owned(), Some(format!(" {what}"))),
    };
    let ready = RwSignal::new(false);
    let copied = RwSignal::new(false);
    // Browsers give the clipboard to secure pages alone.
    Effect::new(move || ready.set(window().is_secure_context()));
    view! {
        <button
            type="button"
            class="quiet copy"
            data-ready=move || ready.get().to_string()
            on:click=move |_| write(&text.get_untracked(), &path, copied)
        >
            {words}
            {unseen.map(|what| view! { <span class="unseen">{what}</span> })}
        </button>
        <span class="copied muted" role="status">{move || copied.get().then_some("Copied")}</span>
    }
}

#[cfg(feature = "hydrate")]
fn write(text: &str, path: &str, copied: RwSignal<bool>) {
    // Only the browser knows under which name the site was reached.
    let site = match path {
        "" => String::new(),
        _ => window().location().origin().unwrap_or_default(),
    };
    let written = window()
        .navigator()
        .clipboard()
        .write_text(&format!("{text}{site}{path}"));
    leptos::task::spawn_local(async move {
        // Where the browser refuses, nothing is claimed.
        copied.set(wasm_bindgen_futures::JsFuture::from(written).await.is_ok());
    });
}

#[cfg(not(feature = "hydrate"))]
fn write(_text: &str, _path: &str, _copied: RwSignal<bool>) {}
