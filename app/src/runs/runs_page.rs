//! `/runs`: every run that the reader may see, newest first, filtered by the URL.

use domain::{OperationType, Outcome, RunId, Status, TenantId, views::runs::RunPage};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::{api::run_list, filters::RunFilters, run_table::RunTable};
use crate::{
    tenants::api::tenant_names,
    ui::{
        answered::answered,
        empty::{Empty, NoMatch},
        filter_form::FilterForm,
        live::live_resource,
        pager::Pager,
    },
};

/// A page of runs, and how many newer ones wait outside of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunListing {
    pub page: RunPage,
    pub new_runs: usize,
    /// There are even more new ones than were counted.
    pub more_new_runs: bool,
}

#[component]
pub fn RunsPage() -> impl IntoView {
    let query = use_query_map();
    let filters = Memo::new(move |_| RunFilters::from_url(&query.read()));
    // The newest run on the page when it was opened: later ones are announced, not inserted.
    let seen = RwSignal::new(None::<(RunFilters, RunId)>);
    let wanted = RwSignal::new(0_u32);
    let listing = live_resource(
        move || (filters.get(), wanted.get()),
        |_, changed| changed.any_run(),
        move |(filters, _)| {
            let seen = seen.get_untracked().filter(|(of, _)| *of == filters);
            run_list(filters, seen.map(|(_, run)| run))
        },
    );
    Effect::new(move || {
        let Some(Ok(listing)) = listing.get() else {
            return;
        };
        let filters = filters.get_untracked();
        let is_known =
            seen.with_untracked(|seen| seen.as_ref().is_some_and(|(of, _)| *of == filters));
        let newest = listing.page.rows.first().map(|row| row.id);
        if !is_known && filters.cursor.is_none() {
            seen.set(newest.map(|run| (filters, run)));
        }
    });
    let names = Resource::new(|| (), |()| tenant_names());
    let show_new = move || {
        seen.set(None);
        wanted.update(|times| *times += 1);
    };

    view! {
        <Title text="Runs" />
        <Transition>
            {move || {
                let names = names.get().and_then(Result::ok).unwrap_or_default();
                // A page that says why there is no list has its own heading.
                let failed = matches!(listing.get(), Some(Err(_)));
                (!failed).then(|| view! { <Filters filters=filters.get() names /> })
            }}
        </Transition>
        {answered(listing, move |listing| {
            view! { <Listing listing filters=filters.get_untracked() show_new /> }
        })}
    }
}

#[component]
fn Filters(filters: RunFilters, names: Vec<(TenantId, String)>) -> impl IntoView {
    let chips: Vec<_> = filters
        .chips(&names)
        .into_iter()
        .map(|chip| {
            let remove = format!("Remove filter {}", chip.words);
            view! {
                <li>
                    <a class="chip" href=chip.without aria-label=remove>
                        {chip.words}
                        <span aria-hidden="true">" ×"</span>
                    </a>
                </li>
            }
        })
        .collect();
    let statuses =
        Status::ALL.map(|status| (status.as_str().to_owned(), status.label().to_owned()));
    let outcomes: Vec<_> = Outcome::ui_labels(None)
        .into_iter()
        .map(|(outcome, label)| (outcome.as_str().to_owned(), label.to_owned()))
        .collect();
    let operations =
        OperationType::ALL.map(|known| (known.as_str().to_owned(), known.label().to_owned()));
    let tenants: Vec<_> = names
        .into_iter()
        .map(|(id, name)| (id.to_string(), name))
        .collect();
    view! {
        <h1>"Runs"</h1>
        <FilterForm action="/runs">
            <Choice label="Status" name="status" chosen=filters.status options=statuses.to_vec() />
            <Choice label="Outcome" name="outcome" chosen=filters.outcome options=outcomes />
            <Choice label="Operation" name="operation" chosen=filters.operation options=operations.to_vec() />
            <Choice label="Tenant" name="tenant" chosen=filters.tenant options=tenants />
            <label class="field">
                <span>"Created from (UTC)"</span>
                <input type="date" name="from" value=filters.from.unwrap_or_default() />
            </label>
            <label class="field">
                <span>"To"</span>
                <input type="date" name="to" value=filters.to.unwrap_or_default() />
            </label>
            <label class="field">
                <span>"Text or number"</span>
                <input type="search" name="text" maxlength="200" value=filters.text.unwrap_or_default() />
            </label>
            <label class="check">
                <input type="checkbox" name="mine" value="1" checked=filters.mine.is_some() />
                "Started by me"
            </label>
        </FilterForm>
        <ul class="chips" aria-label="Chosen filters">{chips}</ul>
    }
}

#[component]
fn Choice(
    label: &'static str,
    name: &'static str,
    #[prop(optional_no_strip)] chosen: Option<String>,
    options: Vec<(String, String)>,
) -> impl IntoView {
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, label)| {
            let selected = chosen.as_deref() == Some(value.as_str());
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect();
    view! {
        <label class="field">
            <span>{label}</span>
            <select name=name>
                <option value="">"Any"</option>
                {options}
            </select>
        </label>
    }
}

#[component]
fn Listing(
    listing: RunListing,
    filters: RunFilters,
    show_new: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let RunListing {
        page,
        new_runs,
        more_new_runs,
    } = listing;
    let announced = (new_runs > 0).then(|| {
        let words = match (new_runs, more_new_runs) {
            (1, false) => "1 new run".to_owned(),
            (count, false) => format!("{count} new runs"),
            (count, true) => format!("{count}+ new runs"),
        };
        view! { <p class="announce"><button type="button" on:click=move |_| show_new()>{words}</button></p> }
    });
    let searched = page.searched_since.map(|since| {
        let year_before = since - chrono::TimeDelta::days(335);
        let wider = RunFilters {
            from: Some(year_before.to_string()),
            cursor: None,
            ..filters.clone()
        };
        view! {
            <p class="searched" data-searched-since=since.to_string()>
                {format!("Searched the last 30 days, since {since}. ")}
                <a href=wider.href()>"Search a year"</a>
            </p>
        }
    });
    let body = if page.rows.is_empty() && filters.is_filtered() {
        view! { <NoMatch what="runs" without_filters="/runs" /> }.into_any()
    } else if page.rows.is_empty() {
        view! {
            <Empty title="No runs yet">
                <p>"Runs appear here as soon as somebody starts an operation on a tenant."</p>
                <p><a class="button" href="/tenants">"Go to the tenants"</a></p>
            </Empty>
        }
        .into_any()
    } else {
        let newer = page
            .newer
            .map(|cursor| ("← Newer", filters.href_at(cursor)));
        let older = page
            .older
            .map(|cursor| ("Older →", filters.href_at(cursor)));
        view! {
            <RunTable rows=page.rows as_of=page.as_of caption="Operation runs, newest first" />
            <Pager note="Newest first" as_of=page.as_of newer older />
        }
        .into_any()
    };
    view! {
        {match announced {
            Some(view) => Either::Left(view),
            None => Either::Right(()),
        }}
        {searched}
        {body}
    }
}
