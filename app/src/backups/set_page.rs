//! `/tenants/{id}/backups/{set}`: the policies of a backup set by name, filtered by kind and text.

use domain::views::{
    backups::{BackupItemQuery, BackupItemRow, BackupSetPage as Set, KindChoice},
    imports::ImportedFileQuery,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};
use serde::{Deserialize, Serialize};

use super::{api::backup_set, backups_page::UnderWay, imported_files::ImportedFiles};
use crate::{
    runs::start_answer::use_answers,
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::{given, with_query},
        answered::answered,
        empty::{Empty, NoMatch},
        filter_form::FilterForm,
        live::{Pace, live_resource},
        number::grouped,
        pager::Pager,
        time::At,
    },
};

/// The page's filters as they stand in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemFilters {
    pub kind: Option<String>,
    pub text: Option<String>,
    pub cursor: Option<String>,
    /// Of an imported set's files: only those with this verdict, and only those after this position.
    pub verdict: Option<String>,
    pub after: Option<String>,
}

impl ItemFilters {
    pub fn from_url(query: &ParamsMap) -> Self {
        Self {
            kind: given(query, "kind"),
            text: given(query, "text"),
            cursor: given(query, "cursor"),
            verdict: given(query, "verdict"),
            after: given(query, "after"),
        }
    }

    pub fn into_query(self) -> BackupItemQuery {
        BackupItemQuery {
            kind: self.kind,
            text: self.text,
            cursor: self.cursor,
            files: ImportedFileQuery {
                verdict: self.verdict,
                after: self.after,
            },
        }
    }

    /// Where the page of the same list after `cursor` is; `set` for pages that name the set in the query.
    pub fn href_at(&self, path: &str, set: Option<String>, cursor: String) -> String {
        with_query(
            path,
            &[
                ("set", set),
                ("kind", self.kind.clone()),
                ("text", self.text.clone()),
                ("cursor", Some(cursor)),
            ],
        )
    }

    pub fn is_filtered(&self) -> bool {
        self.kind.is_some() || self.text.is_some()
    }
}

#[component]
pub fn SetPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let set = Memo::new(move |_| params.read().get("set").unwrap_or_default());
    let filters = Memo::new(move |_| ItemFilters::from_url(&query.read()));
    let page = live_resource(
        Pace::Page,
        move || (id.get(), set.get(), filters.get()),
        |(id, ..), changed| changed.tenant(id),
        |(id, set, filters)| backup_set(id, set, filters),
    );
    let answer = use_answers(id, || None);
    view! {
        {answered(page, move |page| {
            view! { <Items page filters=filters.get_untracked() id=id.get_untracked()>{answer()}</Items> }
        })}
    }
}

/// The children are what the start surface that led here answered.
#[component]
fn Items(page: Set, filters: ItemFilters, id: String, children: Children) -> impl IntoView {
    let backups = format!("/tenants/{id}/backups");
    let path = format!("{backups}/{}", page.set.id);
    let set = page.set.clone();
    let by = match &set.created_by {
        Some(name) => format!(" · by {name}"),
        None => String::new(),
    };
    let restore = (set.policies > 0 && page.may_start).then(|| {
        let href = format!("/tenants/{id}/restores/new?set={}", set.id);
        view! { <a class="button" href=href>"Restore from this backup"</a> }
    });
    let download = (set.policies > 0).then(|| {
        view! {
            // Not the router's: what comes is a file.
            <a class="button" rel="external" download href=format!("{path}/download")>"Download as files"</a>
        }
    });
    let files = page.imported.clone().map(|files| {
        view! {
            <ImportedFiles
                files
                tenant_path=format!("/tenants/{id}")
                path=path.clone()
                verdict=filters.verdict.clone()
                later_page=filters.after.is_some()
            />
        }
    });
    let add = page.may_start.then(|| {
        view! { <a class="button" href=format!("{path}/add")>"Add policies"</a> }
    });
    let drift = (set.policies > 0).then(|| {
        let href = format!("/tenants/{id}/drift?from={}", set.id);
        view! { <a class="button" href=href>"Changes since"</a> }
    });
    view! {
        <Title text=format!("{} of {}", set.name, page.tenant_name) />
        <TenantCrumbs
            id=id.clone()
            tenant_name=page.tenant_name.clone()
            between=vec![("Backups".to_owned(), backups.clone())]
            here=set.name.clone()
        />
        <header class="headline">
            <h1>{set.name.clone()}</h1>
            <p class="headline-links actions">{add} {drift} {restore} {download}</p>
        </header>
        <p class="since">
            {format!("{} policies · {}", grouped(set.policies), set.origin)}
            {by}
            " · created "
            <At at=set.created_at />
            <UnderWay row=set />
        </p>
        <div role="status" class="answers run-answers">{children()}</div>
        <ItemFilterForm action=path.clone() filters=filters.clone() kinds=page.kinds.clone() />
        <Body page filters id path />
        {files}
    }
}

#[component]
fn Body(page: Set, filters: ItemFilters, id: String, path: String) -> impl IntoView {
    if page.rows.is_empty() && (filters.is_filtered() || filters.cursor.is_some()) {
        return view! { <NoMatch what="policies" without_filters=path /> }.into_any();
    }
    if page.rows.is_empty() {
        let words = match page.set.active_run {
            Some(_) => "They appear here while the capture goes on.",
            None => "Add policies takes some from the inventory into this set.",
        };
        return view! {
            <Empty title="No policies in this set yet">
                <p>{words}</p>
            </Empty>
        }
        .into_any();
    }
    let next = page
        .next
        .map(|cursor| ("Next page →", filters.href_at(&path, None, cursor)));
    let rows: Vec<_> = page
        .rows
        .into_iter()
        .map(|row| view! { <Row row id=id.clone() /> })
        .collect();
    view! {
        <table class="backup-items stacking">
            <caption class="unseen">"Policies in this backup by name"</caption>
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col">"Platform"</th>
                    <th scope="col">"Captured"</th>
                    <th scope="col" class="number">"Versions"</th>
                    <th scope="col" class="number">"Assignments"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <Pager note="By name" as_of=page.as_of newer=None older=next />
    }
    .into_any()
}

/// Filters of a set's policies; the children are further fields.
#[component]
pub fn ItemFilterForm(
    #[prop(into)] action: String,
    filters: ItemFilters,
    kinds: Vec<(KindChoice, i64)>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let kinds: Vec<_> = kinds
        .into_iter()
        .map(|(kind, count)| {
            let selected = filters.kind.as_deref() == Some(kind.key.as_str());
            view! { <option value=kind.key selected=selected>{format!("{} ({})", kind.label, grouped(count))}</option> }
        })
        .collect();
    view! {
        <FilterForm action=action>
            {children.map(|children| children())}
            <label class="field">
                <span>"Kind"</span>
                <select name="kind">
                    <option value="">"Any"</option>
                    {kinds}
                </select>
            </label>
            <label class="field">
                <span>"Name contains"</span>
                <input type="search" name="text" value=filters.text.unwrap_or_default() />
            </label>
        </FilterForm>
    }
}

#[component]
fn Row(row: BackupItemRow, id: String) -> impl IntoView {
    let href = format!("/tenants/{id}/backups/versions/{}", row.version);
    view! {
        <tr data-version-id=row.version.to_string()>
            <td data-label="Name">
                <span>
                    <a class="strong" href=href>{row.name}</a>
                    {not_in_backup(row.masked)}
                </span>
            </td>
            <td data-label="Kind" class="muted">{row.kind_label}</td>
            <td data-label="Platform" class="muted">{row.platform.unwrap_or_default()}</td>
            <td data-label="Captured" class="muted"><At at=row.captured_at /></td>
            <td data-label="Versions" class="number">{grouped(row.versions)}</td>
            <td data-label="Assignments" class="number">{grouped(row.assignments)}</td>
        </tr>
    }
}

/// "not in backup: 2 values", where there are some.
fn not_in_backup(masked: i64) -> Option<impl IntoView> {
    let values = if masked == 1 { "value" } else { "values" };
    (masked > 0).then(|| {
        view! { <span class="not-in-backup">{format!("not in backup: {} {values}", grouped(masked))}</span> }
    })
}
