//! Whom a policy is assigned to, and what changes of that, in words.

use domain::views::backups::AssignmentLine;
use leptos::prelude::*;

/// "Group Sales, only with filter Corporate".
pub fn in_words(line: &AssignmentLine) -> String {
    match &line.filter {
        Some(filter) => format!("{}, {filter}", line.to),
        None => line.to.clone(),
    }
}

/// Assignments as a list, or that there are none.
#[component]
pub fn Assignments(lines: Vec<AssignmentLine>) -> impl IntoView {
    if lines.is_empty() {
        return view! { <p class="muted">"Assigned to nobody."</p> }.into_any();
    }
    let lines: Vec<_> = lines
        .iter()
        .map(|line| view! { <li>{in_words(line)}</li> })
        .collect();
    view! { <ul class="lines">{lines}</ul> }.into_any()
}

/// What is added and what is removed, each with its word; nothing where neither is.
#[component]
pub fn AssignmentChanges(
    added: Vec<AssignmentLine>,
    removed: Vec<AssignmentLine>,
) -> impl IntoView {
    let line = |word: &'static str, kind: &'static str, line: &AssignmentLine| {
        view! {
            <li data-change=kind>
                <strong>{word}</strong>
                {in_words(line)}
            </li>
        }
    };
    let lines: Vec<_> = added
        .iter()
        .map(|one| line("Added: ", "added", one))
        .chain(removed.iter().map(|one| line("Removed: ", "removed", one)))
        .collect();
    (!lines.is_empty()).then(|| view! { <ul class="lines">{lines}</ul> })
}
