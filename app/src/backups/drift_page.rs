//! `/tenants/{id}/drift?from=…&to=…`: what differs between two backups of a tenant, policy by policy.

use domain::views::drift::{
    DriftChange, DriftPage as Drift, DriftRow, DriftSet, DriftTotals, InInventory,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};
use serde::{Deserialize, Serialize};

use super::{
    api::drift,
    assignments::AssignmentChanges,
    differences::{Differences, counted},
};
use crate::{
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::{given, with_query},
        answered::answered,
        empty::{Empty, NoMatch},
        filter_form::FilterForm,
        live::{Pace, live_resource},
        number::grouped,
        pager::Pager,
        time::{At, date_in_words},
    },
};

/// What is compared and shown, as it stands in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DriftFilters {
    pub from: Option<String>,
    pub to: Option<String>,
    pub change: Option<String>,
    pub cursor: Option<String>,
}

impl DriftFilters {
    fn from_url(query: &ParamsMap) -> Self {
        Self {
            from: given(query, "from"),
            to: given(query, "to"),
            change: given(query, "change"),
            cursor: given(query, "cursor"),
        }
    }
}

#[component]
pub fn DriftPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let filters = Memo::new(move |_| DriftFilters::from_url(&query.read()));
    let page = live_resource(
        Pace::Page,
        move || (id.get(), filters.get()),
        |(id, _), changed| changed.tenant(id),
        |(id, filters)| drift(id, filters),
    );
    view! {
        {answered(page, move |page| {
            view! { <Found page filters=filters.get_untracked() id=id.get_untracked() /> }
        })}
    }
}

#[component]
fn Found(page: Drift, filters: DriftFilters, id: String) -> impl IntoView {
    let title = format!("Drift of {}", page.tenant_name);
    let backups = format!("/tenants/{id}/backups");
    let to_backups = backups.clone();
    let restore = page
        .between
        .as_ref()
        .filter(|_| page.may_start)
        .map(|(from, _)| {
            let href = format!("/tenants/{id}/restores/new?set={}", from.id);
            view! { <a class="button" href=href>"Restore from the earlier"</a> }
        });
    let body = match page.between.clone() {
        Some(between) => view! { <Between page=page.clone() between filters id=id.clone() /> }.into_any(),
        None => view! {
            <Empty title="Nothing to compare yet">
                <p>"Drift is what differs between two backups of the tenant. A schedule makes one every day; Back up now makes one at once."</p>
                <p><a class="button" href=to_backups>"Go to the backups"</a></p>
            </Empty>
        }
        .into_any(),
    };
    view! {
        <Title text=title.clone() />
        <TenantCrumbs
            id
            tenant_name=page.tenant_name
            between=vec![("Backups".to_owned(), backups)]
            here="Drift"
        />
        <header class="headline">
            <h1>{title}</h1>
            <p class="headline-links actions">{restore}</p>
        </header>
        {body}
    }
}

#[component]
fn Between(
    page: Drift,
    between: (DriftSet, DriftSet),
    filters: DriftFilters,
    id: String,
) -> impl IntoView {
    let (from, to) = between;
    let path = format!("/tenants/{id}/drift");
    let href = |change: Option<&str>, cursor: Option<String>| {
        with_query(
            &path,
            &[
                ("from", Some(from.id.to_string())),
                ("to", Some(to.id.to_string())),
                ("change", change.map(str::to_owned)),
                ("cursor", cursor),
            ],
        )
    };
    let (sets, chosen) = (page.sets.clone(), filters.change.clone());
    let change = filters.change.as_deref();
    let everything = href(None, None);
    let list = match (
        page.rows.is_empty(),
        filters.change.is_some() || filters.cursor.is_some(),
    ) {
        (true, true) => {
            view! { <NoMatch what="policies" without_filters=everything.clone() /> }.into_any()
        }
        (true, false) => view! {
            <p data-drift="none">"Nothing: every policy is the same in both."</p>
        }
        .into_any(),
        (false, _) => {
            let first = filters
                .cursor
                .is_some()
                .then(|| ("← First page", href(change, None)));
            let next = page
                .next
                .map(|cursor| ("Next page →", href(change, Some(cursor))));
            let rows: Vec<_> = page
                .rows
                .into_iter()
                .map(|row| view! { <Row row id=id.clone() /> })
                .collect();
            view! {
                <table class="drift stacking">
                    <caption class="unseen">"Policies that differ, by name"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Policy"</th>
                            <th scope="col">"Change"</th>
                            <th scope="col">"Kind"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <Pager note="By name" as_of=page.as_of newer=first older=next />
            }
            .into_any()
        }
    };
    view! {
        <p class="since">
            "From "
            <a href=format!("/tenants/{id}/backups/{}", from.id)>{from.name.clone()}</a>
            " of "
            <At at=from.created_at />
            " to "
            <a href=format!("/tenants/{id}/backups/{}", to.id)>{to.name.clone()}</a>
            " of "
            <At at=to.created_at />
        </p>
        <Choose path sets from=from.clone() to=to.clone() chosen everything />
        <Totals totals=page.totals />
        <div class="found">{list}</div>
    }
}

#[component]
fn Choose(
    path: String,
    sets: Vec<DriftSet>,
    from: DriftSet,
    to: DriftSet,
    chosen: Option<String>,
    everything: String,
) -> impl IntoView {
    let options = |selected: &DriftSet| -> Vec<_> {
        sets.iter()
            .map(|set| {
                let words = format!(
                    "{} ({}, {} policies)",
                    set.name,
                    date_in_words(set.created_at),
                    grouped(set.policies)
                );
                view! { <option value=set.id.to_string() selected=set.id == selected.id>{words}</option> }
            })
            .collect()
    };
    let (earlier, later) = (options(&from), options(&to));
    let changes: Vec<_> = DriftChange::ALL
        .into_iter()
        .map(|change| {
            let selected = chosen.as_deref() == Some(change.as_str());
            view! { <option value=change.as_str() selected=selected>{change.label()}</option> }
        })
        .collect();
    view! {
        <FilterForm action=path everything=everything>
            <label class="field">
                <span>"Earlier backup"</span>
                <select name="from">{earlier}</select>
            </label>
            <label class="field">
                <span>"Later backup"</span>
                <select name="to">{later}</select>
            </label>
            <label class="field">
                <span>"Show"</span>
                <select name="change">
                    <option value="">"Everything that differs"</option>
                    {changes}
                </select>
            </label>
        </FilterForm>
    }
}

#[component]
fn Totals(totals: DriftTotals) -> impl IntoView {
    let each: Vec<_> = DriftChange::ALL
        .into_iter()
        .map(|change| {
            view! {
                <span>
                    <strong data-total=change.as_str()>{grouped(totals.of(change))}</strong>
                    " "
                    {change.label().to_lowercase()}
                </span>
            }
        })
        .collect();
    view! {
        <p class="counts">
            {each}
            <span><strong data-total="same">{grouped(totals.same)}</strong> " the same"</span>
        </p>
    }
}

#[component]
fn Row(row: DriftRow, id: String) -> impl IntoView {
    let versions = format!("/tenants/{id}/backups/versions");
    let href = match (&row.before, &row.after) {
        (Some(before), Some(after)) => with_query(
            &format!("/tenants/{id}/backups/compare"),
            &[
                ("from", Some(before.id.to_string())),
                ("to", Some(after.id.to_string())),
            ],
        ),
        (Some(only), None) | (None, Some(only)) => format!("{versions}/{}", only.id),
        (None, None) => versions,
    };
    let change = row.change;
    view! {
        <tr data-change=change.as_str()>
            <td data-label="Policy">
                <div class="item">
                    <a class="strong" href=href>{row.name.clone()}</a>
                    <What row=row.clone() />
                </div>
            </td>
            <td data-label="Change">{change.label()}</td>
            <td data-label="Kind" class="muted">{row.kind_label}</td>
        </tr>
    }
}

/// What differs, one click away; of a policy that only the earlier backup has, whether the tenant has it still.
#[component]
fn What(row: DriftRow) -> impl IntoView {
    match (row.change, row.inventory) {
        (DriftChange::OnlyBefore, Some(InInventory::GoneSince(at))) => view! {
            <span class="muted">"Gone from the tenant; missed by the inventory since " <At at=at /></span>
        }
        .into_any(),
        (DriftChange::OnlyBefore, Some(InInventory::Present)) => view! {
            <span class="muted">"Still in the inventory: the later backup did not take it."</span>
        }
        .into_any(),
        (DriftChange::OnlyBefore, None) => view! {
            <span class="muted">"Not in the inventory."</span>
        }
        .into_any(),
        (DriftChange::OnlyAfter, _) => ().into_any(),
        (DriftChange::Changed, _) => view! { <Changed row /> }.into_any(),
    }
}

#[component]
fn Changed(row: DriftRow) -> impl IntoView {
    let settings = row.differences.len();
    let assignments = row.assignments_added.len() + row.assignments_removed.len();
    if settings + assignments == 0 {
        return view! { <span class="muted">"In nothing that is compared, such as its priority."</span> }
            .into_any();
    }
    let caption = format!("What changed in {}", row.name);
    let table =
        (settings > 0).then(|| view! { <Differences differences=row.differences caption /> });
    view! {
        <details class="changes">
            <summary>{counted(settings, assignments)}</summary>
            {table}
            <AssignmentChanges added=row.assignments_added removed=row.assignments_removed />
        </details>
    }
    .into_any()
}
