//! `/tenants/{id}/restores/new`: the first two steps of a restore; `?set=…` is the chosen backup.

use domain::views::restores::RestoreSource;
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    begin_api::{BeginRestore, SourceListing, restore_policies, restore_sources},
    policy_choice::{Choice, PolicyChoice},
    steps::{Step, Steps},
};
use crate::{
    backups::set_page::ItemFilters,
    runs::start_answer::StartRefused,
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::given,
        answered::answered,
        empty::Empty,
        live::{Pace, live_resource},
        number::grouped,
        time::At,
    },
};

#[component]
pub fn NewRestorePage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let set = Memo::new(move |_| given(&query.read(), "set"));
    let filters = Memo::new(move |_| ItemFilters::from_url(&query.read()));
    let begin = ServerAction::<BeginRestore>::new();
    let choice = Choice::default();
    Effect::watch(move || set.get(), move |_, _, _| choice.forget(), false);
    let listing = live_resource(
        Pace::Page,
        move || (id.get(), set.get(), filters.get()),
        |(id, ..), changed| changed.tenant(id),
        |(id, set, filters)| async move {
            match set {
                None => Ok((Some(restore_sources(id).await?), None)),
                Some(set) => {
                    let ItemFilters {
                        kind, text, cursor, ..
                    } = filters;
                    let policies = restore_policies(id, set, kind, text, cursor).await?;
                    Ok((None, Some(policies)))
                }
            }
        },
    );
    let refused = move || match begin.value().get() {
        Some(Err(error)) => view! { <StartRefused error /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        {answered(listing, move |(sources, policies)| {
            let id = id.get_untracked();
            let policies = policies.map(|listing| {
                let filters = filters.get_untracked();
                view! { <PolicyChoice listing id=id.clone() filters choice begin>{refused}</PolicyChoice> }
            });
            let sources = sources.map(|listing| view! { <Sources listing id /> });
            match policies {
                Some(policies) => Either::Left(policies),
                None => Either::Right(sources),
            }
        })}
    }
}

#[component]
fn Sources(listing: SourceListing, id: String) -> impl IntoView {
    let title = format!("New restore to {}", listing.tenant_name);
    let restores = format!("/tenants/{id}/restores");
    let path = format!("{restores}/new");
    let backups = format!("/tenants/{id}/backups");
    let body = if listing.sources.is_empty() {
        view! {
            <Empty title="There is no backup to restore from">
                <p>"Back up now on the backups' page makes one."</p>
                <p><a class="button" href=backups>"Go to the backups"</a></p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = listing
            .sources
            .into_iter()
            .map(|source| {
                let here = source.tenant.to_string() == id;
                view! { <Row source here path=path.clone() /> }
            })
            .collect();
        view! {
            <table class="sources stacking">
                <caption class="unseen">"Backups to restore from"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Backup"</th>
                        <th scope="col">"Of tenant"</th>
                        <th scope="col" class="number">"Policies"</th>
                        <th scope="col">"Created"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <Title text=title.clone() />
        <TenantCrumbs
            id=id.clone()
            tenant_name=listing.tenant_name
            between=vec![("Restores".to_owned(), restores)]
            here="New restore"
        />
        <h1>{title}</h1>
        <Steps now=Step::Backup />
        <section aria-labelledby="step-title">
            <h2 id="step-title">"Choose a backup"</h2>
            {body}
        </section>
    }
}

/// `here`: whether the backup is of the tenant that is restored to.
#[component]
fn Row(source: RestoreSource, here: bool, path: String) -> impl IntoView {
    let tenant = match here {
        true => "this one".to_owned(),
        false => source.tenant_name,
    };
    view! {
        <tr data-set-id=source.set.to_string()>
            <td data-label="Backup"><a class="strong" href=format!("{path}?set={}", source.set)>{source.name}</a></td>
            <td data-label="Of tenant" class="muted">{tenant}</td>
            <td data-label="Policies" class="number">{grouped(source.policies)}</td>
            <td data-label="Created" class="muted"><At at=source.created_at /></td>
        </tr>
    }
}
