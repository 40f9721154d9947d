//! Handing a run over: a link for somebody outside, those that work already, and their end.

use domain::{
    RunId,
    views::{handovers::Handover, runs::RunDetail},
};
use leptos::{form::ActionForm, prelude::*};

use super::api::{HandOverRun, WithdrawHandover};
use crate::ui::{submit::Submit, time::At};

#[component]
pub fn RunHandover(
    detail: RunDetail,
    hand_over: ServerAction<HandOverRun>,
    withdraw: ServerAction<WithdrawHandover>,
) -> impl IntoView {
    let run = detail.run.id;
    let links: Vec<_> = detail
        .handovers
        .into_iter()
        .map(|link| view! { <Link run link withdraw /> })
        .collect();
    let links = (!links.is_empty()).then(|| view! { <ul class="lines">{links}</ul> });
    let pending = hand_over.pending();
    detail.may_start.then(|| {
        view! {
            <section aria-labelledby="handover-title">
                <h2 id="handover-title">"Hand over"</h2>
                <p class="muted">
                    "A link for somebody outside, such as the customer or Microsoft’s support: this run read-only, without \
                     people’s names, for 7 days. Its page opens; the link to it is shown that once."
                </p>
                <ActionForm action=hand_over>
                    <input type="hidden" name="run" value=run.to_string() />
                    <Submit words="Make a link" pending />
                </ActionForm>
                {links}
            </section>
        }
    })
}

#[component]
fn Link(run: RunId, link: Handover, withdraw: ServerAction<WithdrawHandover>) -> impl IntoView {
    let pending = withdraw.pending();
    view! {
        <li>
            <ActionForm action=withdraw>
                <input type="hidden" name="run" value=run.to_string() />
                <input type="hidden" name="handover" value=link.id.to_string() />
                <span>{format!("By {}, until ", link.by)} <At at=link.expires_at /> " "</span>
                <Submit words="Withdraw" pending />
            </ActionForm>
        </li>
    }
}
