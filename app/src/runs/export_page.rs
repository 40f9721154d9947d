//! `/runs/export?runs[0]=…`: the exact set that a file would hold, before it is downloaded. With `matching=1` the set is
//! what the filters in the address match.

use domain::views::{run_batches::RunSet, run_list::EXPORTED_AT_MOST};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    bulk_api::{export_everything, export_set},
    bulk_set::{
        Asked, EachTenant, FoundBy, NothingChosen, NothingMatches, Unknown, count_of_runs,
        query_of_runs,
    },
    filters::RunFilters,
    run_table::RunTable,
};
use crate::ui::{answered::loading, number::grouped, problem::or_problem};

#[component]
pub fn ExportPage() -> impl IntoView {
    let query = use_query_map();
    let filters = Memo::new(move |_| RunFilters::from_url(&query.read()));
    let asked = Memo::new(move |_| Asked::from_url(&query.read()));
    let set = Resource::new(
        move || (asked.get(), filters.get()),
        |(asked, filters)| async move {
            match asked {
                Asked::Everything => export_everything(filters).await.map(Some),
                Asked::Chosen(runs) if runs.is_empty() => Ok(None),
                Asked::Chosen(runs) => Ok(Some((export_set(runs).await?, Vec::new()))),
            }
        },
    );
    let content = move || {
        set.get().map(|set| {
            let filters = filters.get_untracked();
            or_problem(set, move |set| match set {
                None => view! { <NothingChosen filters /> }.into_any(),
                Some((set, words)) => match set.everything.clone() {
                    Some(everything) if set.runs.is_empty() => {
                        view! { <NothingMatches everything words filters /> }.into_any()
                    }
                    _ => view! { <Preview set words filters /> }.into_any(),
                },
            })
        })
    };
    view! { <Transition fallback=loading>{content}</Transition> }
}

#[component]
fn Preview(set: RunSet, words: Vec<String>, filters: RunFilters) -> impl IntoView {
    let RunSet {
        runs,
        unknown,
        everything,
        as_of,
    } = set;
    let more = everything.as_ref().is_some_and(|found| found.more);
    let count = match more {
        true => format!("more than {}", count_of_runs(runs.len())),
        false => count_of_runs(runs.len()),
    };
    let title = format!("Export {count}");
    let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
    let href = |format: &str| match &everything {
        Some(_) => filters.href_of(&format!("/runs/export.{format}")),
        None => format!("/runs/export.{format}?{}", query_of_runs(&ids)),
    };
    let downloads = (!runs.is_empty()).then(|| {
        view! {
            <a class="button" rel="external" download="" href=href("csv")>"Download CSV"</a>
            <a class="button" rel="external" download="" href=href("json")>"Download JSON"</a>
        }
    });
    let back = filters.href();
    let found_by = everything.map(|everything| {
        let most = grouped(EXPORTED_AT_MOST as i64);
        let beyond =
            format!("the newest are listed here. The file holds all, up to the newest {most}.");
        view! { <FoundBy words everything filters beyond /> }
    });
    let caption = if more {
        "The newest of the runs in the file"
    } else {
        "Runs in the file"
    };
    view! {
        <Title text=title.clone() />
        <nav class="crumbs" aria-label="You are here">
            <a href=back.clone()>"Runs"</a> " / Selected runs"
        </nav>
        <h1>{title}</h1>
        <p class="muted">"Each as it stands when it is written to the file, with its counts and what failed."</p>
        {found_by}
        <Unknown runs=unknown />
        <div class="actions">
            {downloads}
            <a class="button" href=back>"Back to the runs"</a>
        </div>
        <EachTenant runs=runs.clone() />
        <RunTable rows=runs as_of caption />
    }
}
