//! A failure in the registry's words: what happened, who must act, what to do.

use domain::FailureGroup;
use leptos::prelude::*;

#[component]
pub fn FailureWords(failure: FailureGroup) -> impl IntoView {
    let FailureGroup { code, message, .. } = failure;
    view! {
        <strong>{code.happened()}</strong>
        " "
        <code>{code.as_str()}</code>
        <br />
        {message}
        <br />
        <strong class="actor">{format!("{}. ", code.actor().label())}</strong>
        {code.remedy()}
    }
}
