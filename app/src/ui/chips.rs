//! The chosen filters of a list, each to be taken away.

use leptos::prelude::*;

/// A filter that can be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    pub words: String,
    /// The list's address without it, from the first page.
    pub without: String,
}

#[component]
pub fn Chips(chips: Vec<Chip>) -> impl IntoView {
    let chips: Vec<_> = chips
        .into_iter()
        .map(|chip| {
            let remove = format!("Remove filter {}", chip.words);
            view! {
                <li>
                    <a class="chip" href=chip.without aria-label=remove>
                        {chip.words}
                        <span aria-hidden="true">" ×"</span>
                    </a>
                </li>
            }
        })
        .collect();
    view! { <ul class="chips" aria-label="Chosen filters">{chips}</ul> }
}
