//! `/runs/bulk?action=again&runs[0]=…`: the exact set that an action would be done with, before it is done.

use std::collections::BTreeMap;

use domain::{
    RunId,
    views::{
        run_batches::{BulkAction, BulkPreview, Obstacle},
        runs::RunRow,
    },
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use super::{
    bulk_api::{BulkRuns, preview_bulk},
    filters::EVERYTHING,
    run_table::RunTable,
    start_answer::StartRefused,
};
use crate::ui::{
    address::given, answered::loading, empty::Empty, number::grouped, problem::or_problem,
    submit::Submit,
};

#[component]
pub fn BulkPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (given(&query, "action").unwrap_or_default(), chosen(&query))
    });
    let preview = Resource::new(
        move || asked.get(),
        |(action, runs)| async move {
            match runs.is_empty() {
                true => Ok(None),
                false => preview_bulk(action, runs).await.map(Some),
            }
        },
    );
    let act = ServerAction::<BulkRuns>::new();
    let content = move || {
        preview.get().map(|preview| {
            or_problem(preview, |preview| match preview {
                Some(preview) => view! { <Preview preview act /> }.into_any(),
                None => view! { <NothingChosen /> }.into_any(),
            })
        })
    };
    view! { <Transition fallback=loading>{content}</Transition> }
}

/// The values of `runs[…]`, in the order of the address.
fn chosen(query: &ParamsMap) -> Vec<String> {
    query
        .into_iter()
        .filter(|(name, _)| name.starts_with("runs["))
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[component]
fn NothingChosen() -> impl IntoView {
    view! {
        <Title text="Selected runs" />
        <h1>"Selected runs"</h1>
        <Empty title="No runs are selected">
            <p>"Tick them in the runs list, then choose there what to do with them."</p>
            <p><a class="button" href=EVERYTHING>"Back to the runs"</a></p>
        </Empty>
    }
}

fn count_of_runs(count: usize) -> String {
    match count {
        1 => "1 run".to_owned(),
        several => format!("{} runs", grouped(several as i64)),
    }
}

#[component]
fn Preview(preview: BulkPreview, act: ServerAction<BulkRuns>) -> impl IntoView {
    let BulkPreview {
        action,
        batch,
        possible,
        impossible,
        unknown,
        as_of,
    } = preview;
    let runs = count_of_runs(possible.len());
    let none = possible.is_empty();
    let (title, words, about) = match action {
        BulkAction::Again if none => (
            "None of the selected runs can be run again".to_owned(),
            String::new(),
            "Each is listed with the reason.",
        ),
        BulkAction::Follow if none => (
            "None of the selected runs can be followed".to_owned(),
            String::new(),
            "Each is listed with the reason.",
        ),
        BulkAction::Again => (
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
            <p class="summary">{by_tenant(&possible)}</p>
            <RunTable rows=possible as_of caption="Runs that it will be done with" />
        }
    });
    let unknown = (!unknown.is_empty()).then(|| {
        let numbers: Vec<_> = unknown.iter().map(|run| format!("#{run}")).collect();
        let words = format!("Not found, or not of your tenants: {}.", numbers.join(", "));
        view! { <p class="notice">{words}</p> }
    });
    view! {
        <Title text=title.clone() />
        <nav class="crumbs" aria-label="You are here">
            <a href=EVERYTHING>"Runs"</a> " / Selected runs"
        </nav>
        <h1>{title}</h1>
        <p class="muted">{about}</p>
        {unknown}
        <Impossible runs=impossible />
        <div role="status" class="answers run-answers">
            {move || refused().map(|error| view! { <StartRefused error /> })}
        </div>
        <ActionForm action=act attr:class="choice">
            <SetFields batch action runs=ids />
            <div class="actions">
                {(!none).then(|| view! { <Submit words=words.clone() pending=act.pending() /> })}
                <a class="button" href=EVERYTHING>"Back to the runs"</a>
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

/// "Contoso 2 · Fabrikam 1"
fn by_tenant(runs: &[RunRow]) -> String {
    let mut tenants = BTreeMap::<&str, usize>::new();
    for run in runs {
        *tenants.entry(&run.tenant_name).or_default() += 1;
    }
    let each: Vec<_> = tenants
        .into_iter()
        .map(|(tenant, runs)| format!("{tenant} {runs}"))
        .collect();
    each.join(" · ")
}

/// What it can't be done with, by reason.
#[component]
fn Impossible(runs: Vec<(RunRow, Obstacle)>) -> impl IntoView {
    (!runs.is_empty()).then(|| {
        let count = count_of_runs(runs.len());
        let lines: Vec<_> = runs
            .into_iter()
            .map(|(run, why)| {
                let what = format!("{} for {}", run.operation_label(), run.tenant_name);
                view! {
                    <li data-run-id=run.id.to_string()>
                        <a href=format!("/runs/{}", run.id)>{what}</a>
                        " "
                        <span class="muted">{format!("#{}. {}", run.id, why.sentence())}</span>
                    </li>
                }
            })
            .collect();
        view! {
            <section class="impossible">
                <h2>{format!("{count} left out")}</h2>
                <ul class="messages">{lines}</ul>
            </section>
        }
    })
}
