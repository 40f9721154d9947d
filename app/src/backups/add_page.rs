//! `/tenants/{id}/backups/{set}/add`: choosing policies of the inventory to capture into a set.

use domain::views::backups::Addable;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::api::{AddPolicies, AddableListing, addable_policies};
use crate::{
    runs::start_answer::StartRefused,
    tenants::crumbs::TenantCrumbs,
    ui::{
        address::given,
        answered::answered,
        empty::{Empty, NoMatch},
        filter_form::FilterForm,
        live::{Pace, live_resource},
        submit::{READ_ONLY, Submit},
    },
};

/// As many as the server lists at once.
const MOST: usize = 100;

#[component]
pub fn AddPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let set = Memo::new(move |_| params.read().get("set").unwrap_or_default());
    let text = Memo::new(move |_| given(&query.read(), "text"));
    let listing = live_resource(
        Pace::Page,
        move || (id.get(), set.get(), text.get()),
        |(id, ..), changed| changed.tenant(id),
        |(id, set, text)| addable_policies(id, set, text),
    );
    let add = ServerAction::<AddPolicies>::new();
    let refused = move || match add.value().get() {
        Some(Err(error)) => view! { <StartRefused error /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        {answered(listing, move |listing| {
            let (id, set) = (id.get_untracked(), set.get_untracked());
            view! { <Choice listing id set text=text.get_untracked() add>{refused}</Choice> }
        })}
    }
}

/// The children are why the last press had no effect.
#[component]
fn Choice(
    listing: AddableListing,
    id: String,
    set: String,
    #[prop(optional_no_strip)] text: Option<String>,
    add: ServerAction<AddPolicies>,
    children: Children,
) -> impl IntoView {
    let backups = format!("/tenants/{id}/backups");
    let set_href = format!("{backups}/{set}");
    let path = format!("{set_href}/add");
    let title = format!("Add policies to {}", listing.set_name);
    let body = if !listing.policies.is_empty() {
        view! {
            <Policies policies=listing.policies may_start=listing.may_start id=id.clone() set add />
        }
        .into_any()
    } else if text.is_some() {
        view! { <NoMatch what="policies" without_filters=path.clone() /> }.into_any()
    } else {
        let tenant_href = format!("/tenants/{id}");
        view! {
            <Empty title="The inventory is empty">
                <p>"Sync inventory on the tenant's page reads its policies from Microsoft 365 first."</p>
                <p><a class="button" href=tenant_href>"Go to the tenant"</a></p>
            </Empty>
        }
        .into_any()
    };
    view! {
        <Title text=title.clone() />
        <TenantCrumbs
            id=id
            tenant_name=listing.tenant_name
            between=vec![("Backups".to_owned(), backups), (listing.set_name, set_href)]
            here="Add policies"
        />
        <h1>{title}</h1>
        <p class="since">"Their newest state is captured into the set. Changes nothing in Microsoft 365."</p>
        <div role="status" class="answers run-answers">{children()}</div>
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
fn Policies(
    policies: Vec<Addable>,
    may_start: bool,
    id: String,
    set: String,
    add: ServerAction<AddPolicies>,
) -> impl IntoView {
    let more = (policies.len() >= MOST).then(|| {
        view! { <p class="muted">{format!("The first {MOST} by name; search by name to find others.")}</p> }
    });
    let note = if may_start {
        "Those ticked are captured, also those that the set has already."
    } else {
        READ_ONLY
    };
    let rows: Vec<_> = policies
        .into_iter()
        .enumerate()
        .map(|(index, policy)| view! { <Row index policy may_start /> })
        .collect();
    view! {
        <ActionForm action=add attr:class="choice">
            <input type="hidden" name="tenant_id" value=id />
            <input type="hidden" name="set_id" value=set />
            <table class="addable stacking">
                <caption class="unseen">"Policies of the inventory by name"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Policy"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"In this set"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {more}
            <div class="actions">
                <Submit words="Add policies" pending=add.pending() disabled=!may_start note="note-add" />
                <p id="note-add" class="surface-note">{note}</p>
            </div>
        </ActionForm>
    }
}

#[component]
fn Row(index: usize, policy: Addable, may_start: bool) -> impl IntoView {
    let id = policy.policy.to_string();
    let value = id.clone();
    view! {
        <tr data-policy-id=id>
            <td data-label="Policy">
                <label class="check">
                    <input type="checkbox" name=format!("policies[{index}]") value=value disabled=!may_start />
                    {policy.name}
                </label>
            </td>
            <td data-label="Kind" class="muted">{policy.kind_label}</td>
            <td data-label="In this set" class="muted">{if policy.in_set { "yes" } else { "no" }}</td>
        </tr>
    }
}
