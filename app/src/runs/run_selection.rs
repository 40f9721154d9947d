//! Runs selected in the list: one by one, or everything that matches. While some are ticked the list holds still.

use domain::{
    RunId,
    views::{run_batches::BulkAction, run_list::CappedCount},
};
use leptos::prelude::*;

use super::filters::RunFilters;
use crate::ui::{
    live::{Connection, use_stream},
    number::grouped,
    ticks::{Ticked, TickedCount, TickedElsewhere},
};

/// What is selected: some runs, or whatever the filters match, however many pages that are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selected {
    pub ticked: Ticked<RunId>,
    pub everything: RwSignal<bool>,
}

/// A table whose runs can be ticked, which is the children. A plain form: each button leads to a page that states the
/// set. `matching` is how many runs the filters match.
#[component]
pub fn SelectableRuns(
    shown: Vec<RunId>,
    selected: Selected,
    filters: RunFilters,
    #[prop(optional_no_strip)] matching: Option<CappedCount>,
    children: Children,
) -> impl IntoView {
    let Selected { ticked, everything } = selected;
    view! {
        <form method="get" action="/runs/bulk" class="choice run-selection">
            <FilterParts filters />
            // What is ticked does not count, and is not sent, once everything is selected.
            // It groups nothing for who listens: the table says what it is.
            <fieldset class="rows" role="none" disabled=move || everything.get()>
                <TickedElsewhere field="runs" shown=shown.clone() ticked />
                {children()}
            </fieldset>
            <div class="actions selection">
                <BulkButton action=BulkAction::Retry />
                <BulkButton action=BulkAction::Again />
                <BulkButton action=BulkAction::Follow />
                <button type="submit" formaction="/runs/export">"Export …"</button>
                <AllOfPage shown=shown.clone() selected />
                <EverythingThatMatches everything matching />
                <p class="surface-note" role="status">
                    <InWords shown selected />
                </p>
            </div>
        </form>
    }
}

/// The list's filters as parts of the form, so that the next page knows what everything is, and the way back.
#[component]
fn FilterParts(filters: RunFilters) -> impl IntoView {
    let given = filters.parts().into_iter();
    given
        .filter_map(|(name, value)| Some((name, value?)))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view()
}

#[component]
fn BulkButton(action: BulkAction) -> impl IntoView {
    view! {
        <button type="submit" name="action" value=action.as_str()>
            {format!("{} …", action.label())}
        </button>
    }
}

/// Ticks every row of the page, or none. It needs a script, so it comes with it.
#[component]
fn AllOfPage(shown: Vec<RunId>, selected: Selected) -> impl IntoView {
    let Selected { ticked, everything } = selected;
    let stream = use_stream();
    let asleep = move || stream.connection.get() == Connection::Off;
    let words = format!("All {} on this page", shown.len());
    let shown = StoredValue::new(shown);
    let all = move || shown.with_value(|shown| all_ticked(shown, ticked));
    let toggle = move |_| {
        let tick = !untrack(all);
        ticked.update(|ticked| {
            shown.with_value(|shown| {
                for run in shown {
                    match tick {
                        true => ticked.insert(*run),
                        false => ticked.remove(run),
                    };
                }
            });
        });
    };
    view! {
        <label class="check" hidden=asleep>
            <input type="checkbox" prop:checked=all disabled=move || everything.get() on:change=toggle />
            {words}
        </label>
    }
}

/// Works without a script too: a part of the form like any tick.
#[component]
fn EverythingThatMatches(
    everything: RwSignal<bool>,
    #[prop(optional_no_strip)] matching: Option<CappedCount>,
) -> impl IntoView {
    let words = match matching {
        None => "Select everything that matches".to_owned(),
        Some(runs) if runs.is_capped() => format!("Select everything that matches ({runs})"),
        Some(runs) => format!("Select everything that matches (about {runs})"),
    };
    view! {
        <label class="check">
            <input
                type="checkbox"
                name="matching"
                value="1"
                prop:checked=move || everything.get()
                on:change:target=move |event| everything.set(event.target().checked())
            />
            {words}
        </label>
    }
}

/// What is selected, in words.
#[component]
fn InWords(shown: Vec<RunId>, selected: Selected) -> impl IntoView {
    let Selected { ticked, everything } = selected;
    let paused = move || match ticked.read().len() {
        0 => None,
        1 => Some(" Updates paused while 1 is selected.".to_owned()),
        count => Some(format!(
            " Updates paused while {} are selected.",
            grouped(count as i64)
        )),
    };
    move || {
        let all_and_no_other = all_ticked(&shown, ticked) && ticked.read().len() == shown.len();
        if everything.get() {
            return "Everything that matches is selected, on all pages.".into_any();
        }
        if all_and_no_other {
            let words = format!("All {} on this page are selected.", shown.len());
            return view! { <span>{words} {paused}</span> }.into_any();
        }
        let none = "Tick runs to act on several at once.";
        let shown = shown.clone();
        view! { <span><TickedCount shown ticked none /> {paused}</span> }.into_any()
    }
}

fn all_ticked(shown: &[RunId], ticked: Ticked<RunId>) -> bool {
    let ticked = ticked.read();
    !shown.is_empty() && shown.iter().all(|run| ticked.contains(run))
}
