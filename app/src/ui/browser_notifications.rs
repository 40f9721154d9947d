//! The browser's own notifications: only while the page is hidden, only once somebody turned them on in the settings.

use domain::views::notifications::NotificationRow;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::VisibilityState;

/// In the browser's storage, as the permission is the browser's too: one person may want them on one machine only.
const TURNED_ON: &str = "browser-notifications";

/// Whether the browser may tell, as the settings show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// This browser has no notifications.
    Impossible,
    /// Nobody has turned them on here.
    Off,
    /// The browser was told to refuse; only its own settings can change that.
    Denied,
    On,
}

pub fn permission() -> Permission {
    let Some(api) = api() else {
        return Permission::Impossible;
    };
    let word = Reflect::get(&api, &"permission".into()).ok();
    match word.and_then(|word| word.as_string()).as_deref() {
        Some("denied") => Permission::Denied,
        Some("granted") if turned_on() => Permission::On,
        _ => Permission::Off,
    }
}

/// Asks the browser, which asks the person; `then` is called once there is an answer.
pub fn turn_on(then: impl FnOnce() + 'static) {
    remember(true);
    let Some(api) = api() else { return };
    let ask = Reflect::get(&api, &"requestPermission".into())
        .ok()
        .and_then(|ask| ask.dyn_into::<Function>().ok());
    let asked = ask.and_then(|ask| ask.call0(&api).ok());
    if let Some(promise) = asked.and_then(|asked| asked.dyn_into::<Promise>().ok()) {
        let answered = Closure::once(move |_: JsValue| then());
        _ = promise.then(&answered);
        // Called at most once, then let go with the page.
        answered.forget();
    }
}

pub fn turn_off() {
    remember(false);
}

fn api() -> Option<JsValue> {
    let api = Reflect::get(&window(), &"Notification".into()).ok()?;
    api.is_function().then_some(api)
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn turned_on() -> bool {
    storage().is_some_and(|storage| matches!(storage.get_item(TURNED_ON), Ok(Some(_))))
}

fn remember(on: bool) {
    if let Some(storage) = storage() {
        _ = match on {
            true => storage.set_item(TURNED_ON, "1"),
            false => storage.remove_item(TURNED_ON),
        };
    }
}

/// What this page has shown and not closed yet, each by the address that it leads to.
#[derive(Default)]
pub struct Shown(Vec<(String, JsValue)>);

impl Shown {
    /// Several pages of one person show the same; the tag makes the browser keep one.
    pub fn show(&mut self, news: &NotificationRow) {
        let hidden = document().visibility_state() == VisibilityState::Hidden;
        let Some(api) = api().filter(|_| hidden && permission() == Permission::On) else {
            return;
        };
        let href = news.href();
        let options = Object::new();
        for (name, value) in [("tag", href.as_str()), ("icon", "/favicon.svg")] {
            _ = Reflect::set(&options, &name.into(), &value.into());
        }
        let arguments = Array::of2(&news.sentence().into(), &options);
        // On phones browsers refuse this way of showing one.
        let Ok(shown) = Reflect::construct(api.unchecked_ref::<Function>(), &arguments) else {
            return;
        };
        let open = Closure::<dyn FnMut()>::new({
            let href = href.clone();
            move || {
                _ = window().focus();
                _ = window().location().set_href(&href);
            }
        });
        _ = Reflect::set(&shown, &"onclick".into(), open.as_ref());
        // Lives as long as the page: a notification may be clicked long after.
        open.forget();
        self.0.push((href, shown));
    }

    /// Closes those whose run was opened, here or elsewhere.
    pub fn close_what_was_read(&mut self, unread: &[NotificationRow]) {
        self.0.retain(|(href, shown)| {
            let still = unread.iter().any(|news| news.href() == *href);
            if !still && let Ok(close) = Reflect::get(shown, &"close".into()) {
                _ = close.unchecked_ref::<Function>().call0(shown);
            }
            still
        });
    }
}
