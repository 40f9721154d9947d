//! Seconds since the page woke up, so that "3 s ago" grows without asking the server. It stands still on the server.

use leptos::prelude::*;

/// Whole seconds since the script began; 0 on the server and while hydrating.
#[derive(Clone, Copy)]
pub struct Ticker(RwSignal<i64>);

/// Starts the tab's one ticker.
pub fn provide_ticker() {
    let ticker = Ticker(RwSignal::new(0));
    provide_context(ticker);
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        let start = js_sys::Date::now();
        // Measured, not counted: browsers slow timers down in tabs behind others.
        let tick = move || {
            ticker
                .0
                .set(((js_sys::Date::now() - start) / 1000.0) as i64)
        };
        set_interval(tick, std::time::Duration::from_secs(1));
    });
}

/// Seconds that have passed since this was called, as a signal.
pub fn seconds_from_now() -> Signal<i64> {
    match use_context::<Ticker>() {
        Some(Ticker(seconds)) => {
            let start = seconds.get_untracked();
            Signal::derive(move || seconds.get() - start)
        }
        None => Signal::stored(0),
    }
}
