//! Step 5 of a restore: a dry run or the execution, after a summary of what it writes.

use domain::{
    OperationType, RestoreStatus,
    views::restores::{RestorePage, RestoreTotals},
};
use leptos::{form::ActionForm, prelude::*};

use super::restore_page::{Actions, Place, PlaceFields};
use crate::ui::{
    number::grouped,
    submit::{READ_ONLY, Submit},
};

/// Nothing once the restore has ended, but for a dry run: then there is a result in its place.
#[component]
pub fn Execution(page: RestorePage, place: Place, actions: Actions) -> impl IntoView {
    let status = page.row.status;
    (!status.has_ended() || page.row.dry_run).then(|| {
        let why_not = why_not(&page);
        let allowed = why_not.is_none();
        let summary = page
            .previewed_at
            .map(|_| view! { <p class="summary">{in_words(&page.totals)}</p> });
        let why_not = why_not
            .map(|why| view! { <p id="why-not" class="notice" data-blocked="">{why}</p> });
        let overwrites = page.totals.update;
        let tenant_name = page.tenant_name;
        let dry_place = place.clone();
        view! {
            <section id="execute" aria-labelledby="execute-title">
                <h2 id="execute-title">"Execute"</h2>
                {summary}
                {why_not}
                <div class="surfaces">
                    <ActionForm action=actions.execute attr:class="surface">
                        <PlaceFields place=dry_place />
                        <input type="hidden" name="dry_run" value="true" />
                        <Submit words="Dry run" pending=actions.execute.pending() disabled=!allowed note="note-dry-run" />
                        <p id="note-dry-run" class="surface-note">
                            "Goes through everything as the execution would. Changes nothing in Microsoft 365."
                        </p>
                    </ActionForm>
                    <ActionForm action=actions.execute attr:class="surface">
                        <PlaceFields place />
                        <input type="hidden" name="dry_run" value="false" />
                        <Submit
                            words=OperationType::RestoreExecute.button()
                            primary=true
                            pending=actions.execute.pending()
                            disabled=!allowed
                            note="note-execute"
                        />
                        <div class="surface-body">
                            <p id="note-execute" class="surface-note">{OperationType::RestoreExecute.explanation()}</p>
                            {(overwrites > 0).then(|| view! { <Confirmation tenant_name overwrites allowed /> })}
                        </div>
                    </ActionForm>
                </div>
            </section>
        }
    })
}

/// Why nothing can be executed now.
fn why_not(page: &RestorePage) -> Option<String> {
    if !page.may_start {
        return Some(READ_ONLY.to_owned());
    }
    let own = match page.row.status {
        RestoreStatus::Previewed => None,
        RestoreStatus::Queued => Some("Execution was asked for already; it waits to begin."),
        RestoreStatus::Running => Some("The restore is running."),
        // After a dry run the service says in `blocked` whether the execution may follow.
        ended if ended.has_ended() => None,
        _ => Some("A preview has to be made first."),
    };
    page.blocked.clone().or_else(|| own.map(str::to_owned))
}

/// "12 policies will be created, 3 overwritten, 2 left alone."
fn in_words(totals: &RestoreTotals) -> String {
    let alone = totals.unchanged + totals.conflict + totals.cannot;
    let parts: Vec<_> = [
        (totals.create, "created"),
        (totals.update, "overwritten"),
        (alone, "left alone"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .enumerate()
    .map(|(index, (count, word))| match (index, count) {
        (0, 1) => format!("1 policy will be {word}"),
        (0, _) => format!("{} policies will be {word}", grouped(count)),
        _ => format!("{} {word}", grouped(count)),
    })
    .collect();
    match parts.is_empty() {
        true => "Nothing will be written.".to_owned(),
        false => format!("{}.", parts.join(", ")),
    }
}

/// Typing the tenant's name, before something there is overwritten. The server checks it too.
#[component]
fn Confirmation(tenant_name: String, overwrites: i64, allowed: bool) -> impl IntoView {
    let what = match overwrites {
        1 => "1 policy is overwritten".to_owned(),
        count => format!("{} policies are overwritten", grouped(count)),
    };
    view! {
        <label class="field confirmation">
            <span>{format!("Type the tenant's name, {tenant_name}, to confirm that {what}")}</span>
            <input type="text" name="confirmation" required autocomplete="off" spellcheck="false" disabled=!allowed />
        </label>
    }
}

/// Gives up a restore that has not ended; asks once more first.
#[component]
pub fn Abort(
    place: Place,
    status: RestoreStatus,
    may_start: bool,
    actions: Actions,
) -> impl IntoView {
    let open = actions.abort_open;
    (!status.has_ended() && may_start).then(|| {
        let what = match status {
            RestoreStatus::Running => {
                "Policies that were not begun yet are left as they are. What was written stays."
            }
            _ => "Nothing has been written. This restore can't be taken up again; a new one can be begun.",
        };
        view! {
            <details
                class="confirm"
                open=move || open.get()
                on:toggle=move |event| {
                    open.set(event_target::<leptos::web_sys::Element>(&event).has_attribute("open"));
                }
            >
                <summary>"Abort …"</summary>
                <ActionForm action=actions.abort>
                    <PlaceFields place />
                    <p id="note-abort" class="surface-note">{what}</p>
                    <Submit words="Abort this restore" pending=actions.abort.pending() note="note-abort" />
                </ActionForm>
            </details>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_what_is_written_and_what_is_not() {
        let totals = |create, update, unchanged| RestoreTotals {
            create,
            update,
            unchanged,
            ..RestoreTotals::default()
        };
        assert_eq!(
            in_words(&totals(12, 3, 2)),
            "12 policies will be created, 3 overwritten, 2 left alone."
        );
        assert_eq!(in_words(&totals(0, 1, 0)), "1 policy will be overwritten.");
        assert_eq!(in_words(&totals(0, 0, 0)), "Nothing will be written.");
    }
}
