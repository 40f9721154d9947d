//! `/runs/bulk?action=again&runs[0]=…`: the exact set that an action would be done with, before it is done. With
//! `matching=1` the set is what the filters in the address match at that moment.

use domain::{
    RunId,
    views::run_batches::{BulkAction, BulkPreview},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    bulk_api::{BulkRuns, preview_bulk, preview_everything},
    bulk_set::{
        Asked, EachTenant, FoundBy, LeftOut, NothingChosen, NothingMatches, Unknown, count_of_runs,
        query_of_runs,
    },
    filters::RunFilters,
    run_table::RunTable,
    start_answer::StartRefused,
};
use crate::ui::{address::given, answered::loading, problem::or_problem, submit::Submit};

/// Where what `action` would do with these runs is shown before it is done.
pub fn href_of_set(action: BulkAction, runs: &[RunId]) -> String {
    format!("/runs/bulk?action={action}&{}", query_of_runs(runs))
}

#[component]
pub fn BulkPage() -> impl IntoView {
    let query = use_query_map();
    let filters = Memo::new(move |_| RunFilters::from_url(&query.read()));
    let asked = Memo::new(move |_| {
        let query = query.read();
        (
            given(&query, "action").unwrap_or_default(),
            Asked::from_url(&query),
        )
    });
    let preview = Resource::new(
        move || (asked.get(), filters.get()),
        |((action, runs), filters)| async move {
            match runs {
                Asked::Everything => preview_everything(action, filters).await.map(Some),
                Asked::Chosen(runs) if runs.is_empty() => Ok(None),
                Asked::Chosen(runs) => {
                    let preview = preview_bulk(action, runs).await?;
                    Ok(Some((preview, Vec::new())))
                }
            }
        },
    );
    let act = ServerAction::<BulkRuns>::new();
    let content = move || {
        preview.get().map(|preview| {
            let filters = filters.get_untracked();
            or_problem(preview, move |preview| match preview {
                Some((preview, words)) if preview.is_empty() && preview.everything.is_some() => {
                    let everything = preview.everything.unwrap_or_default();
                    view! { <NothingMatches everything words filters /> }.into_any()
                }
                Some((preview, words)) => {
                    view! { <Preview preview words filters act /> }.into_any()
                }
                None => view! { <NothingChosen filters /> }.into_any(),
            })
        })
    };
    view! { <Transition fallback=loading>{content}</Transition> }
}

#[component]
fn Preview(
    preview: BulkPreview,
    words: Vec<String>,
    filters: RunFilters,
    act: ServerAction<BulkRuns>,
) -> impl IntoView {
    let BulkPreview {
        action,
        batch,
        possible,
        impossible,
        unknown,
        everything,
        as_of,
    } = preview;
    let back = filters.href();
    let found_by = everything.map(|everything| view! { <FoundBy words everything filters /> });
    let runs = count_of_runs(possible.len());
    let none = possible.is_empty();
    let none_possible = match action {
        BulkAction::Again => "None of the selected runs can be run again",
        BulkAction::Retry => "Nothing of the selected runs can be retried",
        BulkAction::Follow => "None of the selected runs can be followed",
    };
    let (title, press, about) = match action {
        _ if none => (
            none_possible.to_owned(),
            String::new(),
            "Each is listed with the reason.",
        ),
        // Where no single item failed, a retry is the whole work.
        BulkAction::Retry if possible.iter().any(|run| run.items_to_retry() > 0) => (
            format!("Retry what failed in {runs}"),
            format!("Start {runs}"),
            "Each starts a new run of only what failed, or of the whole work where no single item failed. Work that is active already is not started twice.",
        ),
        BulkAction::Again | BulkAction::Retry => (
            format!("Run {runs} again"),
            format!("Start {runs}"),
            "Each starts the same work again as a new run. Work that is active already is not started twice.",
        ),
        BulkAction::Follow => (
            format!("Be notified of {runs}"),
            format!("Notify me of {runs}"),
            "You are notified when each of these runs ends.",
        ),
    };
    let refused = move || act.value().get().and_then(Result::err);
    let ids = possible.iter().map(|run| run.id).collect();
    let set = (!none).then(|| {
        view! {
            <EachTenant runs=possible.clone() />
            <RunTable rows=possible as_of caption="Runs that it will be done with" />
        }
    });
    view! {
        <Title text=title.clone() />
        <nav class="crumbs" aria-label="You are here">
            <a href=back.clone()>"Runs"</a> " / Selected runs"
        </nav>
        <h1>{title}</h1>
        <p class="muted">{about}</p>
        {found_by}
        <Unknown runs=unknown />
        <LeftOut runs=impossible />
        <div role="status" class="answers run-answers">
            {move || refused().map(|error| view! { <StartRefused error /> })}
        </div>
        <ActionForm action=act attr:class="choice">
            <SetFields batch action runs=ids />
            <div class="actions">
                {(!none).then(|| view! { <Submit words=press.clone() pending=act.pending() /> })}
                <a class="button" href=back>"Back to the runs"</a>
            </div>
        </ActionForm>
        {set}
    }
}

/// The fields of a form that does an action with these runs.
#[component]
pub fn SetFields(batch: String, action: BulkAction, runs: Vec<RunId>) -> impl IntoView {
    let runs: Vec<_> = runs
        .into_iter()
        .enumerate()
        .map(|(index, run)| {
            view! { <input type="hidden" name=format!("runs[{index}]") value=run.to_string() /> }
        })
        .collect();
    view! {
        <input type="hidden" name="batch" value=batch />
        <input type="hidden" name="action" value=action.as_str() />
        {runs}
    }
}
