//! Step 3 of a restore: what it would do with each policy.

use domain::{
    OperationType, RestoreStatus,
    views::restores::{RestoreAction, RestorePage, RestoreTotals},
};
use leptos::{form::ActionForm, prelude::*};

use super::{
    items::Items,
    restore_page::{Actions, Place, PlaceFields},
};
use crate::ui::{
    address::with_query,
    number::grouped,
    pager::Pager,
    submit::{READ_ONLY, Submit},
    time::AgoAtOnce,
};

#[component]
pub fn Preview(
    page: RestorePage,
    place: Place,
    actions: Actions,
    later_items: bool,
) -> impl IntoView {
    let status = page.row.status;
    let path = place.path();
    let first = later_items.then(|| ("← First page", format!("{path}#preview")));
    let next = page.next.clone().map(|cursor| {
        let href = with_query(&path, &[("cursor", Some(cursor))]);
        ("Next page →", format!("{href}#preview"))
    });
    let form = (!status.has_ended() && status != RestoreStatus::Running).then(|| {
        let may_start = page.may_start;
        view! { <Generate place status may_start actions /> }
    });
    let out_of_date = page
        .out_of_date
        .clone()
        .map(|why| view! { <p class="notice" data-out-of-date="">{why}</p> });
    let totals = page
        .previewed_at
        .map(|_| view! { <Totals totals=page.totals.clone() /> });
    let items = match page.items.is_empty() {
        true => view! { <p class="muted">"No policies are chosen."</p> }.into_any(),
        false => view! {
            <Items items=page.items.clone() status dry_run=page.row.dry_run />
            <Pager note="What needs attention first" as_of=page.as_of newer=first older=next />
        }
        .into_any(),
    };
    view! {
        <section id="preview" aria-labelledby="preview-title">
            <h2 id="preview-title">"Preview"</h2>
            <Made page />
            {out_of_date}
            {form}
            {totals}
            {items}
        </section>
    }
}

/// Whether there is a preview, and of when.
#[component]
fn Made(page: RestorePage) -> impl IntoView {
    let run = page.preview_run.map(|run| {
        view! { " " <a href=format!("/runs/{run}") data-run-id=run.to_string()>"View run"</a> }
    });
    let words = match (page.row.status, page.previewed_at) {
        (RestoreStatus::PreviewQueued, _) => "The preview is being made.".into_any(),
        (_, Some(at)) => view! { "Made " <AgoAtOnce at as_of=page.as_of /> "." }.into_any(),
        (_, None) => "There is no preview yet.".into_any(),
    };
    view! { <p class="muted preview-made">{words} {run}</p> }
}

#[component]
fn Generate(
    place: Place,
    status: RestoreStatus,
    may_start: bool,
    actions: Actions,
) -> impl IntoView {
    let operation = OperationType::RestorePreview;
    let (allowed, note) = match status {
        _ if !may_start => (false, READ_ONLY),
        RestoreStatus::Draft => (false, "No policies are chosen yet."),
        RestoreStatus::PreviewQueued => (false, "It is under way."),
        RestoreStatus::Queued => (false, "The restore waits to be executed."),
        _ => (status.may_be_previewed(), operation.explanation()),
    };
    view! {
        <ActionForm action=actions.preview attr:class="surface">
            <PlaceFields place />
            <Submit words=operation.button() pending=actions.preview.pending() disabled=!allowed note="note-preview" />
            <p id="note-preview" class="surface-note">{note}</p>
        </ActionForm>
    }
}

/// How many policies have each action.
#[component]
fn Totals(totals: RestoreTotals) -> impl IntoView {
    let each: Vec<_> = [
        (RestoreAction::Create, totals.create),
        (RestoreAction::Update, totals.update),
        (RestoreAction::Unchanged, totals.unchanged),
        (RestoreAction::Conflict, totals.conflict),
        (RestoreAction::Cannot, totals.cannot),
    ]
    .into_iter()
    .map(|(action, count)| {
        view! {
            <span>
                <strong data-total=action.as_str()>{grouped(count)}</strong>
                " "
                {action.label().to_lowercase()}
            </span>
        }
    })
    .collect();
    view! {
        <p class="counts">
            <span><strong data-total="policies">{grouped(totals.policies)}</strong> {if totals.policies == 1 { " policy" } else { " policies" }}</span>
            {each}
        </p>
    }
}
