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

impl Choices {
    pub(super) fn tenants(&self) -> Vec<(String, String)> {
        let tenants = self.tenants.iter();
        tenants
            .map(|(id, name)| (id.to_string(), name.clone()))
            .collect()
    }

    pub(super) fn people(&self) -> Vec<(String, String)> {
        let people = self.people.iter();
        std::iter::once(("system".to_owned(), "System".to_owned()))
            .chain(people.map(|person| (person.id.to_string(), person.name.clone())))
            .collect()
    }
}

/// What may be chosen: what stands in the address, and what people read.
pub(super) fn statuses() -> Vec<(String, String)> {
    options(Status::ALL.map(|status| (status.as_str(), status.label())))
}

pub(super) fn outcomes() -> Vec<(String, String)> {
    let bad = OutcomeFilter::NotSucceeded;
    let known = Outcome::ui_labels(None).into_iter();
    options(
        known
            .map(|(outcome, label)| (outcome.as_str(), label))
            .chain([(bad.as_str(), bad.label())]),
    )
}

pub(super) fn operations() -> Vec<(String, String)> {
    options(OperationType::ALL.map(|known| (known.as_str(), known.label())))
}

pub(super) fn times() -> Vec<(String, String)> {
    options(Last::ALL.map(|last| (last.as_str(), last.length())))
}

fn options(known: impl IntoIterator<Item = (&'static str, &'static str)>) -> Vec<(String, String)> {
    known
        .into_iter()
        .map(|(code, label)| (code.to_owned(), label.to_owned()))
        .collect()
}

#[component]
pub fn FilterFields(filters: RunFilters, choices: Choices) -> impl IntoView {
    let chips = filters.chips(&choices.tenants, &choices.people);
    view! {
        <FilterForm action="/runs" everything=EVERYTHING>
            // Only narrow screens have it. Without a name it is no part of the address.
            <label class="check all-filters"><input type="checkbox" autocomplete="off" /> "All filters"</label>
            <Choice label="Status" name="status" chosen=filters.status options=statuses() any="Any" />
            <Choice label="Outcome" name="outcome" chosen=filters.outcome options=outcomes() any="Any" />
            <Choice label="Operation" name="operation" chosen=filters.operation options=operations() any="Any" />
            <Choice label="Tenant" name="tenant" chosen=filters.tenant options=choices.tenants() any="Any" />
            <Choice label="Started by" name="initiator" chosen=filters.initiator options=choices.people() any="Any" />
            <Choice label="In the last" name="last" chosen=filters.last options=times() any="Any time" />
            <Days label="Created from (UTC)" from=filters.from to=filters.to />
            <label class="field of-text">
                <span>"Text or number"</span>
                <input type="search" name="text" maxlength="200" placeholder="or tenant:Lab by:me" value=filters.text.unwrap_or_default() />
            </label>
            <label class="check">
                <input type="checkbox" name="mine" value="1" checked=filters.mine.is_some() />
                "Started by me"
            </label>
        </FilterForm>
        <Chips chips />
    }
}
