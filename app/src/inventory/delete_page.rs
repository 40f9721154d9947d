//! `/tenants/{id}/inventory/delete?policies[0]=…`: what would be deleted, and the typed confirmation.

use domain::{
    OperationType,
    views::inventory::{ChosenPolicies, PolicyRow},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};

use super::api::{DeletePolicies, look_at_chosen};
use crate::{
    runs::start_answer::StartRefused,
    tenants::crumbs::TenantCrumbs,
    ui::{
        answered::answered,
        empty::Empty,
        number::grouped,
        submit::{READ_ONLY, Submit},
        time::At,
    },
};

#[component]
pub fn DeletePage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let policies = Memo::new(move |_| chosen(&query.read()));
    let listing = Resource::new(
        move || (id.get(), policies.get()),
        |(id, policies)| async move {
            match policies.is_empty() {
                true => Ok(None),
                false => look_at_chosen(id, policies).await.map(Some),
            }
        },
    );
    let delete = ServerAction::<DeletePolicies>::new();
    let refused = move || match delete.value().get() {
        Some(Err(error)) => view! { <StartRefused error /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        {answered(listing, move |listing: Option<ChosenPolicies>| {
            let id = id.get_untracked();
            match listing {
                Some(listing) => view! { <Confirm listing id delete>{refused}</Confirm> }.into_any(),
                None => view! { <NothingChosen id /> }.into_any(),
            }
        })}
    }
}

/// The values of `policies[…]`, in the order of the address.
fn chosen(query: &ParamsMap) -> Vec<String> {
    query
        .into_iter()
        .filter(|(name, _)| name.starts_with("policies["))
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[component]
fn NothingChosen(id: String) -> impl IntoView {
    view! {
        <Title text="Delete policies" />
        <h1>"Delete policies"</h1>
        <Empty title="No policies are chosen">
            <p>"Tick them in the inventory, then press Delete there."</p>
            <p><a class="button" href=format!("/tenants/{id}/inventory")>"Back to the inventory"</a></p>
        </Empty>
    }
}

/// The children are why the last press had no effect.
#[component]
fn Confirm(
    listing: ChosenPolicies,
    id: String,
    delete: ServerAction<DeletePolicies>,
    children: Children,
) -> impl IntoView {
    let inventory = format!("/tenants/{id}/inventory");
    let tenant_name = listing.tenant_name;
    let what = match listing.rows.len() {
        1 => "1 policy".to_owned(),
        several => format!("{} policies", grouped(several as i64)),
    };
    let title = format!("Delete {what} of {tenant_name}");
    let allowed = listing.may_start;
    let note = if allowed {
        OperationType::PolicyDelete.explanation()
    } else {
        READ_ONLY
    };
    let hidden: Vec<_> = listing
        .rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            view! { <input type="hidden" name=format!("policies[{index}]") value=row.id.to_string() /> }
        })
        .collect();
    let rows: Vec<_> = listing
        .rows
        .into_iter()
        .map(|row| view! { <Row row /> })
        .collect();
    view! {
        <Title text=title.clone() />
        <TenantCrumbs
            id=id.clone()
            tenant_name=tenant_name.clone()
            between=vec![("Inventory".to_owned(), inventory.clone())]
            here="Delete"
        />
        <h1>{title}</h1>
        <p class="notice">
            "They are deleted in Microsoft 365, and devices lose what they configure. A backup is taken first, as part \
             of the same run; what can't be backed up is not deleted. Secrets that Microsoft never tells, such as product \
             keys, are in no backup: write them down first."
        </p>
        <table class="doomed stacking">
            <caption class="unseen">"Policies that will be deleted, by name"</caption>
            <thead>
                <tr>
                    <th scope="col">"Policy"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col">"Platform"</th>
                    <th scope="col">"Last change"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <div role="status" class="answers run-answers">{children()}</div>
        <ActionForm action=delete attr:class="choice">
            <input type="hidden" name="tenant_id" value=id />
            {hidden}
            <label class="field confirmation">
                <span>{format!("Type the tenant's name, {tenant_name}, to confirm that {what} will be deleted")}</span>
                <input type="text" name="confirmation" required autocomplete="off" spellcheck="false" disabled=!allowed />
            </label>
            <div class="actions">
                <Submit
                    words=OperationType::PolicyDelete.button()
                    pending=delete.pending()
                    disabled=!allowed
                    note="note-delete"
                />
                <a class="button" href=inventory>"Keep them"</a>
                <p id="note-delete" class="surface-note">{note}</p>
            </div>
        </ActionForm>
    }
}

#[component]
fn Row(row: PolicyRow) -> impl IntoView {
    view! {
        <tr data-policy-id=row.id.to_string()>
            <td data-label="Policy">{row.name}</td>
            <td data-label="Kind" class="muted">{row.kind_label}</td>
            <td data-label="Platform" class="muted">{row.platform.unwrap_or_default()}</td>
            <td data-label="Last change" class="muted">{row.last_modified_at.map(|at| view! { <At at /> })}</td>
        </tr>
    }
}
