//! The browser's side of `/events`: one connection a tab, watched and reopened for as long as the page lives.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    time::Duration,
};

use chrono::DateTime;
use leptos::{leptos_dom::helpers::set_interval, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent, VisibilityState};

use super::{Changed, Connection, Stream, WrittenAt, pointer};

// All in milliseconds, as the browser counts.
/// The server says something every five seconds; two silent times and a bit mean that nothing comes through any more.
const SILENCE: f64 = 11_000.0;
/// A try that was not answered by then is given up for another: a lost packet is sent again ever more slowly.
const UNANSWERED: f64 = 4_000.0;
const SOON: f64 = 1_000.0;
/// Between two tries once it has lasted [`LONG`], and in a tab that nobody looks at.
const LATER: f64 = 5_000.0;
const LONG: f64 = 120_000.0;
const LOOK_EVERY: Duration = Duration::from_millis(500);

type Handler = Closure<dyn FnMut(Event)>;

/// The tab's connection.
struct Line {
    stream: Stream,
    source: RefCell<Option<EventSource>>,
    /// Made once and used for every connection.
    handlers: OnceCell<Vec<(&'static str, Handler)>>,
    /// When anything came last, or the latest try began.
    heard_at: Cell<f64>,
    lost_at: Cell<Option<f64>>,
    try_at: Cell<f64>,
}

/// Opens the tab's connection, and asks everything again when the tab comes to the front.
pub(super) fn open(stream: Stream) {
    pointer::listen();
    let line = Rc::new(Line {
        stream,
        source: RefCell::default(),
        handlers: OnceCell::new(),
        heard_at: Cell::new(0.0),
        lost_at: Cell::new(None),
        try_at: Cell::new(0.0),
    });
    let handlers = handlers(&line);
    line.handlers.get_or_init(|| handlers);
    line.connect();
    // The handles may go: all this lives as long as the page.
    let looking = Rc::clone(&line);
    set_interval(move || looking.look(), LOOK_EVERY);
    let back = Rc::clone(&line);
    let _listening = window_event_listener(leptos::ev::online, move |_| back.again_now());
    let cut = Rc::clone(&line);
    let _listening = window_event_listener(leptos::ev::offline, move |_| cut.lost());
    let _listening = window_event_listener(leptos::ev::visibilitychange, move |_| {
        if is_visible() {
            line.again_now();
            stream.tell(&Changed::EVERYTHING);
        }
    });
}

fn handlers(line: &Rc<Line>) -> Vec<(&'static str, Handler)> {
    let on = |handle: fn(&Line, &Event)| {
        let line = Rc::clone(line);
        Handler::new(move |event: Event| handle(&line, &event))
    };
    vec![
        ("open", on(|line, _| line.is_live())),
        ("beat", on(|line, _| line.is_live())),
        ("error", on(|line, _| line.lost())),
        // After a lost connection too: what was missed meanwhile is asked for.
        (
            "resync",
            on(|line, _| {
                line.is_live();
                line.stream.tell(&Changed::EVERYTHING);
            }),
        ),
        (
            "changed",
            on(|line, event| {
                line.is_live();
                let data = event
                    .dyn_ref::<MessageEvent>()
                    .and_then(|message| message.data().as_string())
                    .unwrap_or_default();
                // An event of another version is no reason to miss what it was about.
                let changed = serde_json::from_str(&data).unwrap_or(Changed::EVERYTHING);
                line.stream.tell(&changed);
            }),
        ),
    ]
}

impl Line {
    fn connect(&self) {
        self.heard_at.set(now());
        // Only once: an answer to what changed later may have been lost with the connection, so the next one asks for all.
        let written_at = self.stream.written_at.try_update_value(Option::take);
        let address = match written_at.flatten() {
            Some(WrittenAt(place)) => format!("/events?since={place}"),
            None => "/events".to_owned(),
        };
        let Ok(source) = EventSource::new(&address) else {
            return self.lost();
        };
        for (name, handler) in self.handlers.get().into_iter().flatten() {
            let handler = handler.as_ref().unchecked_ref();
            // Only a missing name or function is refused, and both are there.
            _ = source.add_event_listener_with_callback(name, handler);
        }
        self.source.replace(Some(source));
    }

    fn is_live(&self) {
        self.heard_at.set(now());
        self.lost_at.set(None);
        let heard_at = DateTime::from_timestamp_millis(self.heard_at.get() as i64);
        self.stream.heard_at.set(heard_at);
        self.show(Connection::Live);
    }

    /// Nothing comes through: says so, and tries again after a while.
    fn lost(&self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
        let now = now();
        let since = self.lost_at.get().unwrap_or(now);
        self.lost_at.set(Some(since));
        let pause = match is_visible() && now - since < LONG {
            // Not all pages at the same moment.
            true => SOON + js_sys::Math::random() * SOON / 2.0,
            false => LATER,
        };
        self.try_at.set(now + pause);
        self.show(Connection::Reconnecting);
    }

    /// Whether it is still there, or time for another try.
    fn look(&self) {
        let now = now();
        let state = self.source.borrow().as_ref().map(EventSource::ready_state);
        let patience = match state {
            Some(EventSource::OPEN) => SILENCE,
            _ => UNANSWERED,
        };
        match state {
            Some(_) if now - self.heard_at.get() > patience => self.lost(),
            None if now >= self.try_at.get() => self.connect(),
            _ => {}
        }
    }

    /// Something says that it may work by now.
    fn again_now(&self) {
        if self.source.borrow().is_none() {
            self.connect();
        }
    }

    fn show(&self, connection: Connection) {
        if self.stream.connection.get_untracked() != connection {
            self.stream.connection.set(connection);
        }
    }
}

fn now() -> f64 {
    js_sys::Date::now()
}

/// Whether somebody may be looking at this tab.
pub(super) fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}
