//! The fields that filter the runs list, and the chosen filters as chips that can be taken away.

use domain::{
    OperationType, Outcome, Status, TenantId,
    views::run_list::{Last, OutcomeFilter, RunInitiator},
};
use leptos::prelude::*;

use super::filters::{EVERYTHING, RunFilters};
use crate::ui::{chips::Chips, choice::Choice, days::Days, filter_form::FilterForm};

/// What the choices of the fields are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    pub tenants: Vec<(TenantId, String)>,
    pub people: Vec<RunInitiator>,
}

#[component]
pub fn FilterFields(filters: RunFilters, choices: Choices) -> impl IntoView {
    let chips = filters.chips(&choices.tenants, &choices.people);
    let statuses =
        Status::ALL.map(|status| (status.as_str().to_owned(), status.label().to_owned()));
    let bad = OutcomeFilter::NotSucceeded;
    let outcomes: Vec<_> = Outcome::ui_labels(None)
        .into_iter()
        .map(|(outcome, label)| (outcome.as_str(), label))
        .chain([(bad.as_str(), bad.label())])
        .map(|(outcome, label)| (outcome.to_owned(), label.to_owned()))
        .collect();
    let times = Last::ALL.map(|last| (last.as_str().to_owned(), last.length().to_owned()));
    let operations =
        OperationType::ALL.map(|known| (known.as_str().to_owned(), known.label().to_owned()));
    let tenants: Vec<_> = choices
        .tenants
        .into_iter()
        .map(|(id, name)| (id.to_string(), name))
        .collect();
    let people = choices.people.into_iter();
    let people: Vec<_> = std::iter::once(("system".to_owned(), "System".to_owned()))
        .chain(people.map(|person| (person.id.to_string(), person.name)))
        .collect();
    view! {
        <FilterForm action="/runs" everything=EVERYTHING>
            <Choice label="Status" name="status" chosen=filters.status options=statuses.to_vec() any="Any" />
            <Choice label="Outcome" name="outcome" chosen=filters.outcome options=outcomes any="Any" />
            <Choice label="Operation" name="operation" chosen=filters.operation options=operations.to_vec() any="Any" />
            <Choice label="Tenant" name="tenant" chosen=filters.tenant options=tenants any="Any" />
            <Choice label="Started by" name="initiator" chosen=filters.initiator options=people any="Any" />
            <Choice label="In the last" name="last" chosen=filters.last options=times.to_vec() any="Any time" />
            <Days label="Created from (UTC)" from=filters.from to=filters.to />
            <label class="field">
                <span>"Text or number"</span>
                <input type="search" name="text" maxlength="200" value=filters.text.unwrap_or_default() />
            </label>
            <label class="check">
                <input type="checkbox" name="mine" value="1" checked=filters.mine.is_some() />
                "Started by me"
            </label>
        </FilterForm>
        <Chips chips />
    }
}
