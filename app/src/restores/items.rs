//! The policies of a restore: what would be done with each, why, and what became of it.

use domain::{
    RestoreStatus,
    views::restores::{ItemState, RestoreItem},
};
use leptos::prelude::*;

use super::status::ActionBadge;
use crate::backups::{
    assignments::{AssignmentChanges, in_words},
    differences::{Differences, counted},
};

/// The result has a column once the restore was asked to execute.
#[component]
pub fn Items(items: Vec<RestoreItem>, status: RestoreStatus, dry_run: bool) -> impl IntoView {
    let with_result =
        matches!(status, RestoreStatus::Queued | RestoreStatus::Running) || status.has_ended();
    let rows: Vec<_> = items
        .into_iter()
        .map(|item| view! { <Row item with_result dry_run ended=status.has_ended() /> })
        .collect();
    view! {
        <table class="restore-items stacking">
            <caption class="unseen">"Policies of this restore, what needs attention first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Action"</th>
                    <th scope="col">"Policy"</th>
                    <th scope="col">"Kind"</th>
                    {with_result.then(|| view! { <th scope="col">"Result"</th> })}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(item: RestoreItem, with_result: bool, dry_run: bool, ended: bool) -> impl IntoView {
    let action = match item.action {
        Some(action) => view! { <ActionBadge action /> }.into_any(),
        None => view! { <span class="muted">"not previewed"</span> }.into_any(),
    };
    let result = with_result.then(|| {
        let failure = item
            .failure
            .clone()
            .map(|failure| view! { <span class="failure-line">{failure}</span> });
        view! {
            <td data-label="Result">
                <span class="item-state" data-state=item.state.as_str()>{state_word(item.state, dry_run, ended)} {failure}</span>
            </td>
        }
    });
    let action_name = item.action.map(|action| action.as_str());
    view! {
        <tr data-version-id=item.version.to_string() data-action=action_name data-state=item.state.as_str()>
            <td data-label="Action">{action}</td>
            <td data-label="Policy">
                <div class="item">
                    <span class="strong">{item.name.clone()}</span>
                    <Changes item=item.clone() />
                </div>
            </td>
            <td data-label="Kind" class="muted">{item.kind_label}</td>
            {result}
        </tr>
    }
}

/// Nothing is restored by a dry run, so it must not say so; and nothing is being written once the restore has ended.
fn state_word(state: ItemState, dry_run: bool, ended: bool) -> &'static str {
    match state {
        ItemState::Succeeded if dry_run => "Would be restored",
        ItemState::Writing if ended => "Interrupted: it may be written in part",
        _ => state.label(),
    }
}

/// The reasons in full, the differences one click away.
#[component]
fn Changes(item: RestoreItem) -> impl IntoView {
    let undecided = undecided(&item);
    let reasons: Vec<_> = item
        .reasons
        .into_iter()
        .map(|reason| view! { <li>{reason}</li> })
        .collect();
    let reasons = (!reasons.is_empty()).then(|| view! { <ul class="lines muted">{reasons}</ul> });
    let settings = item.differences.len();
    let assignments = item.assignments_added.len() + item.assignments_removed.len();
    let details = (settings + assignments > 0).then(|| {
        let caption = format!("What changes in {}", item.name);
        let table = (settings > 0).then(|| {
            view! { <Differences differences=item.differences caption before="In the tenant" after="In the backup" /> }
        });
        view! {
            <details class="changes">
                <summary>{counted(settings, assignments)}</summary>
                {table}
                <AssignmentChanges added=item.assignments_added removed=item.assignments_removed />
            </details>
        }
    });
    view! { {reasons} {undecided} {details} }
}

/// What waits to be mapped or left out. Until then nobody can tell what else changes.
fn undecided(item: &RestoreItem) -> Option<impl IntoView + use<>> {
    let assignments = item.assignments_undecided.iter().map(in_words);
    let tags = item.scope_tags_undecided.iter();
    let lines: Vec<_> = assignments
        .chain(tags.map(|name| format!("Scope tag {name}")))
        .map(|words| {
            view! {
                <li data-change="undecided">
                    <strong>"Undecided: "</strong>
                    {words}
                </li>
            }
        })
        .collect();
    let may_stay = (!lines.is_empty() && !item.assignments_removed.is_empty()).then(|| {
        view! { <li class="muted">"What is told as removed stays if one of these becomes it."</li> }
    });
    (!lines.is_empty()).then(|| view! { <ul class="lines">{lines} {may_stay}</ul> })
}
