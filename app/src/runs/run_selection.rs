//! Runs ticked in the list: what can be done with several at once. While something is ticked the list holds still.

use domain::{RunId, views::run_batches::BulkAction};
use leptos::prelude::*;

use crate::ui::ticks::{Ticked, TickedCount, TickedElsewhere};

/// A table whose runs can be ticked, which is the children. A plain form: each button leads to a page that states the set.
#[component]
pub fn SelectableRuns(
    shown: Vec<RunId>,
    ticked: Ticked<RunId>,
    children: Children,
) -> impl IntoView {
    let paused = move || {
        let count = ticked.read().len();
        (count > 0).then(|| format!(" Updates paused while {count} {} selected.", are(count)))
    };
    view! {
        <form method="get" action="/runs/bulk" class="choice run-selection">
            <TickedElsewhere field="runs" shown=shown.clone() ticked />
            {children()}
            <div class="actions selection">
                <BulkButton action=BulkAction::Again />
                <BulkButton action=BulkAction::Follow />
                <button type="submit" formaction="/runs/export.csv">"Export selected"</button>
                <p class="surface-note" role="status">
                    <TickedCount shown ticked none="Tick runs to act on several at once." />
                    {paused}
                </p>
            </div>
        </form>
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

#[component]
fn BulkButton(action: BulkAction) -> impl IntoView {
    view! {
        <button type="submit" name="action" value=action.as_str()>
            {format!("{} …", action.label())}
        </button>
    }
}
