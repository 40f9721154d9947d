//! Policies ticked in the inventory: they stay ticked while the list changes and while other pages of it are looked at.

use std::collections::BTreeSet;

use domain::{OperationType, PolicyId};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_navigate;

use super::api::ExportPolicies;
use crate::ui::{
    submit::{READ_ONLY, Submit},
    ticks::{Ticked, TickedCount, TickedElsewhere},
};

/// A table whose rows can be ticked, with what can be done with those that are. The children are the table.
#[component]
pub(super) fn Selectable(
    id: String,
    rows: Vec<PolicyId>,
    may_start: bool,
    ticked: Ticked<PolicyId>,
    export: ServerAction<ExportPolicies>,
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let delete = format!("/tenants/{id}/inventory/delete");
    let delete_href = delete.clone();
    // Without a script the button sends the form there itself.
    let to_delete = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        let href = with_policies(&delete_href, &ticked.read_untracked());
        navigate(&href, Default::default());
    };
    let note = if may_start { "" } else { READ_ONLY };
    view! {
        <ActionForm action=export attr:class="choice">
            <input type="hidden" name="tenant_id" value=id />
            <TickedElsewhere field="policies" shown=rows.clone() ticked />
            {children()}
            <div class="actions selection">
                <Submit
                    words=OperationType::PolicyExport.button()
                    pending=export.pending()
                    disabled=!may_start
                    note="note-selection"
                />
                <button type="submit" formmethod="get" formaction=delete disabled=!may_start
                    aria-describedby="note-selection" on:click=to_delete>
                    {OperationType::PolicyDelete.button()}
                </button>
                <p id="note-selection" class="surface-note" aria-live="polite">
                    <TickedCount shown=rows ticked none="Tick policies to export or delete them." /> " " {note}
                </p>
            </div>
        </ActionForm>
    }
}

/// `path?policies[0]=1&policies[1]=2`, as a form without a script sends them.
fn with_policies(path: &str, policies: &BTreeSet<PolicyId>) -> String {
    let parts: Vec<_> = policies
        .iter()
        .enumerate()
        .map(|(index, policy)| format!("policies%5B{index}%5D={policy}"))
        .collect();
    format!("{path}?{}", parts.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_in_the_address_as_a_form_sends_them() {
        let policies = BTreeSet::from([PolicyId(7), PolicyId(12)]);
        assert_eq!(
            with_policies("/d", &policies),
            "/d?policies%5B0%5D=7&policies%5B1%5D=12"
        );
    }
}
