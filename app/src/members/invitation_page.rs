//! `/invitations/{token}`: what accepting does, and the form that does it. Opening it changes nothing.

use domain::views::members::{InvitationOffer, InvitationReader};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    answer::FormAnswer,
    api::{form_answer, invitation},
};
use crate::{
    error::AppError,
    ui::{address::encode, problem::Problem, time::At},
};

#[component]
pub fn InvitationPage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.read().get("token").unwrap_or_default());
    // Asked once: nothing of it changes while somebody types a password.
    let offer = Resource::new(move || token.get(), invitation);
    let answer = Resource::new(move || token.get(), |_| form_answer());
    let content = move || {
        let answer = answer.get()?.unwrap_or_default();
        Some(match offer.get()? {
            Ok(offer) => view! { <Offer offer answer token=token.get_untracked() /> }.into_any(),
            Err(AppError::NotFound) => view! { <Ended /> }.into_any(),
            Err(error) => view! { <Problem error /> }.into_any(),
        })
    };
    view! { <Transition>{content}</Transition> }
}

/// Expired, used, revoked, or never made: which one is nobody's business who only has the link.
#[component]
fn Ended() -> impl IntoView {
    view! {
        <section class="problem" data-problem="404">
            <Title text="Invitation" />
            <h1>"This invitation is not good any more"</h1>
            <p>
                "It was used, revoked, replaced by a newer one, or older than seven days. Ask whoever invited you for another."
            </p>
            <a class="button" href="/">"Overview"</a>
        </section>
    }
}

#[component]
fn Offer(offer: InvitationOffer, answer: FormAnswer, token: String) -> impl IntoView {
    let path = format!("/invitations/{token}");
    let role = offer.role.label();
    let problem = answer.problem.map(
        |problem| view! { <p class="answer" data-answer="refused" role="alert">{problem}</p> },
    );
    let form = match offer.reader {
        InvitationReader::Invited { name } => view! {
            <p>{format!("You are signed in as {name}.")}</p>
            <form method="post" action=path>
                <button class="primary" type="submit">"Accept"</button>
            </form>
        }
        .into_any(),
        InvitationReader::SomebodyElse { name } => view! {
            <p class="notice">
                {format!(
                    "You are signed in as {name}, whose address is another. Sign out, then open the link again as the invited person.",
                )}
            </p>
        }
        .into_any(),
        InvitationReader::Stranger => {
            let sign_in = format!("/login?next={}", encode(&path));
            view! {
                <p>
                    "You have an account already? "
                    <a rel="external" href=sign_in>"Sign in to accept"</a>
                </p>
                <h2>"Create your account"</h2>
                <form method="post" action=path>
                    <label class="field">
                        <span>"Email"</span>
                        <input
                            type="email"
                            name="email"
                            autocomplete="username"
                            required
                            aria-describedby="invited-address"
                        />
                    </label>
                    <p id="invited-address" class="muted">{format!("The invited address: {}", offer.address)}</p>
                    <label class="field">
                        <span>"Name"</span>
                        <input type="text" name="name" autocomplete="name" required maxlength="200" value=answer.name />
                    </label>
                    <label class="field">
                        <span>"Password, at least 12 characters"</span>
                        <input type="password" name="password" autocomplete="new-password" required minlength="12" />
                    </label>
                    <button class="primary" type="submit">"Create account and accept"</button>
                </form>
            }
            .into_any()
        }
    };
    view! {
        <Title text="Invitation" />
        <section class="sign-in">
            <h1>{format!("Invitation to {}", offer.tenant_name)}</h1>
            <p>
                {format!("{} invites you to look after {} with the role {role}. The invitation ends ", offer.invited_by, offer.tenant_name)}
                <At at=offer.expires_at /> "."
            </p>
            {problem}
            {form}
        </section>
    }
}
