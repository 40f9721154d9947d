//! The search's field and what it came to, each state in words and as data.

use domain::{
    Actor,
    views::rbac::{AssignmentChoice, FoundGroup, GroupSearch, SEARCH_PERMISSION},
};
use leptos::prelude::*;

use super::failure::FailureWords;
use crate::ui::{number::grouped, time::ClockAt};

/// The field; it can't be used without access.
#[component]
pub fn SearchField(text: String, disabled: bool) -> impl IntoView {
    view! {
        <fieldset class="filters" disabled=disabled aria-describedby=disabled.then_some("access-reason")>
            <legend class="unseen">"Search groups"</legend>
            <label class="field">
                <span>"Group name"</span>
                <input type="search" name="q" value=text maxlength="100" autocomplete="off" />
            </label>
            <button type="submit">"Search"</button>
        </fieldset>
    }
}

/// What the search came to. With a choice, its groups can be ticked.
#[component]
pub fn Found(
    search: GroupSearch,
    text: String,
    /// Chosen groups, by name; those that the search does not list are listed after it.
    chosen: Vec<FoundGroup>,
    #[prop(optional_no_strip)] choice: Option<AssignmentChoice>,
) -> impl IntoView {
    let (found, words) = match search {
        GroupSearch::Disabled | GroupSearch::Ready => (Vec::new(), ().into_any()),
        GroupSearch::Empty => (
            Vec::new(),
            view! { <p>{format!("No group named “{text}” in this directory.")}</p> }.into_any(),
        ),
        GroupSearch::Results { groups, total } => {
            let words = how_many(groups.len(), total);
            (groups, view! { <p class="muted">{words}</p> }.into_any())
        }
        GroupSearch::Throttled { until } => {
            let when = match until {
                Some(at) => view! { " until " <ClockAt at /> }.into_any(),
                None => " a moment".into_any(),
            };
            let words = view! {
                <p class="notice">
                    "Microsoft throttles searches of this tenant and asks to wait" {when} ". Search again then."
                </p>
            };
            (Vec::new(), words.into_any())
        }
        GroupSearch::ConsentMissing => {
            let words = view! {
                <p class="notice">
                    <strong class="actor">{format!("{}: ", Actor::TenantAdmin.label())}</strong>
                    "consent is missing for the app's delegated permission " <code>{SEARCH_PERMISSION}</code>
                    ". Once it is given, sign out of Microsoft here and in again."
                </p>
            };
            (Vec::new(), words.into_any())
        }
        GroupSearch::Failed(failure) => (
            Vec::new(),
            view! { <p class="notice"><FailureWords failure /></p> }.into_any(),
        ),
    };
    let others: Vec<_> = chosen
        .into_iter()
        .filter(|group| found.iter().all(|listed| listed.id != group.id))
        .collect();
    view! {
        {words}
        {table(found, "Groups found", choice.clone())}
        {table(others, "Groups chosen before", choice)}
    }
}

fn how_many(shown: usize, total: u64) -> String {
    let all = i64::try_from(total).unwrap_or(i64::MAX);
    match total > shown as u64 {
        true => format!(
            "{shown} of {} groups. Search for more of the name to see fewer.",
            grouped(all)
        ),
        false if total == 1 => "1 group.".to_owned(),
        false => format!("{} groups.", grouped(all)),
    }
}

fn table(
    groups: Vec<FoundGroup>,
    caption: &'static str,
    choice: Option<AssignmentChoice>,
) -> AnyView {
    if groups.is_empty() {
        return ().into_any();
    }
    let ticks = choice.is_some();
    let rows: Vec<_> = groups
        .into_iter()
        .map(|group| row(group, choice.as_ref()))
        .collect();
    let heads = ticks.then(|| {
        view! {
            <th scope="col">"Members"</th>
            <th scope="col">"Scope"</th>
        }
    });
    view! {
        <table class="found-groups stacking">
            <caption class="table-title">{caption}</caption>
            <thead>
                <tr>
                    {heads} <th scope="col">"Name"</th> <th scope="col">"Kind"</th>
                    <th scope="col">"Id at Microsoft"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(group: FoundGroup, choice: Option<&AssignmentChoice>) -> impl IntoView + use<> {
    let tick = |list: &[String], name: &'static str, label: &'static str| {
        let checked = list.contains(&group.id);
        let what = format!("{label}: {}", group.name);
        view! {
            <td data-label=label>
                <label class="check">
                    <input type="checkbox" name=name value=group.id.clone() checked=checked aria-label=what />
                </label>
            </td>
        }
    };
    let ticks = choice.map(|choice| {
        (
            tick(&choice.members, "member", "Members"),
            tick(&choice.scope_groups, "scope_group", "Scope"),
        )
    });
    view! {
        <tr data-group-id=group.id.clone()>
            {ticks}
            <td data-label="Name">
                <span class="lines">
                    <span class="strong">{group.name.clone()}</span>
                    <span class="muted">{group.description.clone()}</span>
                </span>
            </td>
            <td data-label="Kind" class="muted">{group.kind.clone()}</td>
            <td data-label="Id at Microsoft"><code>{group.id.clone()}</code></td>
        </tr>
    }
}
