//! How many of the list's runs are in which state; each number chooses that state, or takes the choice back.

use domain::{
    Outcome, Status,
    views::run_list::{COUNTED_AT_MOST, StateCount},
};
use leptos::prelude::*;

use super::filters::RunFilters;
use crate::ui::icons::glyph;

/// The counts; words in their place where counting took too long.
#[component]
pub fn StateCounts(
    #[prop(optional_no_strip)] counts: Option<Vec<StateCount>>,
    filters: RunFilters,
) -> impl IntoView {
    let Some(counts) = counts else {
        return view! { <p class="state-counts muted">"Not counted: that would take too long."</p> }
            .into_any();
    };
    let capped = counts.iter().any(|count| count.runs.is_capped());
    let counts: Vec<_> = counts
        .into_iter()
        .map(|count| view! { <Count count filters=filters.clone() /> })
        .collect();
    // The numbers ask for any state, as each of them chooses another; beside a list of one state that has to be said.
    let chosen = filters.status.is_some() || filters.outcome.is_some();
    let scope = chosen.then(|| view! { <li class="muted">"In any state:"</li> });
    let note = capped.then(|| view! { <li class="muted">{format!("Nothing is counted beyond {COUNTED_AT_MOST}.")}</li> });
    view! { <ul class="state-counts" aria-label="Runs by state">{scope} {counts} {note}</ul> }
        .into_any()
}

#[component]
fn Count(count: StateCount, filters: RunFilters) -> impl IntoView {
    let StateCount {
        status,
        outcome,
        runs,
    } = count;
    let (is_chosen, others) = chosen(status, outcome, &filters);
    let label = match status {
        Status::Completed => outcome.label(),
        active => active.label(),
    };
    let key = match status {
        Status::Completed => outcome.as_str(),
        active => active.as_str(),
    };
    view! {
        <li>
            <a
                class="state-count"
                href=others.href()
                aria-current=is_chosen.then_some("true")
                data-state=key
                data-runs=runs.to_string()
            >
                {glyph(status, outcome)}
                {format!("{runs} {}", label.to_lowercase())}
            </a>
        </li>
    }
}

/// Whether the filters choose this state alone, and the filters that choose it, or no state if it is chosen already.
fn chosen(status: Status, outcome: Outcome, filters: &RunFilters) -> (bool, RunFilters) {
    let wanted = match status {
        Status::Completed => (None, Some(outcome.as_str().to_owned())),
        active => (Some(active.as_str().to_owned()), None),
    };
    let is_chosen = (filters.status.clone(), filters.outcome.clone()) == wanted;
    let (status, outcome) = if is_chosen { (None, None) } else { wanted };
    let others = RunFilters {
        status,
        outcome,
        cursor: None,
        view: None,
        ..filters.clone()
    };
    (is_chosen, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_chooses_its_state_among_the_other_filters_and_takes_it_back() {
        let mine = RunFilters {
            mine: Some("1".into()),
            status: Some("running".into()),
            ..RunFilters::default()
        };
        let (is_chosen, failed) = chosen(Status::Completed, Outcome::Failed, &mine);
        assert!(!is_chosen);
        assert_eq!(failed.href(), "/runs?outcome=failed&mine=1");
        let (is_chosen, without) = chosen(Status::Completed, Outcome::Failed, &failed);
        assert!(is_chosen);
        assert_eq!(without.href(), "/runs?mine=1");
    }
}
