//! `/tenants/{id}/backups/compare?from=…&to=…`: two versions of a policy, setting by setting.

use domain::views::backups::{ComparePage as Comparison, VersionRef};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{api::compare_versions, assignments::AssignmentChanges, differences::Differences};
use crate::{
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::{given, with_query},
        answered::answered,
        empty::Empty,
        live::{Pace, live_resource},
        time::At,
    },
};

#[component]
pub fn ComparePage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let versions = Memo::new(move |_| given(&query.read(), "from").zip(given(&query.read(), "to")));
    let comparison = live_resource(
        Pace::Page,
        move || (id.get(), versions.get()),
        |(id, _), changed| changed.tenant(id),
        |(id, versions)| async move {
            match versions {
                Some((from, to)) => compare_versions(id, from, to).await.map(Some),
                None => Ok(None),
            }
        },
    );
    view! {
        {answered(comparison, move |page| {
            let id = id.get_untracked();
            match page {
                Some(page) => Either::Left(view! { <Compared page id /> }),
                None => Either::Right(view! { <Unchosen id /> }),
            }
        })}
    }
}

#[component]
fn Unchosen(id: String) -> impl IntoView {
    view! {
        <Title text="Compare versions" />
        <h1>"Compare versions"</h1>
        <Empty title="Which two versions?">
            <p>"A policy's history, on the page of any of its versions, lets you choose two."</p>
            <p><a class="button" href=format!("/tenants/{id}/backups")>"Go to the backups"</a></p>
        </Empty>
    }
}

#[component]
fn Compared(page: Comparison, id: String) -> impl IntoView {
    let backups = format!("/tenants/{id}/backups");
    let title = match page.from.name == page.to.name {
        true => format!("Changes of {}", page.to.name),
        false => format!("{} and {}", page.from.name, page.to.name),
    };
    let settings = match page.differences.len() {
        0 => view! { <p data-differences="0">"No differences in the settings."</p> }.into_any(),
        count => view! {
            <p class="muted" data-differences=count.to_string()>
                {if count == 1 { "1 setting differs.".to_owned() } else { format!("{count} settings differ.") }}
            </p>
            <Differences differences=page.differences caption="Settings that differ" />
        }
        .into_any(),
    };
    let same_assignments = page.assignments_added.is_empty() && page.assignments_removed.is_empty();
    let swapped = with_query(
        &format!("{backups}/compare"),
        &[
            ("from", Some(page.to.id.to_string())),
            ("to", Some(page.from.id.to_string())),
        ],
    );
    view! {
        <Title text=title.clone() />
        <TenantCrumbs
            id=id
            tenant_name=page.tenant_name
            between=vec![("Backups".to_owned(), backups.clone())]
            here="Compare versions"
        />
        <h1>{title}</h1>
        <p class="since">{page.kind_label}</p>
        <dl class="facts sides">
            <Side word="Before" version=page.from path=backups.clone() />
            <Side word="After" version=page.to path=backups />
        </dl>
        <p class="more"><a href=swapped>"The other way round"</a></p>
        <section aria-labelledby="settings-title">
            <h2 id="settings-title">"Settings"</h2>
            {settings}
        </section>
        <section aria-labelledby="assignments-title">
            <h2 id="assignments-title">"Assignments"</h2>
            {same_assignments.then(|| view! { <p>"No differences in the assignments."</p> })}
            <AssignmentChanges added=page.assignments_added removed=page.assignments_removed />
        </section>
    }
}

#[component]
fn Side(word: &'static str, version: VersionRef, path: String) -> impl IntoView {
    view! {
        <div>
            <dt>{word}</dt>
            <dd>
                <a href=format!("{path}/versions/{}", version.id)>{version.name}</a>
                ", version of "
                <At at=version.created_at />
            </dd>
        </div>
    }
}
