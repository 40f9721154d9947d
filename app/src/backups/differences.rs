//! Settings that differ, one a line: what it was and what it is.

use domain::diff::{Difference, short};
use leptos::prelude::*;
use serde_json::Value;

/// A table of differences; `before` and `after` name the two sides.
#[component]
pub fn Differences(
    differences: Vec<Difference>,
    #[prop(into)] caption: String,
    #[prop(default = "Before")] before: &'static str,
    #[prop(default = "After")] after: &'static str,
) -> impl IntoView {
    let rows: Vec<_> = differences
        .into_iter()
        .map(|one| {
            view! {
                <tr data-path=one.path>
                    <td data-label="Setting">{one.label}</td>
                    <td data-label=before>{value(one.before)}</td>
                    <td data-label=after>{value(one.after)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <table class="differences stacking">
            <caption class="unseen">{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">"Setting"</th>
                    <th scope="col">{before}</th>
                    <th scope="col">{after}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// A side's value, in a span so that a narrow screen keeps it in one piece.
fn value(side: Option<Value>) -> AnyView {
    match side.as_ref().map(short) {
        None => view! { <span class="muted">"not set"</span> }.into_any(),
        Some(text) if text.is_empty() => view! { <span class="muted">"empty"</span> }.into_any(),
        Some(text) => view! { <span>{text}</span> }.into_any(),
    }
}

/// "3 settings and 1 assignment change".
pub fn counted(settings: usize, assignments: usize) -> String {
    let one = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{count} {word}s")),
    };
    let parts: Vec<_> = [one(settings, "setting"), one(assignments, "assignment")]
        .into_iter()
        .flatten()
        .collect();
    let verb = if settings + assignments == 1 {
        "changes"
    } else {
        "change"
    };
    format!("{} {verb}", parts.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted_in_words() {
        assert_eq!(counted(3, 1), "3 settings and 1 assignment change");
        assert_eq!(counted(1, 0), "1 setting changes");
        assert_eq!(counted(0, 2), "2 assignments change");
    }
}
