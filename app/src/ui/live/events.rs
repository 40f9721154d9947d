//! The browser's side of `/events`: one connection a tab, reopened for ever.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::{leptos_dom::helpers::set_timeout, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent, VisibilityState};

use super::{Changed, Connection, Stream};

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(15);

/// Opens the tab's connection, and asks everything again when the tab comes to the front.
pub(super) fn open(stream: Stream) {
    connect(stream, FIRST_DELAY);
    // Dropping the handle leaves the listener in place, for as long as the page lives.
    let _listening = window_event_listener(leptos::ev::visibilitychange, move |_| {
        if document().visibility_state() == VisibilityState::Visible {
            stream.tell(&Changed::EVERYTHING);
        }
    });
}

/// `delay` is how long to wait before the next try if this one is refused.
fn connect(stream: Stream, delay: Duration) {
    let Ok(source) = EventSource::new("/events") else {
        return retry(stream, delay);
    };
    // What was missed while there was no connection is asked for once it is open.
    let current_delay = Rc::new(RefCell::new(delay));

    listen(&source, "open", {
        let current_delay = Rc::clone(&current_delay);
        move |_| {
            *current_delay.borrow_mut() = FIRST_DELAY;
            stream.connection.set(Connection::Live);
            stream.tell(&Changed::EVERYTHING);
        }
    });
    listen(&source, "error", {
        let source = source.clone();
        move |_| {
            stream.connection.set(Connection::Reconnecting);
            // Otherwise the browser tries again by itself.
            if source.ready_state() == EventSource::CLOSED {
                retry(stream, *current_delay.borrow());
            }
        }
    });
    listen(&source, "resync", move |_| {
        stream.tell(&Changed::EVERYTHING);
    });
    listen(&source, "changed", move |event| {
        let data = event
            .dyn_ref::<MessageEvent>()
            .and_then(|message| message.data().as_string())
            .unwrap_or_default();
        // An event of another version is no reason to miss what it was about.
        let changed = serde_json::from_str(&data).unwrap_or(Changed::EVERYTHING);
        stream.tell(&changed);
    });
}

fn retry(stream: Stream, delay: Duration) {
    stream.connection.set(Connection::Reconnecting);
    set_timeout(
        move || connect(stream, (delay * 2).min(LONGEST_DELAY)),
        delay,
    );
}

/// Leaves the closure to the browser: connections live as long as the page, and a refused one is a rare, small leak.
fn listen(source: &EventSource, name: &str, handler: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(handler);
    if source
        .add_event_listener_with_callback(name, closure.as_ref().unchecked_ref())
        .is_ok()
    {
        closure.forget();
    }
}
