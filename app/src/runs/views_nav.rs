//! The saved views above the runs list, and saving what is chosen as another.

use std::time::Duration;

use domain::{
    SavedViewId,
    views::saved_views::{CountedView, LONGEST_NAME},
};
use leptos::{form::ActionForm, prelude::*};

use super::{
    filters::{EVERYTHING, RunFilters},
    views_api::{SaveView, WatchView, saved_views},
    watch_view::{TOLD, WatchForm},
};
use crate::{error::AppError, ui::live::use_stream};

/// Counting every view costs more than a page of the list, so however much changes, it is asked again this rarely.
const PAUSE: Duration = Duration::from_secs(3);

impl RunFilters {
    /// The list's address with a saved view's filters, naming it.
    pub fn href_of_view(filters: &str, view: SavedViewId) -> String {
        format!("/runs?{filters}&view={view}")
    }
}

/// The saved views as a page asks for them. To be made with the page: in a part that waits for something else the server
/// would ask several times.
#[derive(Clone, Copy)]
pub struct ViewsHere {
    views: Resource<Result<Vec<CountedView>, AppError>>,
    watch: ServerAction<WatchView>,
}

impl ViewsHere {
    pub fn new(save: ServerAction<SaveView>) -> Self {
        let turn = RwSignal::new(0_u32);
        let watch = ServerAction::<WatchView>::new();
        let views = Resource::new(
            move || (turn.get(), save.version().get(), watch.version().get()),
            |_| saved_views(),
        );
        let waits = StoredValue::new(false);
        use_stream().on_change(move |changed| {
            if !changed.any_run() || waits.try_get_value() != Some(false) {
                return;
            }
            waits.set_value(true);
            set_timeout(
                move || {
                    waits.try_set_value(false);
                    turn.try_update(|turn| *turn += 1);
                },
                PAUSE,
            );
        });
        Self { views, watch }
    }
}

/// Links to the reader's views and the team's, each with how many runs it holds.
#[component]
pub fn ViewsNav(filters: Memo<RunFilters>, here: ViewsHere) -> impl IntoView {
    let ViewsHere { views, watch } = here;
    let refused = move || watch.value().get().and_then(Result::err);
    let shown = move || {
        let views = views.get().and_then(Result::ok).unwrap_or_default();
        (!views.is_empty()).then(|| view! { <Views views filters=filters.get() watch /> })
    };
    view! {
        {shown}
        <div role="status">{move || refused().map(|error| view! { <NotSaved error /> })}</div>
    }
}

#[component]
fn Views(
    views: Vec<CountedView>,
    filters: RunFilters,
    watch: ServerAction<WatchView>,
) -> impl IntoView {
    let is_open = move |view: SavedViewId| filters.view.as_deref() == Some(&*view.to_string());
    let open = views
        .iter()
        .find(|counted| is_open(counted.view.id))
        .cloned();
    let open = open.map(|counted| {
        let told = counted.view.told.then_some(TOLD);
        view! {
            <div class="open-view">
                <WatchForm counted watch open=true />
                <span class="muted">{told}</span>
            </div>
        }
    });
    let links: Vec<_> = views
        .into_iter()
        .map(|CountedView { view, runs, .. }| {
            let is_open = is_open(view.id);
            let of = (!view.own).then(|| format!("Shared by {}", view.owner_name));
            let count =
                runs.map(|runs| view! { <span class="view-count">{runs.to_string()}</span> });
            view! {
                <li>
                    <a
                        class="view-link"
                        href=RunFilters::href_of_view(&view.filters, view.id)
                        aria-current=is_open.then_some("true")
                        title=of
                        data-view=view.id.to_string()
                    >
                        {view.name}
                        " "
                        {count}
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <nav class="views" aria-label="Saved views">
            <ul>
                <li><a class="view-link" href=EVERYTHING>"All runs"</a></li>
                {links}
            </ul>
        </nav>
        {open}
    }
}

/// Keeps the chosen filters under a name.
#[component]
pub fn SaveViewForm(filters: RunFilters, save: ServerAction<SaveView>) -> impl IntoView {
    let refused = move || save.value().get().and_then(Result::err);
    view! {
        <details class="save-view" open=move || refused().is_some()>
            <summary>"Save this view"</summary>
            <ActionForm action=save attr:class="filters">
                <input type="hidden" name="filters" value=filters.query_string() />
                <label class="field">
                    <span>"Name"</span>
                    <input type="text" name="name" required maxlength=LONGEST_NAME.to_string() autocomplete="off" />
                </label>
                <label class="check">
                    <input type="checkbox" name="scope" value="team" />
                    "For the whole team"
                </label>
                <button type="submit">"Save"</button>
            </ActionForm>
            <div role="status">{move || refused().map(|error| view! { <NotSaved error /> })}</div>
        </details>
    }
}

/// Why a press on a form of views had no effect.
#[component]
pub fn NotSaved(error: AppError) -> impl IntoView {
    view! {
        <p class="answer" data-answer="refused">
            <strong>"Not saved. "</strong>
            {error.to_string()}
        </p>
    }
}
