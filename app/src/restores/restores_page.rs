//! `/tenants/{id}/restores`: a tenant's restores, newest first.

use domain::views::restores::{RestoreRow, RestoresPage as Restores};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{api::restore_list, status::RestoreBadge};
use crate::{
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::{given, with_query},
        answered::answered,
        empty::Empty,
        live::{Pace, live_resource},
        number::grouped,
        pager::Pager,
        submit::READ_ONLY,
        time::At,
    },
};

#[component]
pub fn RestoresPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let cursor = Memo::new(move |_| given(&query.read(), "cursor"));
    let restores = live_resource(
        Pace::Page,
        move || (id.get(), cursor.get()),
        |(id, _), changed| changed.tenant(id),
        |(id, cursor)| restore_list(id, cursor),
    );
    view! {
        {answered(restores, move |page| {
            let older_pages = cursor.get_untracked().is_some();
            view! { <Listing page id=id.get_untracked() older_pages /> }
        })}
    }
}

#[component]
fn Listing(
    page: Restores,
    id: String,
    /// Whether this is not the first page.
    older_pages: bool,
) -> impl IntoView {
    let path = format!("/tenants/{id}/restores");
    let backups = format!("/tenants/{id}/backups");
    let title = format!("Restores of {}", page.tenant_name);
    let new = match page.may_start {
        true => view! { <a class="button" href=format!("{path}/new")>"New restore"</a> }.into_any(),
        false => ().into_any(),
    };
    let reason =
        (!page.may_start).then(|| view! { <p class="muted">"New restore: " {READ_ONLY}</p> });
    let body = if page.rows.is_empty() {
        view! {
            <Empty title="No restores yet">
                <p>"A restore brings policies of a backup back, or into another tenant. It begins with a preview that changes nothing."</p>
                <p><a class="button" href=backups>"Go to the backups"</a></p>
            </Empty>
        }
        .into_any()
    } else {
        let first = older_pages.then(|| ("← Newest", path.clone()));
        let older = page
            .next
            .map(|cursor| ("Older →", with_query(&path, &[("cursor", Some(cursor))])));
        let rows: Vec<_> = page
            .rows
            .into_iter()
            .map(|row| view! { <Row row path=path.clone() /> })
            .collect();
        view! {
            <table class="restores stacking">
                <caption class="unseen">"Restores, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Backup"</th>
                        <th scope="col">"From tenant"</th>
                        <th scope="col">"By"</th>
                        <th scope="col" class="number">"Policies"</th>
                        <th scope="col">"Dry run"</th>
                        <th scope="col">"Created"</th>
                        <th scope="col">"Run"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <Pager note="Newest first" as_of=page.as_of newer=first older />
        }
        .into_any()
    };
    view! {
        <Title text=title.clone() />
        <TenantCrumbs id=id tenant_name=page.tenant_name here="Restores" />
        <header class="headline">
            <h1>{title}</h1>
            <p class="headline-links">{new}</p>
        </header>
        {reason}
        {body}
    }
}

#[component]
fn Row(row: RestoreRow, path: String) -> impl IntoView {
    let name = row
        .backup_name
        .unwrap_or_else(|| "a backup that is no longer there".to_owned());
    let run = row.shadow_run.map(|run| {
        view! { <a href=format!("/runs/{run}") data-run-id=run.to_string()>"View run"</a> }
    });
    view! {
        <tr data-restore-id=row.id.to_string() data-status=row.status.as_str()>
            <td data-label="Status"><RestoreBadge status=row.status /></td>
            <td data-label="Backup"><a class="strong" href=format!("{path}/{}", row.id)>{name}</a></td>
            <td data-label="From tenant" class="muted">{row.from_tenant.unwrap_or_else(|| "this one".to_owned())}</td>
            <td data-label="By" class="muted">{row.initiator_name}</td>
            <td data-label="Policies" class="number">{grouped(row.policies)}</td>
            <td data-label="Dry run" class="muted">{if row.dry_run { "yes" } else { "no" }}</td>
            <td data-label="Created" class="muted"><At at=row.created_at /></td>
            <td data-label="Run">{run}</td>
        </tr>
    }
}
