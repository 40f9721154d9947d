//! `/tenants/{id}/backups/import`: choosing exported files that become a backup set.

use domain::views::backups::BackupsPage;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::api::backup_list;
use crate::{
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::given,
        answered::answered,
        live::{Pace, live_resource},
        submit::READ_ONLY,
    },
};

#[component]
pub fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let problem = Memo::new(move |_| given(&query.read(), "problem"));
    // Asked once: another answer would empty the chosen files.
    let page = live_resource(
        Pace::Page,
        move || id.get(),
        |_, _| false,
        |id| backup_list(id, None),
    );
    view! {
        {answered(page, move |page| {
            view! { <Form page id=id.get_untracked() problem=problem.get_untracked() /> }
        })}
    }
}

#[component]
fn Form(
    page: BackupsPage,
    id: String,
    #[prop(optional_no_strip)] problem: Option<String>,
) -> impl IntoView {
    let backups = format!("/tenants/{id}/backups");
    let title = format!("Import exports into {}", page.tenant_name);
    let name = format!("Import of {}", page.as_of.date_naive());
    let disabled = !page.may_start;
    let note = match page.may_start {
        true => {
            "What came of each file is shown afterwards; a bad one spoils no other. Changes nothing in Microsoft 365."
        }
        false => READ_ONLY,
    };
    let problem = (problem.as_deref() == Some("no_files"))
        .then(|| view! { <p class="notice" data-answer="refused">"No file was chosen."</p> });
    view! {
        <Title text=title.clone() />
        <TenantCrumbs
            id=id
            tenant_name=page.tenant_name
            between=vec![("Backups".to_owned(), backups.clone())]
            here="Import exports"
        />
        <h1>{title}</h1>
        <p class="since">
            "Policies exported with IntuneManagement, IntuneCD or the Intune portal, answers of Microsoft Graph, and downloads of TenantAtlas become a backup set to look at, compare and restore from. JSON or YAML files in any encoding, or zip archives of them."
        </p>
        <div role="alert" class="answers">{problem}</div>
        // Files can't be sent by a server function's form.
        <form method="post" action=format!("{backups}/import") enctype="multipart/form-data" class="sheet">
            <label class="field">
                <span>"Files"</span>
                <input type="file" name="files" multiple accept=".json,.yaml,.yml,.zip,application/json,application/yaml,application/zip" required disabled=disabled />
            </label>
            <label class="field">
                <span>"Name of the backup set"</span>
                <input name="name" value=name maxlength="200" autocomplete="off" disabled=disabled />
            </label>
            <button type="submit" disabled=disabled aria-describedby="note-import">"Import"</button>
            <p id="note-import" class="surface-note">{note}</p>
        </form>
    }
}
