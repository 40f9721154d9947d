//! A restore's status and a policy's action: glyph and word.

use domain::{Outcome, RestoreStatus, Status, views::restores::RestoreAction};
use leptos::prelude::*;

use crate::ui::icons::{action_glyph, glyph};

/// Where a restore stands; coloured like the run that mirrors it.
#[component]
pub fn RestoreBadge(status: RestoreStatus) -> impl IntoView {
    let (run_status, outcome) = match (status, status.shadow()) {
        (_, Some(shadow)) => shadow,
        (RestoreStatus::PreviewQueued, None) => (Status::Running, Outcome::Pending),
        // Nothing is under way and nothing has failed.
        (_, None) => (Status::Completed, Outcome::Cancelled),
    };
    let outcome_word = status.shadow().map(|(_, outcome)| outcome.as_str());
    view! {
        <span class="state" data-status=status.as_str() data-outcome=outcome_word>
            {glyph(run_status, outcome)}
            <span class="state-word">{status.label()}</span>
        </span>
    }
}

/// What a preview says of a policy.
#[component]
pub fn ActionBadge(action: RestoreAction) -> impl IntoView {
    view! {
        <span class="action" data-action=action.as_str()>
            {action_glyph(action)}
            <span>{action.label()}</span>
        </span>
    }
}
