//! Whether somebody is about to press something with a mouse: nothing may move away under a pointer that aims.

use std::cell::Cell;

use leptos::{ev, prelude::*, wasm_bindgen::JsCast};
use web_sys::{Element, PointerEvent};

/// For how long, in milliseconds, a pointer that rests is still about to press: a page nobody touches has to go on.
const AIMS_FOR: f64 = 3_000.0;
const PRESSABLE: &str = "a, button, summary, label, input, select, textarea";

thread_local! {
    /// Until when the pointer counts as aiming; a tab has one pointer.
    static UNTIL: Cell<f64> = const { Cell::new(0.0) };
}

/// Listens for as long as the page lives.
pub(super) fn listen() {
    let aim = |event: PointerEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let is_pressable =
            target.is_some_and(|target| matches!(target.closest(PRESSABLE), Ok(Some(_))));
        // A finger aims at nothing before it presses.
        let aims = is_pressable && (event.pointer_type() == "mouse" || event.buttons() != 0);
        let until = if aims {
            js_sys::Date::now() + AIMS_FOR
        } else {
            0.0
        };
        UNTIL.set(until);
    };
    let _listening = window_event_listener(ev::pointermove, aim);
    let _listening = window_event_listener(ev::pointerdown, aim);
    // Pressed: what follows is the answer, and that must not wait.
    let _listening = window_event_listener(ev::pointerup, |_| UNTIL.set(0.0));
    let _listening = window_event_listener(ev::pointercancel, |_| UNTIL.set(0.0));
}

pub(super) fn aims() -> bool {
    js_sys::Date::now() < UNTIL.get()
}
