//! Ticked rows of a list: they stay ticked while the list changes, is filtered, or shows another page.

use std::{collections::BTreeSet, fmt::Display};

use leptos::prelude::*;

/// The ids that are ticked.
pub type Ticked<I> = RwSignal<BTreeSet<I>>;

/// What a tick stands for.
pub trait Tickable: Copy + Ord + Display + Send + Sync + 'static {}
impl<I: Copy + Ord + Display + Send + Sync + 'static> Tickable for I {}

/// A row's tick, labelled with what is ticked; the form sends it as `field[index]`. Where the row says the name anyway,
/// the label is left to screen readers.
#[component]
pub fn Tick<I: Tickable>(
    field: &'static str,
    index: usize,
    id: I,
    name: String,
    ticked: Ticked<I>,
    #[prop(optional)] name_unseen: bool,
) -> impl IntoView {
    let toggle = move |_| {
        ticked.update(|all| {
            if !all.remove(&id) {
                all.insert(id);
            }
        });
    };
    view! {
        <label class="check">
            <input
                type="checkbox"
                name=format!("{field}[{index}]")
                value=id.to_string()
                prop:checked=move || ticked.read().contains(&id)
                on:change=toggle
            />
            <span class:unseen=name_unseen>{name}</span>
        </label>
    }
}

/// Sends along what is ticked but not `shown`, behind the fields of the rows.
#[component]
pub fn TickedElsewhere<I: Tickable>(
    field: &'static str,
    shown: Vec<I>,
    ticked: Ticked<I>,
) -> impl IntoView {
    let first = shown.len();
    let shown: BTreeSet<I> = shown.into_iter().collect();
    move || {
        let others: Vec<I> = ticked.read().difference(&shown).copied().collect();
        others
            .into_iter()
            .enumerate()
            .map(|(index, id)| {
                let name = format!("{field}[{}]", first + index);
                view! { <input type="hidden" name=name value=id.to_string() /> }
            })
            .collect_view()
    }
}

/// "3 selected, 1 of them not in this list."; `none` while nothing is ticked.
#[component]
pub fn TickedCount<I: Tickable>(
    shown: Vec<I>,
    ticked: Ticked<I>,
    none: &'static str,
) -> impl IntoView {
    let shown: BTreeSet<I> = shown.into_iter().collect();
    move || {
        let ticked = ticked.read();
        match (ticked.len(), ticked.difference(&shown).count()) {
            (0, _) => none.to_owned(),
            (all, 0) => format!("{all} selected."),
            (all, others) => format!("{all} selected, {others} of them not in this list."),
        }
    }
}
