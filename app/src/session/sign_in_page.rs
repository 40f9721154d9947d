//! `/login`: a plain form; the server itself takes what it sends.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::ui::address::given;

#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let next = untrack(move || given(&query.read(), "next")).unwrap_or_else(|| "/".to_owned());
    let refused = move || {
        let words = match given(&query.read(), "error")?.as_str() {
            "throttled" => "Too many tries. Wait a minute, then try again.",
            "credentials" => "Email or password is wrong. Check both and try again.",
            _ => "Signing in failed. Try again.",
        };
        Some(view! { <p class="answer" data-answer="refused" role="alert">{words}</p> })
    };
    view! {
        <Title text="Sign in" />
        <section class="sign-in">
            <h1>"Sign in"</h1>
            {refused}
            <form method="post" action="/login">
                <input type="hidden" name="next" value=next />
                <label class="field">
                    <span>"Email"</span>
                    <input type="email" name="email" autocomplete="username" required autofocus />
                </label>
                <label class="field">
                    <span>"Password"</span>
                    <input type="password" name="password" autocomplete="current-password" required />
                </label>
                <button class="primary" type="submit">"Sign in"</button>
            </form>
        </section>
    }
}
