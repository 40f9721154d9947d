//! All stored versions of a policy, and the choice of two to compare.

use domain::{VersionId, views::backups::VersionRow};
use leptos::prelude::*;

use crate::ui::{number::grouped, time::At};

/// A form that opens the comparison. At first it compares the version before the shown one with the shown one.
#[component]
pub fn History(history: Vec<VersionRow>, shown: VersionId, path: String) -> impl IntoView {
    let several = history.len() > 1;
    let (from, to) = first_choice(&history, shown);
    let rows: Vec<_> = history
        .into_iter()
        .map(|row| {
            let choice = several.then_some((row.id == from, row.id == to));
            view! { <Row row shown path=path.clone() choice /> }
        })
        .collect();
    let heads = several.then(|| {
        view! {
            <th scope="col">"Before"</th>
            <th scope="col">"After"</th>
        }
    });
    let compare = match several {
        true => view! { <p class="more"><button type="submit">"Compare"</button></p> }.into_any(),
        false => {
            view! { <p class="more muted">"Only one version is stored, so there is nothing to compare it with."</p> }.into_any()
        }
    };
    view! {
        <form method="get" action=format!("{path}/compare")>
            <table class="history stacking">
                <caption class="unseen">"Versions of this policy, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Version of"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="number">"In sets"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {compare}
        </form>
    }
}

/// The two to compare first. The history is ordered from new to old.
fn first_choice(history: &[VersionRow], shown: VersionId) -> (VersionId, VersionId) {
    let at = history.iter().position(|row| row.id == shown).unwrap_or(0);
    let id = |index: usize| history.get(index).map(|row| row.id);
    match (id(at + 1), at.checked_sub(1).and_then(id)) {
        (Some(older), _) => (older, shown),
        // The oldest one has none before it.
        (None, Some(newer)) => (shown, newer),
        (None, None) => (shown, shown),
    }
}

/// `choice`: whether it is the one before and the one after; none where there is nothing to choose.
#[component]
fn Row(
    row: VersionRow,
    shown: VersionId,
    path: String,
    #[prop(optional_no_strip)] choice: Option<(bool, bool)>,
) -> impl IntoView {
    let id = row.id.to_string();
    let is_shown = row.id == shown;
    let radio = |name: &'static str, label: &'static str, checked: bool| {
        view! {
            <td data-label=label>
                <label class="check">
                    <input type="radio" name=name value=id.clone() checked=checked />
                    <span class="unseen">{format!("{label}: version {id}")}</span>
                </label>
            </td>
        }
    };
    let choice = choice
        .map(|(from, to)| view! { {radio("from", "Before", from)} {radio("to", "After", to)} });
    view! {
        <tr data-version-id=row.id.to_string()>
            <td data-label="Version of">
                <span>
                    <a href=format!("{path}/versions/{}", row.id) aria-current=is_shown.then_some("page")>
                        <At at=row.created_at />
                    </a>
                    {is_shown.then_some(" (shown here)")}
                </span>
            </td>
            <td data-label="Name" class="muted">{row.name}</td>
            <td data-label="In sets" class="number">{grouped(row.sets)}</td>
            {choice}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_version_is_first_compared_with_the_one_before_it() {
        let history = [9, 5, 2].map(|id| VersionRow {
            id: VersionId(id),
            name: String::new(),
            created_at: DateTime::UNIX_EPOCH,
            sets: 1,
        });
        let first = |shown| first_choice(&history, VersionId(shown));
        assert_eq!(first(9), (VersionId(5), VersionId(9)));
        assert_eq!(first(5), (VersionId(2), VersionId(5)));
        assert_eq!(first(2), (VersionId(2), VersionId(5)));
    }
}
