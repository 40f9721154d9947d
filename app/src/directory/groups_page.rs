//! `/tenants/{id}/groups`: the directory's groups as they were last cached.

use domain::views::directory::{GroupRow, GroupsPage as Groups};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::api::group_list;
use crate::ui::{
    address::{given, with_query},
    answered::answered,
    empty::{Empty, NoMatch},
    filter_form::FilterForm,
    live::{Pace, live_resource},
    number::grouped,
    pager::Pager,
    time::Ago,
};

#[component]
pub fn GroupsPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let text = Memo::new(move |_| given(&query.read(), "text"));
    let cursor = Memo::new(move |_| given(&query.read(), "cursor"));
    let groups = live_resource(
        Pace::Page,
        move || (id.get(), text.get(), cursor.get()),
        |(id, ..), changed| changed.tenant(id),
        |(id, text, cursor)| group_list(id, text, cursor),
    );
    view! {
        {answered(groups, move |page| {
            view! { <GroupTable page text=text.get_untracked() id=id.get_untracked() /> }
        })}
    }
}

#[component]
fn GroupTable(
    page: Groups,
    #[prop(optional_no_strip)] text: Option<String>,
    id: String,
) -> impl IntoView {
    let path = format!("/tenants/{id}/groups");
    let as_of = page.as_of;
    let synced = match page.synced_at {
        Some(at) => view! { "cached " <Ago at as_of /> }.into_any(),
        None => "never cached completely".into_any(),
    };
    let body = if !page.rows.is_empty() {
        let next = page.next.map(|cursor| {
            (
                "Next page →",
                with_query(&path, &[("text", text.clone()), ("cursor", Some(cursor))]),
            )
        });
        let rows: Vec<_> = page
            .rows
            .into_iter()
            .map(|row| view! { <Row row /> })
            .collect();
        view! {
            <table class="groups stacking">
                <caption class="unseen">"Groups by name"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Description"</th>
                        <th scope="col">"Id at Microsoft"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <Pager note="By name" as_of newer=None older=next />
        }
        .into_any()
    } else if text.is_some() {
        view! { <NoMatch what="groups" without_filters=path.clone() /> }.into_any()
    } else {
        let tenant_href = format!("/tenants/{id}");
        view! {
            <Empty title="No groups yet">
                <p>"Sync directory groups on the tenant's page reads them from Microsoft 365."</p>
                <p><a class="button" href=tenant_href>"Go to the tenant"</a></p>
            </Empty>
        }
        .into_any()
    };
    view! {
        <Title text=format!("Groups of {}", page.tenant_name) />
        <nav class="crumbs" aria-label="You are here">
            <a href="/tenants">"Tenants"</a> " / " <a href=format!("/tenants/{id}")>{page.tenant_name.clone()}</a> " / Groups"
        </nav>
        <h1>{format!("Groups of {}", page.tenant_name)}</h1>
        <p class="muted">{format!("{} groups · ", grouped(page.total))} {synced}</p>
        <FilterForm action=path>
            <label class="field">
                <span>"Name contains"</span>
                <input type="search" name="text" value=text.unwrap_or_default() />
            </label>
        </FilterForm>
        {body}
    }
}

#[component]
fn Row(row: GroupRow) -> impl IntoView {
    view! {
        <tr data-group-id=row.id.to_string()>
            <td data-label="Name">{row.name}</td>
            <td data-label="Kind" class="muted">{row.kind}</td>
            <td data-label="Description" class="muted">{row.description.unwrap_or_default()}</td>
            <td data-label="Id at Microsoft"><code>{row.graph_id}</code></td>
        </tr>
    }
}
