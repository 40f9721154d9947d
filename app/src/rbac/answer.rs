//! What a form of the page was answered with.

use domain::views::rbac::SetupAnswer;
use leptos::prelude::*;

use super::failure::FailureWords;

#[component]
pub fn Answer(answer: SetupAnswer) -> impl IntoView {
    let (word, text) = match answer {
        SetupAnswer::Assigned { id, name } => (
            "assigned",
            view! {
                "Role assignment “" <strong>{name}</strong> "” was created in Intune. Its id is "
                <code>{id}</code> "."
            }
            .into_any(),
        ),
        SetupAnswer::NotAssigned(failure) => (
            "failed",
            view! { "Nothing was assigned. " <FailureWords failure /> }.into_any(),
        ),
        SetupAnswer::MaybeAssigned(failure) => (
            "failed",
            view! {
                "Microsoft did not answer, so the assignment may have been created all the same: look at the role's \
                 assignments in Intune before you try again. "
                <FailureWords failure />
            }
            .into_any(),
        ),
        SetupAnswer::SignInCancelled => (
            "refused",
            "The sign-in was cancelled at Microsoft's page.".into_any(),
        ),
        SetupAnswer::SignInFailed(failure) => (
            "failed",
            view! { "Microsoft did not sign you in. " <FailureWords failure /> }.into_any(),
        ),
    };
    view! {
        <p class="answer" data-answer=word>
            {text}
        </p>
    }
}

/// A callback that belongs to no sign-in of this session.
#[component]
pub fn SignInAgain() -> impl IntoView {
    view! {
        <p class="answer" data-answer="refused">
            "This sign-in was not begun in this session, was used already, or took longer than ten minutes. Sign in to \
             Microsoft again."
        </p>
    }
}
