//! `/runs`: every run that the reader may see, newest first, filtered by the URL.

use domain::{
    RunCursor,
    preferences::RunColumns,
    views::{
        run_list::{CappedCount, StateCount, counted},
        runs::RunPage,
        saved_views::ViewToOpen,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, components::Redirect, hooks::use_query_map};
use serde::{Deserialize, Serialize};

use super::{
    api::{run_initiators, run_list, typed_filters},
    filter_fields::{Choices, FilterFields},
    filters::{EVERYTHING, RunFilters},
    run_selection::{SelectableRuns, Selected},
    run_table::RunTable,
    searched::Searched,
    state_counts::StateCounts,
    typed::Typed,
    views_api::{SaveView, view_to_open},
    views_nav::{SaveViewForm, ViewsHere, ViewsNav},
};
use crate::{
    error::AppError,
    tenants::api::tenant_names,
    ui::{
        answered::answered,
        empty::{Empty, NoMatch},
        filter_form::show_what_is_chosen,
        live::{Pace, live_resource, part_of, use_stream},
        pager::Pager,
        waking::own_task,
    },
};

/// A page of runs, what is counted beside it, and how many newer ones wait outside of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunListing {
    pub page: RunPage,
    /// None if counting took too long.
    pub counts: Option<Vec<StateCount>>,
    pub new_runs: usize,
    /// There are even more new ones than were counted.
    pub more_new_runs: bool,
}

#[component]
pub fn RunsPage() -> impl IntoView {
    let query = use_query_map();
    let filters = Memo::new(move |_| RunFilters::from_url(&query.read()));
    let is_bare = Memo::new(move |_| (&*query.read()).into_iter().next().is_none());
    // The newest run on the page when it was opened: later ones are announced, not inserted.
    let seen = RwSignal::new(None::<(RunFilters, String)>);
    let wanted = RwSignal::new(0_u32);
    let selected = Selected::default();
    let Selected { ticked, everything } = selected;
    let missed = RwSignal::new(false);
    let listing = live_resource(
        Pace::Page,
        move || (filters.get(), wanted.get()),
        move |_, changed| {
            let holds_still = !ticked.read_untracked().is_empty();
            if changed.any_run() && holds_still {
                missed.set(true);
            }
            changed.any_run() && !holds_still
        },
        move |(filters, _)| {
            let seen = seen.get_untracked().filter(|(of, _)| *of == filters);
            run_list(filters, seen.map(|(_, place)| place))
        },
    );
    let paused = use_stream().paused;
    Effect::new(move || paused.set(!ticked.read().is_empty()));
    on_cleanup(move || {
        paused.try_set(false);
    });
    // What changed while rows were ticked is caught up with.
    Effect::new(move || {
        if ticked.read().is_empty() && missed.get_untracked() {
            missed.set(false);
            wanted.update(|times| *times += 1);
        }
    });
    // Other filters, another everything.
    Effect::new(move |before: Option<String>| {
        let now = filters.read().query_string();
        if before.is_some_and(|before| before != now) {
            everything.set(false);
            show_what_is_chosen("/runs");
        }
        now
    });
    Effect::new(move || {
        let Some(Ok(listing)) = listing.get() else {
            return;
        };
        let filters = filters.get_untracked();
        let is_known =
            seen.with_untracked(|seen| seen.as_ref().is_some_and(|(of, _)| *of == filters));
        let newest = listing.page.rows.first();
        if !is_known && filters.cursor.is_none() {
            let place = newest.map(|run| RunCursor::Newer(run.position()).to_string());
            seen.set(place.map(|place| (filters, place)));
        }
    });
    let names = Resource::new(|| (), |()| tenant_names());
    let people = Resource::new(|| (), |()| run_initiators());
    let save = ServerAction::<SaveView>::new();
    let views = ViewsHere::new(save);
    let failed = part_of(listing, |answer| matches!(answer, Some(Err(_))));
    let show_new = move || {
        seen.set(None);
        wanted.update(|times| *times += 1);
    };

    view! {
        <Title text="Runs" />
        <OpenView filters is_bare />
        <OpenTyped filters />
        {own_task(view! {
            <Transition>
                {move || {
                    let choices = Choices {
                        tenants: names.get().and_then(Result::ok).unwrap_or_default(),
                        people: people.get().and_then(Result::ok).unwrap_or_default(),
                    };
                    // A page that says why there is no list has its own heading.
                    (!failed()).then(|| view! { <Head filters choices save views /> })
                }}
            </Transition>
        })}
        {answered(listing, move |listing| {
            view! { <Listing listing filters=filters.get_untracked() selected show_new /> }
        })}
    }
}

/// Goes to the saved view that the address names, or to the reader's default where the address says nothing at all.
#[component]
fn OpenView(filters: Memo<RunFilters>, is_bare: Memo<bool>) -> impl IntoView {
    let opened = Resource::new(
        move || {
            let filters = filters.get();
            let named = filters.view_named().ok().flatten();
            let is_asked = is_bare.get() || (named.is_some() && filters.names_view_alone());
            is_asked.then_some(named)
        },
        |asked| async move {
            match asked {
                Some(view) => view_to_open(view).await,
                None => Ok(ViewToOpen::AsAsked),
            }
        },
    );
    let shown = move || {
        match opened.get() {
        Some(Ok(ViewToOpen::View(view))) => {
            let options = NavigateOptions {
                replace: true,
                ..Default::default()
            };
            let path = RunFilters::href_of_view(&view.filters, view.id);
            view! { <Redirect path options /> }.into_any()
        }
        Some(Ok(ViewToOpen::Gone)) => view! {
            <p class="notice" role="status" data-view="gone">
                "This saved view is not there any more, or is not shared with you. These are all runs."
            </p>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    view! { <Transition>{shown}</Transition> }
}

/// Goes to the filters that were typed into the search, so that they stand in the address as if they had been chosen;
/// says which can't be meant.
#[component]
fn OpenTyped(filters: Memo<RunFilters>) -> impl IntoView {
    let typed = move || {
        let filters = filters.get();
        let names_filters = filters.text.as_deref().and_then(Typed::read).is_some();
        names_filters.then_some(filters)
    };
    let meant = Resource::new(typed, |typed| async move {
        match typed {
            Some(filters) => typed_filters(filters).await.map(Some),
            None => Ok(None),
        }
    });
    let shown = move || match meant.get() {
        Some(Ok(Some(meant))) => {
            let options = NavigateOptions {
                replace: true,
                ..Default::default()
            };
            view! { <Redirect path=meant.href() options /> }.into_any()
        }
        Some(Err(AppError::Invalid(why))) => view! {
            <p class="notice" role="status" data-search="misread">
                {why} ". The words are searched for as they stand."
            </p>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! { <Transition>{shown}</Transition> }
}

/// Heading, views and filters: all that stays as it is while runs change.
#[component]
fn Head(
    filters: Memo<RunFilters>,
    choices: Choices,
    save: ServerAction<SaveView>,
    views: ViewsHere,
) -> impl IntoView {
    let exports = move || {
        let filters = filters.get();
        let (csv, json) = (
            filters.href_of("/runs/export.csv"),
            filters.href_of("/runs/export.json"),
        );
        view! {
            <a rel="external" download="" href=csv>"Export CSV"</a>
            <a rel="external" download="" href=json>"Export JSON"</a>
        }
    };
    let fields = move || {
        let filters = filters.get();
        let saving = filters
            .is_filtered()
            .then(|| view! { <SaveViewForm filters=filters.clone() save /> });
        view! {
            <FilterFields filters=filters.clone() choices=choices.clone() />
            {saving}
        }
    };
    view! {
        <div class="headline">
            <h1>"Runs"</h1>
            <div class="headline-links">
                {exports}
                <a href="/settings#columns-title">"Columns"</a>
                <a href="/runs/views">"Saved views"</a>
            </div>
        </div>
        <ViewsNav filters here=views />
        {fields}
    }
}

#[component]
fn Listing(
    listing: RunListing,
    filters: RunFilters,
    selected: Selected,
    show_new: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let RunListing {
        page,
        counts,
        new_runs,
        more_new_runs,
    } = listing;
    let announced = (new_runs > 0).then(|| {
        let words = match (new_runs, more_new_runs) {
            (1, false) => "1 new run".to_owned(),
            (count, false) => format!("{count} new runs"),
            (count, true) => format!("{count}+ new runs"),
        };
        view! { <button type="button" on:click=move |_| show_new()>{words}</button> }
    });
    // Later pages begin at a fixed place.
    let is_later = filters.cursor.is_some();
    let searched = view! {
        <Searched since=page.searched_since cut_off=page.cut_off filters=filters.clone() />
    };
    let body = if page.rows.is_empty() && filters.is_filtered() {
        view! { <NoMatch what="runs" without_filters=EVERYTHING /> }.into_any()
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
        let shown = page.rows.iter().map(|run| run.id).collect();
        let matching = counts
            .as_ref()
            .and_then(|counts| matching(counts, &filters));
        let ticked = selected.ticked;
        let columns = use_context::<RunColumns>().unwrap_or_default();
        view! {
            <SelectableRuns shown selected filters=filters.clone() matching>
                <RunTable rows=page.rows as_of=page.as_of caption="Operation runs, newest first" columns ticked />
                <Pager note="Newest first" as_of=page.as_of newer older />
            </SelectableRuns>
        }
        .into_any()
    };
    view! {
        // There before anything is announced, so that its coming moves no row.
        <p class="announce" hidden=is_later>{announced}</p>
        {searched}
        <StateCounts counts filters />
        {body}
    }
}

/// How many runs the filters match, their state included.
fn matching(counts: &[StateCount], filters: &RunFilters) -> Option<CappedCount> {
    let query = filters.to_query().ok()?;
    Some(CappedCount(counted(counts, query.status, query.outcome)))
}
