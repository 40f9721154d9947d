//! `/tenants/{id}/backups`: a tenant's backup sets, newest first, and the start of another.

use chrono::{DateTime, Utc};
use domain::views::backups::{BackupSetRow, BackupsPage as Backups};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    api::{BackUpNow, backup_list},
    start::StartBackup,
};
use crate::{
    runs::start_answer::use_answers,
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::{given, with_query},
        answered::answered,
        empty::Empty,
        live::{Pace, live_resource},
        number::grouped,
        pager::Pager,
        time::{Ago, At},
    },
};

#[component]
pub fn BackupsPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let cursor = Memo::new(move |_| given(&query.read(), "cursor"));
    let backups = live_resource(
        Pace::Page,
        move || (id.get(), cursor.get()),
        |(id, _), changed| changed.tenant(id),
        |(id, cursor)| backup_list(id, cursor),
    );
    let start = ServerAction::<BackUpNow>::new();
    let answer = use_answers(id, move || start.value().get().and_then(Result::err));
    view! {
        {answered(backups, move |page| {
            view! {
                <Backups page id=id.get_untracked() older_pages=cursor.get_untracked().is_some() start>
                    {answer()}
                </Backups>
            }
        })}
    }
}

/// The children are what the start surface answered.
#[component]
fn Backups(
    page: Backups,
    id: String,
    /// Whether this is not the first page.
    older_pages: bool,
    start: ServerAction<BackUpNow>,
    children: Children,
) -> impl IntoView {
    let path = format!("/tenants/{id}/backups");
    let title = format!("Backups of {}", page.tenant_name);
    let as_of = page.as_of;
    let body = if page.rows.is_empty() {
        view! {
            <Empty title="No backups yet">
                <p>"Back up now reads every policy of the tenant and keeps it here, as something to compare with and to restore from."</p>
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
            .map(|row| view! { <Row row path=path.clone() as_of /> })
            .collect();
        view! {
            <table class="backups stacking">
                <caption class="unseen">"Backup sets, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Origin"</th>
                        <th scope="col">"Made by"</th>
                        <th scope="col">"Created"</th>
                        <th scope="col" class="number">"Policies"</th>
                        <th scope="col" class="number">"Last captured"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <Pager note="Newest first" as_of newer=first older />
        }
        .into_any()
    };
    view! {
        <Title text=title.clone() />
        <TenantCrumbs id=id.clone() tenant_name=page.tenant_name here="Backups" />
        <header class="headline">
            <h1>{title}</h1>
            <p class="headline-links">
                <a href=format!("{path}/import")>"Import exports"</a>
                <a href=format!("/tenants/{id}/drift")>"Drift"</a>
                <a href=format!("/tenants/{id}/restores")>"Restores"</a>
            </p>
        </header>
        <section aria-labelledby="start-title">
            <h2 id="start-title">"Start"</h2>
            <StartBackup tenant=id kinds=page.kinds allowed=page.may_start start />
            <div role="status" class="answers">{children()}</div>
        </section>
        <section aria-labelledby="sets-title">
            <h2 id="sets-title">"Backup sets"</h2>
            {body}
        </section>
    }
}

#[component]
fn Row(row: BackupSetRow, path: String, as_of: DateTime<Utc>) -> impl IntoView {
    let captured = match row.last_captured_at {
        Some(at) => view! { <Ago at as_of /> }.into_any(),
        None => "not yet".into_any(),
    };
    view! {
        <tr data-set-id=row.id.to_string()>
            <td data-label="Name">
                <span>
                    <a class="strong" href=format!("{path}/{}", row.id)>{row.name.clone()}</a>
                    <UnderWay row=row.clone() />
                </span>
            </td>
            <td data-label="Origin" class="muted">{row.origin}</td>
            <td data-label="Made by" class="muted">{row.created_by.unwrap_or_else(|| "System".to_owned())}</td>
            <td data-label="Created" class="muted"><At at=row.created_at /></td>
            <td data-label="Policies" class="number">{grouped(row.policies)}</td>
            <td data-label="Last captured" class="number muted">{captured}</td>
        </tr>
    }
}

/// That a set is being filled just now.
#[component]
pub fn UnderWay(row: BackupSetRow) -> impl IntoView {
    row.active_run.map(|run| {
        view! {
            <span class="under-way" data-run-id=run.to_string()>
                "Capture under way · "
                <a href=format!("/runs/{run}")>"View run"</a>
            </span>
        }
    })
}
