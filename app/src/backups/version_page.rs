//! `/tenants/{id}/backups/versions/{version}`: one version of a policy, readable, with its history.

use domain::views::backups::VersionPage as Version;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{api::backup_version, assignments::Assignments, history::History};
use crate::{
    tenants::crumbs::TenantCrumbs,
    ui::{
        answered::answered,
        live::{Pace, live_resource},
        time::At,
    },
};

#[component]
pub fn VersionPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let version = Memo::new(move |_| params.read().get("version").unwrap_or_default());
    let page = live_resource(
        Pace::Page,
        move || (id.get(), version.get()),
        |(id, _), changed| changed.tenant(id),
        |(id, version)| backup_version(id, version),
    );
    view! {
        {answered(page, move |page| view! { <Shown page id=id.get_untracked() /> })}
    }
}

#[component]
fn Shown(page: Version, id: String) -> impl IntoView {
    let backups = format!("/tenants/{id}/backups");
    let content = serde_json::to_string_pretty(&page.content).unwrap_or_default();
    let platform = page
        .platform
        .map(|platform| format!(" · {platform}"))
        .unwrap_or_default();
    view! {
        <Title text=format!("{} of {}", page.name, page.tenant_name) />
        <TenantCrumbs
            id=id
            tenant_name=page.tenant_name
            between=vec![("Backups".to_owned(), backups.clone())]
            here=page.name.clone()
        />
        <article data-version-id=page.id.to_string()>
            <h1>{page.name}</h1>
            <p class="since">{page.kind_label} {platform} " · version of " <At at=page.created_at /></p>
            <section aria-labelledby="settings-title">
                <h2 id="settings-title">"Settings"</h2>
                <Settings settings=page.settings />
                <ScopeTags tags=page.scope_tags />
                <NotInBackup masked=page.masked />
            </section>
            <section aria-labelledby="assignments-title">
                <h2 id="assignments-title">"Assignments"</h2>
                {match page.assignments {
                    Some(lines) => view! { <Assignments lines /> }.into_any(),
                    None => view! {
                        <p class="muted">"Policies of this kind are not assigned: their own settings say whom they are for."</p>
                    }
                    .into_any(),
                }}
            </section>
            <section aria-labelledby="history-title">
                <h2 id="history-title">"History"</h2>
                <History history=page.history shown=page.id path=backups />
            </section>
            <details class="context">
                <summary>"As Microsoft sent it (JSON)"</summary>
                <p class="muted">"Encrypted values are shown as “secret …” only; a download by an operator or owner holds them."</p>
                <pre>{content}</pre>
            </details>
        </article>
    }
}

#[component]
fn Settings(settings: Vec<(String, String)>) -> impl IntoView {
    if settings.is_empty() {
        return view! { <p class="muted">"This policy has no settings of its own."</p> }.into_any();
    }
    let rows: Vec<_> = settings
        .into_iter()
        .map(|(label, value)| {
            view! {
                <tr>
                    <td data-label="Setting">{label}</td>
                    <td data-label="Value"><span>{value}</span></td>
                </tr>
            }
        })
        .collect();
    view! {
        <table class="settings stacking">
            <caption class="unseen">"Settings with their values"</caption>
            <thead>
                <tr>
                    <th scope="col">"Setting"</th>
                    <th scope="col">"Value"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn ScopeTags(tags: Vec<String>) -> impl IntoView {
    (!tags.is_empty()).then(|| view! { <p>"Scope tags: " {tags.join(", ")}</p> })
}

/// Values that Microsoft never gives out, so that a restore can't bring them back.
#[component]
fn NotInBackup(masked: Vec<String>) -> impl IntoView {
    (!masked.is_empty()).then(|| {
        let count = masked.len().to_string();
        let paths: Vec<_> = masked
            .into_iter()
            .map(|path| view! { <li><code>{path}</code></li> })
            .collect();
        view! {
            <div class="notice" data-masked=count>
                <h3>"Not in the backup"</h3>
                <p>"Microsoft masks these values, so they are not stored and must be entered again after a restore."</p>
                <ul class="lines">{paths}</ul>
            </div>
        }
    })
}
