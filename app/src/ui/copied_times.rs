//! Copying a time gives it as machines read it, in UTC: what was pasted elsewhere has lost the page that it stood on.

use js_sys::{Function, Reflect};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast};
use wasm_bindgen::JsValue;
use web_sys::{Element, Node};

/// Listens for as long as the page lives.
pub(super) fn listen() {
    let _listening = window_event_listener(ev::copy, |event| {
        if let Some(written) = selected_time()
            && put(&event, &written).is_some()
        {
            event.prevent_default();
        }
    });
}

/// The selected time, if nothing else is selected.
fn selected_time() -> Option<String> {
    let window: JsValue = window().into();
    let selection = method(&window, "getSelection")?.call0(&window).ok()?;
    let first = time_around(&Reflect::get(&selection, &"anchorNode".into()).ok()?)?;
    let last = time_around(&Reflect::get(&selection, &"focusNode".into()).ok()?)?;
    (first == last).then(|| first.get_attribute("datetime"))?
}

fn time_around(node: &JsValue) -> Option<Element> {
    let parent = node.dyn_ref::<Node>()?.parent_element()?;
    parent.closest("time").ok()?
}

fn put(event: &JsValue, written: &str) -> Option<()> {
    let clipboard = Reflect::get(event, &"clipboardData".into()).ok()?;
    let set = method(&clipboard, "setData")?;
    set.call2(&clipboard, &"text/plain".into(), &written.into())
        .ok()?;
    Some(())
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}
