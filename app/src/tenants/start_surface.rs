//! A button that asks for a run: it says what it will do, and nothing more happens in the request than queueing.

use domain::{OperationType, Role, TenantId};
use leptos::{form::ActionForm, prelude::*};

use crate::runs::api::StartOperation;

/// One operation's form. Someone without the right sees it disabled, with the reason.
#[component]
pub fn StartSurface(
    tenant: TenantId,
    role: Role,
    operation: OperationType,
    allowed: bool,
    start: ServerAction<StartOperation>,
) -> impl IntoView {
    let note_id = format!("note-{}", operation.as_str().replace('.', "-"));
    let note = match allowed {
        true => operation.explanation().to_owned(),
        false => format!(
            "{} Your role here is {}; an operator or owner can start it.",
            operation.explanation(),
            role.label().to_lowercase()
        ),
    };
    view! {
        <ActionForm action=start attr:class="surface">
            <input type="hidden" name="tenant_id" value=tenant.to_string() />
            <input type="hidden" name="operation_type" value=operation.as_str() />
            <button
                type="submit"
                disabled=!allowed
                aria-describedby=note_id.clone()
                // Not `disabled` while waiting: that would take the keyboard's focus away.
                on:click=move |event| {
                    if start.pending().get_untracked() {
                        event.prevent_default();
                    }
                }
            >
                {operation.button()}
            </button>
            <p id=note_id class="surface-note">{note}</p>
        </ActionForm>
    }
}
