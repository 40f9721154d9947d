//! `/tenants/{id}/inventory`: policies by name, filtered by kind, text and whether they are still there.

use domain::{
    PolicyId,
    views::inventory::{InventoryPage as Inventory, KindSummary, PolicyQuery, PolicyRow},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};
use serde::{Deserialize, Serialize};

use super::{
    api::{ExportPolicies, inventory_list},
    selection::Selectable,
};
use crate::{
    error::AppError,
    runs::start_answer::use_answers,
    ui::{
        address::{given, with_query},
        answered::answered,
        empty::{Empty, NoMatch},
        filter_form::FilterForm,
        live::{Pace, live_resource},
        number::grouped,
        pager::Pager,
        ticks::{Tick, Ticked},
        time::{Ago, At},
    },
};

/// The page's filters as they stand in the URL, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyFilters {
    pub kind: Option<String>,
    pub text: Option<String>,
    pub vanished: Option<String>,
    pub cursor: Option<String>,
}

impl PolicyFilters {
    fn from_url(query: &ParamsMap) -> Self {
        Self {
            kind: given(query, "kind"),
            text: given(query, "text"),
            vanished: given(query, "vanished"),
            cursor: given(query, "cursor"),
        }
    }

    /// # Errors
    /// `Invalid`, naming the filter that can't be understood.
    pub fn into_query(self) -> Result<PolicyQuery, AppError> {
        Ok(PolicyQuery {
            kind: self.kind,
            text: self.text,
            vanished: match self.vanished.as_deref() {
                None | Some("0") => false,
                Some("1") => true,
                Some(_) => return Err(AppError::invalid("vanished", "it is 1 or left out")),
            },
            cursor: self.cursor,
        })
    }

    fn href_at(&self, path: &str, cursor: String) -> String {
        with_query(
            path,
            &[
                ("kind", self.kind.clone()),
                ("text", self.text.clone()),
                ("vanished", self.vanished.clone()),
                ("cursor", Some(cursor)),
            ],
        )
    }

    fn is_filtered(&self) -> bool {
        Self {
            cursor: None,
            ..self.clone()
        } != Self::default()
    }
}

#[component]
pub fn InventoryPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let filters = Memo::new(move |_| PolicyFilters::from_url(&query.read()));
    let inventory = live_resource(
        Pace::Page,
        move || (id.get(), filters.get()),
        |(id, _), changed| changed.tenant(id),
        |(id, filters)| inventory_list(id, filters),
    );
    let export = ServerAction::<ExportPolicies>::new();
    let answers = use_answers(id, move || export.value().get().and_then(Result::err));
    let ticked = Ticked::<PolicyId>::default();
    // Another tenant's policies are other policies.
    Effect::watch(
        move || id.get(),
        move |_, _, _| ticked.write().clear(),
        false,
    );
    view! {
        {answered(inventory, move |page| {
            let (filters, id) = (filters.get_untracked(), id.get_untracked());
            view! { <Policies page filters id ticked export>{answers()}</Policies> }
        })}
    }
}

#[component]
fn Policies(
    page: Inventory,
    filters: PolicyFilters,
    id: String,
    ticked: Ticked<PolicyId>,
    export: ServerAction<ExportPolicies>,
    children: Children,
) -> impl IntoView {
    let path = format!("/tenants/{id}/inventory");
    let as_of = page.as_of;
    let synced = match page.synced_at {
        Some(at) => view! { "last complete sync " <Ago at as_of /> }.into_any(),
        None => "never synced completely".into_any(),
    };
    let body = if !page.rows.is_empty() {
        let next = page
            .next
            .map(|cursor| ("Next page →", filters.href_at(&path, cursor)));
        let ids = page.rows.iter().map(|row| row.id).collect();
        let rows: Vec<_> = page
            .rows
            .into_iter()
            .enumerate()
            .map(|(index, row)| view! { <Row index row ticked /> })
            .collect();
        view! {
            <Selectable id=id.clone() rows=ids may_start=page.may_start ticked export>
            <table class="policies stacking">
                <caption class="unseen">"Policies by name"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Platform"</th>
                        <th scope="col" class="number">"Settings"</th>
                        <th scope="col" class="number">"Last change"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            </Selectable>
            <Pager note="By name" as_of newer=None older=next />
        }
        .into_any()
    } else if filters.is_filtered() {
        view! { <NoMatch what="policies" without_filters=path.clone() /> }.into_any()
    } else {
        let tenant_href = format!("/tenants/{id}");
        view! {
            <Empty title="No policies yet">
                <p>"Sync inventory on the tenant's page reads them from Microsoft 365."</p>
                <p><a class="button" href=tenant_href>"Go to the tenant"</a></p>
            </Empty>
        }
        .into_any()
    };
    view! {
        <Title text=format!("Inventory of {}", page.tenant_name) />
        <nav class="crumbs" aria-label="You are here">
            <a href="/tenants">"Tenants"</a> " / " <a href=format!("/tenants/{id}")>{page.tenant_name.clone()}</a> " / Inventory"
        </nav>
        <h1>{format!("Inventory of {}", page.tenant_name)}</h1>
        <p class="muted">{format!("{} policies · ", grouped(page.total))} {synced}</p>
        <div role="status" class="answers run-answers">{children()}</div>
        <Unread kinds=page.kinds.clone() />
        <Filters action=path filters kinds=page.kinds />
        {body}
    }
}

/// The kinds that the latest sync could not read, each with why; their policies may be out of date.
#[component]
fn Unread(kinds: Vec<KindSummary>) -> impl IntoView {
    let failed: Vec<_> = kinds
        .iter()
        .filter_map(|kind| {
            Some(format!(
                "{} ({})",
                kind.label,
                kind.failure?.happened().to_lowercase()
            ))
        })
        .collect();
    (!failed.is_empty()).then(|| {
        let words = format!(
            "The latest sync could not read: {}. What stands here of them is older.",
            failed.join(", ")
        );
        view! { <p class="notice">{words}</p> }
    })
}

#[component]
fn Filters(action: String, filters: PolicyFilters, kinds: Vec<KindSummary>) -> impl IntoView {
    let kinds: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            let selected = filters.kind.as_deref() == Some(kind.key.as_str());
            view! { <option value=kind.key selected=selected>{format!("{} ({})", kind.label, grouped(kind.policies))}</option> }
        })
        .collect();
    view! {
        <FilterForm action=action>
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
            <label class="check">
                <input type="checkbox" name="vanished" value="1" checked=filters.vanished.is_some() />
                "Only vanished"
            </label>
        </FilterForm>
    }
}

#[component]
fn Row(index: usize, row: PolicyRow, ticked: Ticked<PolicyId>) -> impl IntoView {
    let vanished = row.vanished_at.map(|at| {
        view! { <span class="vanished">" gone since " <At at /></span> }
    });
    view! {
        <tr data-policy-id=row.id.to_string()>
            <td data-label="Name"><Tick field="policies" index id=row.id name=row.name ticked /> {vanished}</td>
            <td data-label="Kind" class="muted">{row.kind_label}</td>
            <td data-label="Platform" class="muted">{row.platform.unwrap_or_default()}</td>
            <td data-label="Settings" class="number">{row.settings.map(|count| count.to_string()).unwrap_or_default()}</td>
            <td data-label="Last change" class="number muted">{row.last_modified_at.map(|at| view! { <At at /> })}</td>
        </tr>
    }
}
