//! Shortcuts of single keys, and the dialog that lists them. Every one does what a link or a field on the page does too.

#[cfg(feature = "hydrate")]
mod listening;

use leptos::{html, prelude::*};

/// Two keys, one after the other, and where they lead.
#[cfg(feature = "hydrate")]
const PLACES: [(&str, &str); 7] = [
    ("o", "/"),
    ("r", "/runs"),
    ("t", "/tenants"),
    ("q", "/queues"),
    ("a", "/audit"),
    ("n", "/notifications"),
    ("s", "/settings"),
];

const WORDS: [(&[&str], &str); 12] = [
    (&["?"], "This list"),
    (&["/"], "To the page's search, or to that of the runs"),
    (&["j"], "To the next row"),
    (&["k"], "To the previous row"),
    (&["Enter"], "Open the row"),
    (&["g", "o"], "Go to the overview"),
    (&["g", "r"], "Go to the runs"),
    (&["g", "t"], "Go to the tenants"),
    (&["g", "q"], "Go to the queues"),
    (&["g", "a"], "Go to the audit log"),
    (&["g", "n"], "Go to the notifications"),
    (&["g", "s"], "Go to the settings"),
];

/// Every shortcut with what it does.
#[component]
pub fn ShortcutList() -> impl IntoView {
    let rows: Vec<_> = WORDS
        .into_iter()
        .map(|(keys, words)| {
            let keys: Vec<_> = keys
                .iter()
                .map(|key| view! { <kbd>{*key}</kbd> " " })
                .collect();
            view! { <div><dt>{keys}</dt><dd>{words}</dd></div> }
        })
        .collect();
    view! { <dl class="shortcuts">{rows}</dl> }
}

/// Listens to the keys if the reader wants it, and shows the list at `?`. Closed, it is nothing.
#[component]
pub fn Shortcuts(wanted: bool) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    #[cfg(feature = "hydrate")]
    if wanted {
        listening::listen(dialog);
    }
    wanted.then(|| {
        view! {
            <dialog class="help" aria-labelledby="help-title" node_ref=dialog>
                <h2 id="help-title">"Keyboard shortcuts"</h2>
                <ShortcutList />
                <h3>"Filters in the search of the runs"</h3>
                <p>
                    "status, outcome, operation, tenant, by, last, from and to, each with a colon and its value: "
                    <code>"tenant:\"Our lab\" outcome:failed by:me last:24h"</code>
                </p>
                <p class="muted">"The keys can be switched off in the " <a href="/settings">"settings"</a> "."</p>
                <form method="dialog">
                    <button type="submit">"Close"</button>
                </form>
            </dialog>
        }
    })
}
