//! The set of runs that something would be done with: what the address asks for, by what it was found, whose they are,
//! what is left out.

use std::collections::BTreeMap;

use domain::{
    RunId,
    views::{
        run_batches::{Everything, MOST_SELECTED, Obstacle},
        runs::RunRow,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::params::ParamsMap;

use super::{
    filters::{EVERYTHING, RunFilters},
    searched::Searched,
};
use crate::ui::{
    address::given,
    empty::{Empty, NoMatch},
    number::grouped,
};

/// So many lines of one reason are shown at once; more are folded away.
const SHOWN_AT_ONCE: usize = 20;

pub fn count_of_runs(count: usize) -> String {
    match count {
        1 => "1 run".to_owned(),
        several => format!("{} runs", grouped(several as i64)),
    }
}

/// Which runs an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The values of `runs[…]`, in the order of the address.
    Chosen(Vec<String>),
    /// What the filters beside it match.
    Everything,
}

impl Asked {
    pub fn from_url(query: &ParamsMap) -> Self {
        if given(query, "matching").is_some() {
            return Self::Everything;
        }
        let chosen = query
            .into_iter()
            .filter(|(name, _)| name.starts_with("runs["))
            .map(|(_, value)| value.to_owned());
        Self::Chosen(chosen.collect())
    }
}

/// `runs[0]=7&runs[1]=9`.
pub fn query_of_runs(runs: &[RunId]) -> String {
    let parts = runs.iter().enumerate();
    let parts: Vec<_> = parts
        .map(|(index, run)| format!("runs[{index}]={run}"))
        .collect();
    parts.join("&")
}

#[component]
pub fn NothingChosen(filters: RunFilters) -> impl IntoView {
    view! {
        <Title text="Selected runs" />
        <h1>"Selected runs"</h1>
        <Empty title="No runs are selected">
            <p>"Tick them in the runs list, then choose there what to do with them."</p>
            <p><a class="button" href=filters.href()>"Back to the runs"</a></p>
        </Empty>
    }
}

/// Whatever matched when the page was made before does not any more, or it never did.
#[component]
pub fn NothingMatches(
    everything: Everything,
    words: Vec<String>,
    filters: RunFilters,
) -> impl IntoView {
    view! {
        <Title text="Selected runs" />
        <h1>"Selected runs"</h1>
        <FoundBy words everything filters />
        <NoMatch what="runs" without_filters=EVERYTHING />
    }
}

/// Selected by number, and not among those that the reader sees.
#[component]
pub fn Unknown(runs: Vec<RunId>) -> impl IntoView {
    (!runs.is_empty()).then(|| {
        let numbers: Vec<_> = runs.iter().map(|run| format!("#{run}")).collect();
        let words = format!("Not found, or not of your tenants: {}.", numbers.join(", "));
        view! { <p class="notice">{words}</p> }
    })
}

/// By which filters the set was found, and what of it did not fit.
#[component]
pub fn FoundBy(
    words: Vec<String>,
    everything: Everything,
    filters: RunFilters,
    /// What is said where more match than the page holds.
    #[prop(optional, into)]
    beyond: Option<String>,
) -> impl IntoView {
    let words = match words.is_empty() {
        true => "No filter is chosen: every run that you may see.".to_owned(),
        false => format!("Everything that matches {}.", words.join(" · ")),
    };
    let beyond = everything.more.then(|| {
        let most = grouped(MOST_SELECTED as i64);
        let beyond = beyond.unwrap_or_else(|| {
            format!(
                "only the newest {most} are in this set. Narrow the filters to reach the others."
            )
        });
        let words = format!("More than {most} match; {beyond}");
        view! { <p class="notice">{words}</p> }
    });
    view! {
        <p class="found-by">{words}</p>
        {beyond}
        <Searched since=everything.searched_since cut_off=everything.cut_off filters />
    }
}

/// "Contoso 2: Inventory sync 1 · Connection check 1", a line for each tenant.
#[component]
pub fn EachTenant(runs: Vec<RunRow>) -> impl IntoView {
    let lines: Vec<_> = by_tenant(&runs)
        .into_iter()
        .map(|(tenant, operations)| {
            let all: usize = operations.values().sum();
            let each: Vec<_> = operations
                .into_iter()
                .map(|(operation, runs)| format!("{operation} {}", grouped(runs as i64)))
                .collect();
            view! {
                <li>
                    <strong>{format!("{tenant} {}", grouped(all as i64))}</strong>
                    " "
                    <span class="muted">{each.join(" · ")}</span>
                </li>
            }
        })
        .collect();
    view! { <ul class="summary" aria-label="Runs by tenant and operation">{lines}</ul> }
}

fn by_tenant(runs: &[RunRow]) -> BTreeMap<String, BTreeMap<String, usize>> {
    let mut tenants = BTreeMap::<_, BTreeMap<_, usize>>::new();
    for run in runs {
        let operations = tenants.entry(run.tenant_name.clone()).or_default();
        *operations
            .entry(run.operation_label().to_owned())
            .or_default() += 1;
    }
    tenants
}

/// What it can't be done with, by reason.
#[component]
pub fn LeftOut(runs: Vec<(RunRow, Obstacle)>) -> impl IntoView {
    (!runs.is_empty()).then(|| {
        let count = count_of_runs(runs.len());
        let mut reasons = BTreeMap::<Obstacle, Vec<RunRow>>::new();
        for (run, why) in runs {
            reasons.entry(why).or_default().push(run);
        }
        let reasons: Vec<_> = reasons
            .into_iter()
            .map(|(why, runs)| view! { <OfReason why runs /> })
            .collect();
        view! {
            <section class="impossible">
                <h2>{format!("{count} left out")}</h2>
                {reasons}
            </section>
        }
    })
}

#[component]
fn OfReason(why: Obstacle, runs: Vec<RunRow>) -> impl IntoView {
    let few = runs.len() <= SHOWN_AT_ONCE;
    let words = format!("{}: {}", count_of_runs(runs.len()), why.sentence());
    let lines: Vec<_> = runs
        .into_iter()
        .map(|run| {
            let what = format!("{} for {}", run.operation_label(), run.tenant_name);
            view! {
                <li data-run-id=run.id.to_string()>
                    <a href=format!("/runs/{}", run.id)>{what}</a>
                    " "
                    <span class="muted">{format!("#{}", run.id)}</span>
                </li>
            }
        })
        .collect();
    view! {
        <details open=few>
            <summary>{words}</summary>
            <ul class="messages">{lines}</ul>
        </details>
    }
}
