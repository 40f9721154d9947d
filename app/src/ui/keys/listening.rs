//! What a key does, in the browser.

use std::time::Duration;

use leptos::{ev, html, prelude::*, wasm_bindgen::JsCast};
use leptos_router::hooks::use_navigate;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::PLACES;

/// How long after `g` the second key may come, in milliseconds.
const PATIENCE: f64 = 1500.0;
/// Where keys are text.
const FIELDS: &str =
    "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]";
/// How often, and how far apart, the field of a page that is still being fetched is looked for.
const TRIES: u8 = 50;
const TRY_EVERY: Duration = Duration::from_millis(100);
const ROWS: &str = "main tbody tr, main .notifications > li";

/// Listens for as long as the page lives.
pub(super) fn listen(dialog: NodeRef<html::Dialog>) {
    let navigate = use_navigate();
    let g_pressed_at = StoredValue::new(None::<f64>);
    let _listening = window_event_listener(ev::keydown, move |event| {
        let key = event.key();
        if is_not_meant(&event) || dialog.get_untracked().is_none_or(|dialog| dialog.open()) {
            return;
        }
        let after_g = g_pressed_at
            .try_update_value(Option::take)
            .flatten()
            .is_some_and(|at| event.time_stamp() - at < PATIENCE);
        let done = if after_g {
            let place = PLACES.iter().find(|(second, _)| *second == key);
            place.map(|(_, path)| navigate(path, Default::default()))
        } else {
            match key.as_str() {
                "?" => dialog
                    .get_untracked()
                    .and_then(|dialog| dialog.show_modal().ok()),
                "/" => to_search().or_else(|| {
                    // A page without a search leads to the one that finds runs of any kind.
                    navigate("/runs", Default::default());
                    search_once_there(TRIES);
                    Some(())
                }),
                "j" => to_row(1),
                "k" => to_row(-1),
                "g" => {
                    g_pressed_at.set_value(Some(event.time_stamp()));
                    Some(())
                }
                _ => None,
            }
        };
        if done.is_some() {
            event.prevent_default();
        }
    });
}

/// Somebody types, means a shortcut of the browser's own, or something on the page took the key.
fn is_not_meant(event: &KeyboardEvent) -> bool {
    let types = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|target| matches!(target.closest(FIELDS), Ok(Some(_))));
    types
        || event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
        || event.is_composing()
        || event.default_prevented()
}

fn to_search() -> Option<()> {
    let found = document()
        .query_selector("main input[type=search]")
        .ok()??;
    let field: HtmlInputElement = found.dyn_into().ok()?;
    field.focus().ok()?;
    field.select();
    Some(())
}

fn search_once_there(tries: u8) {
    if to_search().is_none() && tries > 0 {
        set_timeout(move || search_once_there(tries - 1), TRY_EVERY);
    }
}

/// Puts the focus on the first link of the next row that has one: from there `Enter` opens it.
fn to_row(step: i32) -> Option<()> {
    let rows = document().query_selector_all(ROWS).ok()?;
    let links: Vec<HtmlElement> = (0..rows.length())
        .filter_map(|index| rows.item(index)?.dyn_into::<Element>().ok())
        .filter_map(|row| row.query_selector("a[href]").ok()?)
        .filter_map(|link| link.dyn_into().ok())
        .collect();
    let row_of = |element: &Element| element.closest("tr, li").ok().flatten();
    let here = document()
        .active_element()
        .and_then(|active| row_of(&active));
    let current = here.and_then(|here| {
        links
            .iter()
            .position(|link| row_of(link).is_some_and(|row| row == here))
    });
    let next = match (current, step) {
        (Some(at), 1) => at + 1,
        (Some(at), _) => at.checked_sub(1)?,
        (None, _) => 0,
    };
    links.get(next)?.focus().ok()
}
