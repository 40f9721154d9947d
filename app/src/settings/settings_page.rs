//! `/settings`: a person's own name, look, notifications, password and sessions. Plain forms; each answers with a new page.

use domain::{
    preferences::{NotifyAbout, RunColumns},
    views::settings::Settings,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    api::settings, browser_notifications::BrowserNotifications, choices::Choices, look::LookForm,
    sessions::Sessions,
};
use crate::ui::{address::given, answered::answered};

#[component]
pub fn SettingsPage() -> impl IntoView {
    let page = Resource::new(|| (), |()| settings());
    view! {
        <Title text="Settings" />
        {answered(page, |page| view! { <Shown page /> })}
    }
}

#[component]
fn Shown(page: Settings) -> impl IntoView {
    let told = NotifyAbout::ALL
        .iter()
        .map(|one| {
            (
                one.as_str(),
                one.label(),
                *one == page.preferences.notify_about,
            )
        })
        .collect();
    let columns = page.preferences.run_columns.clone();
    view! {
        <h1>"Settings"</h1>
        <p class="since">"Yours alone, in every browser that you sign in with. You are " {page.email} "."</p>
        <Answer />
        <section aria-labelledby="look-title">
            <h2 id="look-title">"Look, times and keys"</h2>
            <LookForm chosen=page.preferences />
        </section>
        <section aria-labelledby="columns-title">
            <h2 id="columns-title">"Runs list"</h2>
            <Columns columns />
        </section>
        <section aria-labelledby="notifications-title">
            <h2 id="notifications-title">"Notifications"</h2>
            <form method="post" action="/settings/notifications" class="sheet">
                <Choices legend="About runs that you start, follow, or are told of by a saved view" name="notify_about" choices=told />
                <button type="submit">"Save notifications"</button>
            </form>
            <BrowserNotifications />
        </section>
        <section aria-labelledby="name-title">
            <h2 id="name-title">"Name"</h2>
            <form method="post" action="/settings/name" class="sheet">
                <label class="field">
                    <span>"Your name"</span>
                    <input name="name" value=page.name maxlength="100" required autocomplete="name" />
                </label>
                <button type="submit">"Save name"</button>
            </form>
        </section>
        <section aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <form method="post" action="/settings/password" class="sheet">
                <label class="field">
                    <span>"Current password"</span>
                    <input type="password" name="current" required autocomplete="current-password" />
                </label>
                <label class="field">
                    <span>"New password, at least 12 characters"</span>
                    <input type="password" name="new" required minlength="12" autocomplete="new-password" />
                </label>
                <p class="muted">"Changing it signs you out everywhere else."</p>
                <button type="submit">"Change password"</button>
            </form>
        </section>
        <section aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Where you are signed in"</h2>
            <Sessions rows=page.sessions as_of=page.as_of />
        </section>
    }
}

/// Which columns the runs list has, and their order; moving one saves the ticks too.
#[component]
fn Columns(columns: RunColumns) -> impl IntoView {
    let last = columns.order().len() - 1;
    let rows: Vec<_> = columns
        .order()
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let (word, label) = (column.as_str(), column.label());
            view! {
                <li>
                    <input type="hidden" name="order" value=word />
                    <label class="check">
                        <input type="checkbox" name="shown" value=word checked=columns.shows(*column) />
                        {label}
                    </label>
                    <button class="quiet" name="earlier" value=word disabled=place == 0 aria-label=format!("Move {label} before")>"↑"</button>
                    <button class="quiet" name="later" value=word disabled=place == last aria-label=format!("Move {label} behind")>"↓"</button>
                </li>
            }
        })
        .collect();
    view! {
        <form method="post" action="/settings/columns" class="sheet">
            <fieldset class="choices">
                <legend>"Columns beside state and operation, in their order"</legend>
                // The first button is what Enter presses.
                <button class="unseen" tabindex="-1" aria-hidden="true">"Save columns"</button>
                <ol class="columns-in-order">{rows}</ol>
            </fieldset>
            <button type="submit">"Save columns"</button>
        </form>
    }
}

/// What the last form came to, as the address says it.
#[component]
fn Answer() -> impl IntoView {
    let query = use_query_map();
    let words = move || {
        let query = query.read();
        if let Some(part) = given(&query, "saved") {
            let words = match part.as_str() {
                "look" => "Saved. Every page looks like this from now on.",
                "notifications" => "Saved. It holds for what happens from now on.",
                "columns" => "Saved. The runs list has these columns from now on.",
                "name" => "Saved. Runs keep the name under which they were started.",
                "password" => "Password changed. You are signed out everywhere else.",
                "sessions" => "You are signed out everywhere else.",
                _ => return None,
            };
            return Some(view! { <p class="answer" data-answer="saved">{words}</p> }.into_any());
        }
        let words = match given(&query, "refused")?.as_str() {
            "own_zone" => {
                "Your own time zone is missing or is none: use a name such as Europe/Berlin."
            }
            "name" => "A name is one line of 1 to 100 characters.",
            "current" => "The current password is another. The password was not changed.",
            "password" => "The new password is too short: use at least 12 characters.",
            "throttled" => "Too many wrong passwords. Wait a quarter of an hour, then try again.",
            _ => "That can't be used.",
        };
        Some(view! { <p class="answer" data-answer="refused">"Not saved. " {words}</p> }.into_any())
    };
    view! { <div role="status">{words}</div> }
}
