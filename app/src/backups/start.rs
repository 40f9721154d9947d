//! The start surface of a backup: the whole tenant, or only some kinds of its policies.

use domain::{OperationType, views::backups::KindChoice};
use leptos::{form::ActionForm, prelude::*};

use super::api::BackUpNow;
use crate::ui::submit::{READ_ONLY, Submit};

#[component]
pub fn StartBackup(
    tenant: String,
    kinds: Vec<KindChoice>,
    allowed: bool,
    start: ServerAction<BackUpNow>,
) -> impl IntoView {
    let operation = OperationType::BackupSetCapture;
    let note = match allowed {
        true => operation.explanation().to_owned(),
        false => format!("{} {READ_ONLY}", operation.explanation()),
    };
    let kinds: Vec<_> = kinds
        .into_iter()
        .enumerate()
        .map(|(index, kind)| {
            view! {
                <label class="check">
                    <input type="checkbox" name=format!("kinds[{index}]") value=kind.key disabled=!allowed />
                    {kind.label}
                </label>
            }
        })
        .collect();
    view! {
        <div class="surfaces">
            <ActionForm action=start attr:class="surface">
                <input type="hidden" name="tenant_id" value=tenant />
                <Submit words=operation.button() pending=start.pending() disabled=!allowed note="note-backup" />
                <p id="note-backup" class="surface-note">{note}</p>
                <details class="choices">
                    <summary>"Only some kinds"</summary>
                    <fieldset>
                        <legend>"With none ticked, the whole tenant is backed up."</legend>
                        <div class="check-grid">{kinds}</div>
                    </fieldset>
                </details>
            </ActionForm>
        </div>
    }
}
