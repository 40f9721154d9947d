//! The start surface of a backup: the whole tenant, or only some kinds of its policies.

use domain::{OperationType, views::backups::KindChoice};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;
use serde_json::Value;

use super::api::BackUpNow;
use crate::ui::{
    address::{given, with_query},
    submit::{READ_ONLY, Submit},
};

/// In the address, for a form with no kind ticked.
const EVERYTHING: &str = "all";

/// The form as an earlier capture was asked for, to be changed before it is sent again; none for one of single policies.
pub fn to_change(tenant: domain::TenantId, selection: &Value) -> Option<String> {
    let kinds = match selection {
        Value::String(word) if word == "everything" => EVERYTHING.to_owned(),
        selection => {
            let kinds: Vec<_> = selection["kinds"]
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .collect();
            kinds.join(",")
        }
    };
    Some(with_query(
        &format!("/tenants/{tenant}/backups"),
        &[("kinds", Some(kinds))],
    ))
}

/// With `?kinds=` in the address, those are ticked.
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
    let wanted = given(&use_query_map().read_untracked(), "kinds");
    let is_wanted = |key: &str| {
        let mut wanted = wanted.iter().flat_map(|wanted| wanted.split(','));
        wanted.any(|one| one == key)
    };
    let kinds: Vec<_> = kinds
        .into_iter()
        .enumerate()
        .map(|(index, kind)| {
            let checked = is_wanted(&kind.key);
            view! {
                <label class="check">
                    <input type="checkbox" name=format!("kinds[{index}]") value=kind.key checked=checked disabled=!allowed />
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
                <details class="choices" open=wanted.is_some()>
                    <summary>"Only some kinds"</summary>
                    <fieldset>
                        <legend>"With none ticked, the whole tenant is backed up."</legend>
                        <div class="check-grid">{kinds}</div>
                        <p class="muted">
                            "Not backed up: apps, role assignments, and the authentication strengths, terms of use and \
                             compliance scripts that policies name."
                        </p>
                    </fieldset>
                </details>
            </ActionForm>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_earlier_capture_is_changed_in_the_form_that_asked_for_it() {
        let of = |selection| to_change(domain::TenantId(7), &selection);
        let form = |kinds: &str| Some(format!("/tenants/7/backups?kinds={kinds}"));
        assert_eq!(of(json!("everything")), form("all"));
        assert_eq!(of(json!({ "kinds": ["a", "b"] })), form("a%2Cb"));
        assert_eq!(of(json!({ "policies": [1, 2] })), None);
        assert_eq!(of(json!(null)), None);
    }
}
