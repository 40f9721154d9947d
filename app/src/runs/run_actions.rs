//! What can be done about a run: its work again, only what failed of it, or being told of its end.

use domain::{
    OperationType, RunId,
    views::runs::{Followers, RunDetail},
};
use leptos::{form::ActionForm, prelude::*};

use super::api::{FollowRun, HandOverRun, RetryFailedItems, RunAgain, WithdrawHandover};
use crate::{
    backups::start::to_change,
    ui::{
        number::grouped,
        submit::{READ_ONLY, Submit},
    },
};

/// The page's forms, as they are to survive that the page is told anew.
#[derive(Clone, Copy)]
pub struct RunActions {
    pub again: ServerAction<RunAgain>,
    pub retry: ServerAction<RetryFailedItems>,
    pub follow: ServerAction<FollowRun>,
    pub hand_over: ServerAction<HandOverRun>,
    pub withdraw: ServerAction<WithdrawHandover>,
}

impl RunActions {
    pub(super) fn new() -> Self {
        Self {
            again: ServerAction::new(),
            retry: ServerAction::new(),
            follow: ServerAction::new(),
            hand_over: ServerAction::new(),
            withdraw: ServerAction::new(),
        }
    }

    /// Why the last press had no effect.
    pub fn refused(self) -> Option<crate::AppError> {
        let again = self.again.value().get().and_then(Result::err);
        let retry = self.retry.value().get().and_then(Result::err);
        let follow = self.follow.value().get().and_then(Result::err);
        let hand_over = self.hand_over.value().get().and_then(Result::err);
        let withdraw = self.withdraw.value().get().and_then(Result::err);
        again.or(retry).or(follow).or(hand_over).or(withdraw)
    }
}

/// The buttons that fit the run's state; each says why it is disabled.
#[component]
pub fn RunButtons(detail: RunDetail, actions: RunActions) -> impl IntoView {
    let run = detail.run.clone();
    let Ok(operation) = run.operation_type.parse::<OperationType>() else {
        return ().into_any();
    };
    if run.state.status().is_active() {
        let followed = (!run.mine).then(|| {
            view! { <Follow run=run.id followers=detail.followers.clone() follow=actions.follow /> }
        });
        return view! { <div class="run-actions">{followed}</div> }.into_any();
    }
    let failed = run.items_to_retry();
    let retry = (failed > 0).then(|| {
        let words = retry_in_words(operation, failed, &detail.failed_kinds);
        let pending = actions.retry.pending();
        view! {
            <ActionForm action=actions.retry>
                <Press run=run.id words may_start=detail.may_start pending />
            </ActionForm>
        }
    });
    let again = operation.repeats_at_once().then(|| {
        let pending = actions.again.pending();
        view! {
            <ActionForm action=actions.again>
                <Press run=run.id words="Run again" may_start=detail.may_start pending />
            </ActionForm>
        }
    });
    let other = (detail.may_start && operation == OperationType::BackupSetCapture)
        .then(|| to_change(run.tenant_id, &detail.inputs["selection"]))
        .flatten()
        .map(|form| view! { <a class="button" href=form>"Change and run again"</a> });
    let offered = retry.is_some() || again.is_some();
    let why_not =
        (offered && !detail.may_start).then(|| view! { <p class="surface-note">{READ_ONLY}</p> });
    view! { <div class="run-actions">{retry} {again} {other} {why_not}</div> }.into_any()
}

/// What a retry does: a sync reads whole kinds again, the others do only the items that failed.
fn retry_in_words(operation: OperationType, failed: u32, failed_kinds: &[String]) -> String {
    match (operation, failed, failed_kinds) {
        (OperationType::InventorySync, _, [only]) => format!("Sync {only} again"),
        (OperationType::InventorySync, _, [_, _, ..]) => {
            format!("Sync the {} kinds with failures again", failed_kinds.len())
        }
        (OperationType::InventorySync, _, []) => "Sync the kinds with failures again".to_owned(),
        (_, 1, _) => "Retry the 1 failed item".to_owned(),
        _ => format!("Retry the {} failed items", grouped(failed)),
    }
}

/// The run's number and the button of a form about it.
#[component]
fn Press(
    run: RunId,
    #[prop(into)] words: String,
    may_start: bool,
    #[prop(into)] pending: Signal<bool>,
) -> impl IntoView {
    let disabled = !may_start;
    view! {
        <input type="hidden" name="run" value=run.to_string() />
        <Submit words pending disabled />
    }
}

/// "Notify me too", or that the reader will be told; and its opposite.
#[component]
pub fn Follow(run: RunId, followers: Followers, follow: ServerAction<FollowRun>) -> impl IntoView {
    let (words, told) = match followers.reader {
        true => ("Don’t notify me", Some("You will be told when it ends.")),
        false => ("Notify me too", None),
    };
    view! {
        <ActionForm action=follow>
            <input type="hidden" name="run" value=run.to_string() />
            <input type="hidden" name="told" value=(!followers.reader).to_string() />
            {told.map(|told| view! { <span class="muted">{told}</span> " " })}
            <button type="submit" class="quiet">{words}</button>
        </ActionForm>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_says_whether_it_does_items_or_whole_kinds_again() {
        let words = retry_in_words;
        let sync = OperationType::InventorySync;
        let kinds = ["Platform scripts", "Compliance policies"].map(str::to_owned);
        assert_eq!(words(sync, 9, &kinds[..1]), "Sync Platform scripts again");
        assert_eq!(
            words(sync, 9, &kinds),
            "Sync the 2 kinds with failures again"
        );
        assert_eq!(words(sync, 9, &[]), "Sync the kinds with failures again");
        let capture = OperationType::BackupSetCapture;
        assert_eq!(words(capture, 1, &kinds), "Retry the 1 failed item");
        assert_eq!(words(capture, 12, &[]), "Retry the 12 failed items");
    }
}
