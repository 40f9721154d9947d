//! `/tenants`: every tenant that the reader looks after.

use domain::views::tenants::TenantRow;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::api::tenant_list;
use crate::ui::{
    address::given,
    answered::answered,
    empty::{Empty, NoMatch},
    filter_form::FilterForm,
    live::{Pace, live_resource},
    number::grouped,
    status_badge::StatusBadge,
    time::{At, OfTenant},
};

#[component]
pub fn TenantsPage() -> impl IntoView {
    let query = use_query_map();
    let text = Memo::new(move |_| given(&query.read(), "text"));
    let tenants = live_resource(
        Pace::Page,
        move || text.get(),
        |_, changed| changed.any_run(),
        |_| tenant_list(),
    );
    view! {
        <Title text="Tenants" />
        {answered(tenants, move |rows| {
            let text = text.get_untracked();
            view! { <h1>"Tenants"</h1> <Searchable rows text /> }
        })}
    }
}

/// All tenants, or those whose name holds what is searched.
#[component]
fn Searchable(
    rows: Vec<TenantRow>,
    #[prop(optional_no_strip)] text: Option<String>,
) -> impl IntoView {
    let none = rows.is_empty();
    let shown = text.clone().unwrap_or_default();
    let search = (!none).then(|| {
        view! {
            <FilterForm action="/tenants">
                <label class="field">
                    <span>"Name contains"</span>
                    <input type="search" name="text" value=shown maxlength="200" />
                </label>
            </FilterForm>
        }
    });
    let sought = text.map(|text| text.trim().to_lowercase());
    let matches = |row: &TenantRow| match &sought {
        Some(sought) => row.name.to_lowercase().contains(sought),
        None => true,
    };
    let found: Vec<_> = rows.into_iter().filter(matches).collect();
    let table = match found.is_empty() && !none {
        true => view! { <NoMatch what="tenants" without_filters="/tenants" /> }.into_any(),
        false => view! { <TenantTable rows=found /> }.into_any(),
    };
    view! { <div>{search} {table}</div> }
}

/// Tenants with what is known of each and its latest run.
#[component]
pub fn TenantTable(rows: Vec<TenantRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <Empty title="You look after no tenant yet">
                <p>"An owner of a tenant can add you to it; whoever operates TenantAtlas can connect a new one."</p>
            </Empty>
        }
        .into_any();
    }
    let rows: Vec<_> = rows.into_iter().map(|row| view! { <Row row /> }).collect();
    view! {
        <table class="tenants stacking">
            <caption class="unseen">"Tenants by name"</caption>
            <thead>
                <tr>
                    <th scope="col">"Tenant"</th>
                    <th scope="col">"Last run"</th>
                    <th scope="col">"Queued"</th>
                    <th scope="col" class="number">"Active runs"</th>
                    <th scope="col" class="number">"Policies"</th>
                    <th scope="col" class="number">"Groups"</th>
                    <th scope="col">"Your role"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(row: TenantRow) -> impl IntoView {
    let (last, created) = match row.last_run {
        Some(run) => {
            let label = run.operation_label().to_owned();
            (
                view! {
                    <span class="last-run" data-run-id=run.id.to_string()>
                        <StatusBadge state=run.state.clone() />
                        <a class="subtle" href=format!("/runs/{}", run.id)>{label}</a>
                    </span>
                }
                .into_any(),
                view! { <OfTenant tenant=row.id><At at=run.created_at /></OfTenant> }.into_any(),
            )
        }
        None => ("never".into_any(), ().into_any()),
    };
    view! {
        <tr data-tenant-id=row.id.to_string()>
            <td data-label="Tenant"><a class="strong" href=format!("/tenants/{}", row.id)>{row.name}</a></td>
            <td data-label="Last run" class="muted">{last}</td>
            <td data-label="Queued" class="muted">{created}</td>
            <td data-label="Active runs" class="number">{row.active_runs}</td>
            <td data-label="Policies" class="number">{grouped(row.policies)}</td>
            <td data-label="Groups" class="number">{grouped(row.groups)}</td>
            <td data-label="Your role" class="muted">{row.role.label()}</td>
        </tr>
    }
}
