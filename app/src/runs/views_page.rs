//! `/runs/views`: the reader's saved views, to rename, share, make the default and delete; and the team's.

use domain::views::saved_views::{CountedView, LONGEST_NAME, SavedView, ViewScope};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

use super::{
    filters::RunFilters,
    views_api::{ChangeView, DeleteView, WatchView, saved_views},
    views_nav::NotSaved,
    watch_view::{TOLD, WatchForm},
};
use crate::ui::{answered::loading, empty::Empty, problem::or_problem};

#[component]
pub fn ViewsPage() -> impl IntoView {
    let change = ServerAction::<ChangeView>::new();
    let delete = ServerAction::<DeleteView>::new();
    let watch = ServerAction::<WatchView>::new();
    let written = move || {
        let changed = (change.version().get(), delete.version().get());
        (changed, watch.version().get())
    };
    let views = Resource::new(written, |_| saved_views());
    let refused = move || {
        let changed = change.value().get().and_then(Result::err);
        let changed = changed.or_else(|| delete.value().get().and_then(Result::err));
        changed.or_else(|| watch.value().get().and_then(Result::err))
    };
    let content = move || {
        views
            .get()
            .map(|views| or_problem(views, |views| view! { <Views views change delete watch /> }))
    };
    view! {
        <Title text="Saved views" />
        <nav class="crumbs" aria-label="You are here">
            <a href="/runs?view=all">"Runs"</a> " / Saved views"
        </nav>
        <h1>"Saved views"</h1>
        <p class="muted">
            "A view keeps filters under a name. It grants nothing: everyone who opens one sees the runs of their own tenants."
        </p>
        <div role="status" class="answers run-answers">
            {move || refused().map(|error| view! { <NotSaved error /> })}
        </div>
        <Transition fallback=loading>{content}</Transition>
    }
}

#[component]
fn Views(
    views: Vec<CountedView>,
    change: ServerAction<ChangeView>,
    delete: ServerAction<DeleteView>,
    watch: ServerAction<WatchView>,
) -> impl IntoView {
    let (own, team): (Vec<_>, Vec<_>) = views.into_iter().partition(|counted| counted.view.own);
    let own = match own.is_empty() {
        true => view! {
            <Empty title="You keep no views yet">
                <p>"Choose filters in the runs list, then Save this view."</p>
                <p><a class="button" href="/runs?view=all">"Go to the runs"</a></p>
            </Empty>
        }
        .into_any(),
        false => {
            let own: Vec<_> = own
                .into_iter()
                .map(|counted| view! { <OwnView counted change delete watch /> })
                .collect();
            view! { <ul class="kept-views">{own}</ul> }.into_any()
        }
    };
    let team = (!team.is_empty()).then(|| {
        let team: Vec<_> = team
            .into_iter()
            .map(|counted| {
                let of = format!("Shared by {}", counted.view.owner_name);
                let told = counted.view.told.then_some(TOLD);
                let watched = counted.clone();
                view! {
                    <li>
                        <ViewHead counted />
                        <p class="muted">{of} ". " {told}</p>
                        <div class="row-actions"><WatchForm counted=watched watch /></div>
                    </li>
                }
            })
            .collect();
        view! { <section><h2>"Shared with you"</h2><ul class="kept-views">{team}</ul></section> }
    });
    view! {
        <section>
            <h2>"Yours"</h2>
            {own}
        </section>
        {team}
    }
}

#[component]
fn ViewHead(counted: CountedView) -> impl IntoView {
    let CountedView { view, runs, .. } = counted;
    let count = runs.map(|runs| {
        let noun = if runs.to_string() == "1" {
            "run"
        } else {
            "runs"
        };
        view! { <span class="muted">{format!("{runs} {noun}")}</span> }
    });
    view! {
        <p class="kept-view-head">
            <a href=RunFilters::href_of_view(&view.filters, view.id)>{view.name}</a>
            " "
            {count}
        </p>
    }
}

#[component]
fn OwnView(
    counted: CountedView,
    change: ServerAction<ChangeView>,
    delete: ServerAction<DeleteView>,
    watch: ServerAction<WatchView>,
) -> impl IntoView {
    let SavedView {
        id,
        name,
        scope,
        is_default,
        told,
        ..
    } = counted.view.clone();
    let (other_scope, scope_words) = match scope {
        ViewScope::Mine => (ViewScope::Team, "Share with the team"),
        ViewScope::Team => (ViewScope::Mine, "Keep to yourself"),
    };
    let default_words = match is_default {
        true => "Open all runs by default",
        false => "Open by default",
    };
    let about = match (scope, is_default) {
        (ViewScope::Mine, false) => "Only you see it.",
        (ViewScope::Mine, true) => "Only you see it. It opens where no filter is given.",
        (ViewScope::Team, false) => "The team sees it.",
        (ViewScope::Team, true) => "The team sees it. It opens for you where no filter is given.",
    };
    let of = |words: &str| format!("{words}: {name}");
    // A form's children outlive this function's names.
    let [new_name, rename, share, pin, remove] =
        ["New name", "Rename", scope_words, default_words, "Delete"].map(of);
    view! {
        <li data-view=id.to_string() data-scope=scope.as_str()>
            <ViewHead counted=counted.clone() />
            <p class="muted">{about} " " {told.then_some(TOLD)}</p>
            <div class="row-actions">
                <WatchForm counted watch />
                <ActionForm action=change attr:class="rename">
                    <input type="hidden" name="view" value=id.to_string() />
                    <input type="text" name="name" value=name required maxlength=LONGEST_NAME.to_string() aria-label=new_name autocomplete="off" />
                    <button type="submit" aria-label=rename>"Rename"</button>
                </ActionForm>
                <ActionForm action=change>
                    <input type="hidden" name="view" value=id.to_string() />
                    <input type="hidden" name="scope" value=other_scope.as_str() />
                    <button type="submit" aria-label=share>{scope_words}</button>
                </ActionForm>
                <ActionForm action=change>
                    <input type="hidden" name="view" value=id.to_string() />
                    <input type="hidden" name="default" value=(!is_default).to_string() />
                    <button type="submit" aria-label=pin>{default_words}</button>
                </ActionForm>
                <ActionForm action=delete>
                    <input type="hidden" name="view" value=id.to_string() />
                    <button type="submit" aria-label=remove>"Delete"</button>
                </ActionForm>
            </div>
        </li>
    }
}
