//! The set of runs that an action would be done with, in words: by what it was found, whose they are, what is left out.

use std::collections::BTreeMap;

use domain::views::{
    run_batches::{Everything, MOST_SELECTED, Obstacle},
    runs::RunRow,
};
use leptos::prelude::*;

use super::{filters::RunFilters, searched::Searched};
use crate::ui::number::grouped;

/// So many lines of one reason are shown at once; more are folded away.
const SHOWN_AT_ONCE: usize = 20;

pub fn count_of_runs(count: usize) -> String {
    match count {
        1 => "1 run".to_owned(),
        several => format!("{} runs", grouped(several as i64)),
    }
}

/// By which filters the set was found, and what of it did not fit.
#[component]
pub fn FoundBy(words: Vec<String>, everything: Everything, filters: RunFilters) -> impl IntoView {
    let words = match words.is_empty() {
        true => "No filter is chosen: every run that you may see.".to_owned(),
        false => format!("Everything that matches {}.", words.join(" · ")),
    };
    let beyond = everything.more.then(|| {
        let words = format!(
            "More than {0} match; only the newest {0} are in this set. Narrow the filters to reach the others.",
            grouped(MOST_SELECTED as i64)
        );
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
