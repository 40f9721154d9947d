//! Step 6 of a restore: how it ended, what failed, and how to go on.

use domain::views::restores::RestorePage;
use leptos::{form::ActionForm, prelude::*};

use super::restore_page::{Actions, Place, PlaceFields};
use crate::{
    runs::{run_failures::RunFailures, run_progress::Counts},
    ui::{
        number::grouped,
        submit::{READ_ONLY, Submit},
    },
};

/// Shown while the restore runs and after it has ended.
#[component]
pub fn Outcome(page: RestorePage, place: Place, actions: Actions) -> impl IntoView {
    let status = page.row.status;
    let active = !status.has_ended();
    let counts = page
        .counts
        .map(|counts| view! { <Counts counts noun="policies" skipped="skipped" active /> });
    let run = page.row.shadow_run.map(|run| {
        view! { <p><a class="alone" href=format!("/runs/{run}") data-run-id=run.to_string()>"View run"</a></p> }
    });
    let dry = (page.row.dry_run && !active).then(|| {
        view! { <p class="muted">"This was a dry run: nothing was changed in Microsoft 365."</p> }
    });
    let failed = page.counts.map_or(0, |counts| counts.failed);
    let not_done = page.counts.map_or(0, |counts| {
        counts.total.saturating_sub(counts.success + counts.skipped)
    });
    let again = (!active).then(|| {
        let may_start = page.may_start;
        view! { <Again place failed not_done may_start actions /> }
    });
    let shown = !active || page.counts.is_some();
    shown.then(|| {
        let failures = (page.counts.is_some() || !page.failures.is_empty())
            .then(|| view! { <RunFailures failures=page.failures active /> });
        view! {
            <section id="result" aria-labelledby="result-title">
                <h2 id="result-title">{if active { "Progress" } else { "Result" }}</h2>
                <p>{status.label()}</p>
                {counts}
                {dry}
                {run}
                {again}
            </section>
            {failures}
        }
    })
}

/// New restores of the same policies, or of those that were not restored; both begin with a preview.
#[component]
fn Again(
    place: Place,
    failed: u32,
    /// Those that failed, and those that were not reached.
    not_done: u32,
    may_start: bool,
    actions: Actions,
) -> impl IntoView {
    let retry = (not_done > 0).then(|| {
        let words = match (not_done > failed, not_done) {
            (true, 1) => "Restore the 1 that is left".to_owned(),
            (true, count) => format!("Restore the {} that are left", grouped(count)),
            (false, 1) => "Retry the 1 failed item".to_owned(),
            (false, count) => format!("Retry the {} failed items", grouped(count)),
        };
        view! { <AgainForm place=place.clone() only_failed=true words may_start actions /> }
    });
    let note = match may_start {
        true => "Each begins a new restore, with a preview first.",
        false => READ_ONLY,
    };
    view! {
        <div class="actions">
            <AgainForm place=place.clone() only_failed=false words="Run again" may_start actions />
            {retry}
            <p id="note-again" class="surface-note">{note}</p>
        </div>
    }
}

#[component]
fn AgainForm(
    place: Place,
    only_failed: bool,
    #[prop(into)] words: String,
    may_start: bool,
    actions: Actions,
) -> impl IntoView {
    view! {
        <ActionForm action=actions.again>
            <PlaceFields place />
            <input type="hidden" name="only_failed" value=only_failed.to_string() />
            <Submit words pending=actions.again.pending() disabled=!may_start note="note-again" />
        </ActionForm>
    }
}
