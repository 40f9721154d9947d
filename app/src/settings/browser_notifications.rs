//! Turning the browser's own notifications on and off, for this browser. They need a script; without one this says so.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use crate::ui::browser_notifications::{Permission, permission, turn_off, turn_on};

/// What the browser allows, once a script has asked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    NoScript,
    #[cfg(feature = "hydrate")]
    Known(Permission),
}

#[component]
pub fn BrowserNotifications() -> impl IntoView {
    let state = RwSignal::new(State::NoScript);
    #[cfg(feature = "hydrate")]
    Effect::new(move || state.set(State::Known(permission())));
    let words = move || match state.get() {
        State::NoScript => "They need JavaScript.",
        #[cfg(feature = "hydrate")]
        State::Known(Permission::Impossible) => "This browser has none.",
        #[cfg(feature = "hydrate")]
        State::Known(Permission::Denied) => {
            "This browser was told to refuse them; its own settings can allow them again."
        }
        #[cfg(feature = "hydrate")]
        State::Known(Permission::Off) => "Off in this browser.",
        #[cfg(feature = "hydrate")]
        State::Known(Permission::On) => "On in this browser, while the page is not in sight.",
    };
    let button = move || match state.get() {
        #[cfg(feature = "hydrate")]
        State::Known(Permission::Off) => {
            let ask = move |_| turn_on(move || state.set(State::Known(permission())));
            view! { <button type="button" on:click=ask>"Turn on in this browser"</button> }
                .into_any()
        }
        #[cfg(feature = "hydrate")]
        State::Known(Permission::On) => {
            let stop = move |_| {
                turn_off();
                state.set(State::Known(permission()));
            };
            view! { <button type="button" on:click=stop>"Turn off in this browser"</button> }
                .into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <div class="browser-notifications">
            <h3>"The browser's own notifications"</h3>
            <p class="muted">{words}</p>
            {button}
        </div>
    }
}
