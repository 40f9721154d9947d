//! `/audit`: what people did and tried, newest first, filtered by the URL, and the same as a file.

use domain::{
    AuditAction, AuditResult,
    views::audit::{AuditChoices, AuditPage as Page, AuditRow},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    api::{audit_choices, audit_list},
    filters::AuditFilters,
};
use crate::ui::{
    answered::answered,
    chips::Chips,
    choice::Choice,
    days::Days,
    empty::{Empty, NoMatch},
    filter_form::FilterForm,
    pager::Pager,
    time::At,
};

#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let filters = Memo::new(move |_| AuditFilters::from_url(&query.read()));
    // Stands still once it is there: somebody reads it line by line, and it says as of when it is.
    let page = Resource::new(move || filters.get(), audit_list);
    let choices = Resource::new(|| (), |()| audit_choices());
    view! {
        <Title text="Audit log" />
        <Transition>
            {move || {
                let choices = choices.get().and_then(Result::ok).unwrap_or_default();
                // A page that says why there is no list has its own heading.
                let failed = matches!(page.get(), Some(Err(_)));
                (!failed).then(|| view! { <Head filters=filters.get() choices /> })
            }}
        </Transition>
        {answered(page, move |page| view! { <Listing page filters=filters.get_untracked() /> })}
    }
}

#[component]
fn Head(filters: AuditFilters, choices: AuditChoices) -> impl IntoView {
    let chips = filters.chips(&choices);
    let whose = whose(&choices.audited);
    let people = options(choices.people);
    let tenants = options(choices.tenants);
    let actions = AuditAction::ALL.iter().map(|one| (one, one.label()));
    let actions = options(actions);
    let results = options(AuditResult::ALL.iter().map(|one| (one, one.label())));
    view! {
        <h1>"Audit log"</h1>
        <p class="muted">{whose}</p>
        <FilterForm action="/audit">
            <Choice label="Person" name="person" chosen=filters.person any="Anybody" options=people />
            <Choice label="Tenant" name="tenant" chosen=filters.tenant any="Any" options=tenants />
            <Choice label="Action" name="action" chosen=filters.action any="Any" options=actions />
            <Choice label="Result" name="result" chosen=filters.result any="Any" options=results />
            <Days label="From (UTC)" from=filters.from to=filters.to />
        </FilterForm>
        <Chips chips />
    }
}

fn options<Id: ToString, Name: Into<String>>(
    of: impl IntoIterator<Item = (Id, Name)>,
) -> Vec<(String, String)> {
    of.into_iter()
        .map(|(id, name)| (id.to_string(), name.into()))
        .collect()
}

/// Why these events and no others.
fn whose(audited: &[String]) -> String {
    let tenants = match audited {
        [] => {
            return "You see what you did yourself. The owners of a tenant see what everybody did on it."
                .to_owned();
        }
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        several => format!("the {} tenants that you own", several.len()),
    };
    format!("You see what everybody did on {tenants}, as its owner, and what you did yourself.")
}

#[component]
fn Listing(page: Page, filters: AuditFilters) -> impl IntoView {
    if page.rows.is_empty() && filters.is_filtered() {
        return view! { <NoMatch what="events" without_filters="/audit" /> }.into_any();
    }
    if page.rows.is_empty() {
        return view! {
            <Empty title="Nothing here yet">
                <p>"Signing in, starting operations, changing members: each leaves a line here."</p>
            </Empty>
        }
        .into_any();
    }
    let newer = page
        .newer
        .map(|cursor| ("← Newer", filters.href_at(cursor)));
    let older = page
        .older
        .map(|cursor| ("Older →", filters.href_at(cursor)));
    let rows: Vec<_> = page
        .rows
        .into_iter()
        .map(|row| view! { <Row row /> })
        .collect();
    view! {
        <table class="audit stacking">
            <caption class="unseen">"Events, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Tenant"</th>
                    <th scope="col">"Result"</th>
                    <th scope="col">"From where"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <Pager note="Newest first" as_of=page.as_of newer older />
        <p class="actions">
            <a class="button" rel="external" href=filters.export_href("csv")>"Export as CSV"</a>
            <a class="button" rel="external" href=filters.export_href("json")>"Export as JSON"</a>
        </p>
    }
    .into_any()
}

#[component]
fn Row(row: AuditRow) -> impl IntoView {
    let subject = match (row.subject.clone(), row.href()) {
        (Some(words), Some(href)) => view! { ": " <a href=href>{words}</a> }.into_any(),
        (Some(words), None) => format!(": {words}").into_any(),
        (None, _) => ().into_any(),
    };
    let reason = row.reason.map(|reason| format!(": {reason}"));
    let place = match row.address {
        Some(address) => format!("{address} · {}", row.means.label()),
        None => row.means.label().to_owned(),
    };
    view! {
        <tr data-event-id=row.id.to_string() data-result=row.result.as_str()>
            <td data-label="When" class="muted"><At at=row.at /></td>
            <td data-label="Who">{row.actor}</td>
            <td data-label="What">
                <span><span class="strong">{row.action.label()}</span> {subject}</span>
            </td>
            <td data-label="Tenant" class="muted">{row.tenant}</td>
            <td data-label="Result" class="of-result">
                <span><span class="result">{row.result.label()}</span> {reason}</span>
            </td>
            <td data-label="From where" class="muted">{place}</td>
        </tr>
    }
}
