//! Whether the reader has access of their own, and the buttons that begin and end it.

use chrono::{DateTime, Utc};
use domain::views::rbac::AccessState;
use leptos::prelude::*;

use crate::ui::time::Ago;

/// The state of the reader's access in words, with what can be done about it.
#[component]
pub fn Access(
    access: AccessState,
    path: String,
    back: String,
    as_of: DateTime<Utc>,
) -> impl IntoView {
    match access {
        AccessState::NotOffered(why) => {
            view! { <p class="notice" id="access-reason">{why}</p> }.into_any()
        }
        AccessState::None => view! {
            <p id="access-reason">
                "Groups are searched with your own Microsoft account, and you are not signed in to Microsoft here."
            </p>
            <SignIn path back />
        }
        .into_any(),
        AccessState::RanOut => view! {
            <p class="notice" id="access-reason">
                "Your access to Microsoft ran out: Microsoft does not renew it. Sign in again to go on."
            </p>
            <SignIn path back />
        }
        .into_any(),
        AccessState::SignedIn { account, since } => view! {
            <p>
                "Signed in to Microsoft as "
                <strong>{account.unwrap_or_else(|| "an account without a name".to_owned())}</strong>
                ", "
                <Ago at=since as_of />
                ". It ends when you sign out of TenantAtlas, or here."
            </p>
            <form method="post" action=format!("{path}/sign-out")>
                <button type="submit">"Sign out of Microsoft"</button>
            </form>
        }
        .into_any(),
    }
}

/// A plain form: it leaves this site, so no script has a part in it.
#[component]
fn SignIn(path: String, back: String) -> impl IntoView {
    view! {
        <form method="post" action=format!("{path}/sign-in")>
            <input type="hidden" name="back" value=back />
            <button type="submit" class="primary">
                "Sign in to Microsoft"
            </button>
        </form>
    }
}
