//! The frame around every page: skip link, navigation, freshness, what runs, notifications, who is signed in.

use domain::views::notifications::{FrameSummary, MOST_UNREAD};
use leptos::{either::Either, html, prelude::*};
use leptos_router::{components::A, hooks::use_location};

use super::{
    active_runs::active_runs,
    icons,
    kept::Following,
    keys::Shortcuts,
    live::{Connection, Live, Pace, live_resource, open_stream_when, use_stream},
    number::grouped,
    time::{clock_in_words, zone_in_words},
    told::Told,
    waking::own_task,
};
use crate::notifications::api::{batch_being_read, frame, run_being_read, view_being_read};

/// Header and main part. The header is quiet for someone who is not signed in.
#[component]
pub fn Frame(signed_in: bool, shortcuts: bool, children: Children) -> impl IntoView {
    let location = use_location();
    let (path, query) = (location.pathname, location.query);
    let summary = live_resource(
        Pace::Frame,
        // The page of a run counts as reading its notifications, that of a view what was told of it, so the frame has to know it.
        move || {
            let path = path.get();
            let view = view_being_read(&path, &query.read());
            (run_being_read(&path), batch_being_read(&path), view)
        },
        |_, changed| changed.mine || changed.any_run(),
        |(run, batch, view)| frame(run, batch, view),
    );
    open_stream_when(move || matches!(summary.get(), Some(Ok(Some(_)))));

    let following = Following::here();
    let main = NodeRef::<html::Main>::new();
    #[cfg(feature = "hydrate")]
    super::copied_times::listen();
    #[cfg(feature = "hydrate")]
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        // After a navigation within the app, keyboard and screen reader go on from the new page's beginning.
        if before.is_some_and(|before| before != path)
            && let Some(main) = main.get_untracked()
        {
            let options = web_sys::FocusOptions::new();
            // Where the page stands is the router's and the browser's to say.
            options.set_prevent_scroll(true);
            _ = main.focus_with_options(&options);
        }
        path
    });

    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <header class="frame">
            <a class="brand" href="/" aria-label="TenantAtlas">
                {icons::mark()}
                <span class="brand-name">"TenantAtlas"</span>
            </a>
            <Transition>{move || navigation(following, summary)}</Transition>
        </header>
        <main id="main" tabindex="-1" node_ref=main>
            {own_task(children())}
        </main>
        {signed_in.then(|| own_task(view! {
            <footer class="foot">
                <span>
                    {move || {
                        path.track();
                        zone_in_words()
                    }}
                    " · "
                    <a href="/settings#look-title">"Change"</a>
                </span>
                <Hold />
                <a href="/settings#shortcuts-title">"Keyboard shortcuts"</a>
            </footer>
            <Transition>{move || summary.get().and_then(Result::ok).flatten().as_ref().map(active_runs)}</Transition>
            <Told summary />
            <Shortcuts wanted=shortcuts />
        }))}
    }
}

fn navigation(
    following: Following<FrameSummary>,
    summary: Live<Option<FrameSummary>>,
) -> Option<AnyView> {
    let summary = summary.get()?.ok()??;
    let who = (summary.user_name.clone(), summary.may_see_queues);
    let navigation = move |summary: Signal<FrameSummary>| {
        let first = summary.get_untracked();
        let count = Memo::new(move |_| summary.with(|summary| summary.running));
        let news = Memo::new(move |_| summary.with(|summary| (summary.unread, summary.unread_bad)));
        view! {
            <nav class="frame-nav" aria-label="Main">
                <A href="/" exact=true>"Overview"</A>
                <A href="/runs">"Runs"</A>
                <A href="/tenants">"Tenants"</A>
                {first.may_see_queues.then(|| view! { <A href="/queues">"Queues"</A> })}
                <A href="/audit">"Audit"</A>
            </nav>
            <div class="frame-side">
                <Freshness />
                <a class="frame-running" href="/runs?status=running">
                    {move || running(count.get())}
                </a>
                {move || {
                    let (unread, bad) = news.get();
                    view! { <Bell unread bad /> }
                }}
                <a class="frame-user" href="/settings">{first.user_name}</a>
                <form method="post" action="/logout">
                    <button class="quiet" type="submit">"Sign out"</button>
                </form>
            </div>
        }
    };
    Some(following.view(who, summary, navigation))
}

fn running(count: i64) -> String {
    match count {
        100.. => "100+ running".to_owned(),
        _ => format!("{count} running"),
    }
}

#[component]
fn Bell(unread: i64, bad: i64) -> impl IntoView {
    let label = match unread {
        0 => "Notifications".to_owned(),
        MOST_UNREAD.. => format!("Notifications, {}+ unread", grouped(MOST_UNREAD)),
        _ => format!("Notifications, {unread} unread"),
    };
    let label = match bad {
        0 => label,
        _ => format!("{label}, {bad} did not succeed"),
    };
    // What went well must not hide what did not.
    let (shown, is_bad) = match bad {
        0 => (unread, false),
        _ => (bad, true),
    };
    let count = match unread {
        0 => Either::Left(()),
        _ => Either::Right(view! {
            <span class="bell-count" class:bad=is_bad aria-hidden="true">
                {match shown {
                    100.. => "99+".to_owned(),
                    _ => shown.to_string(),
                }}
            </span>
        }),
    };
    view! {
        <a class="bell" href="/notifications" title=label.clone() aria-label=label data-unread=unread.to_string()>
            {icons::bell()}
            {count}
        </a>
    }
}

/// Says whether the page follows by itself. Empty until the script runs, as it would be a lie without one.
#[component]
fn Freshness() -> impl IntoView {
    let stream = use_stream();
    let connection = stream.connection;
    let name = move || match connection.get() {
        Connection::Off => "off",
        Connection::Live => "live",
        Connection::Reconnecting => "reconnecting",
    };
    let word = move || match connection.get() {
        Connection::Off => "",
        Connection::Live if stream.holds_still() => "paused",
        Connection::Live => "live",
        Connection::Reconnecting => "reconnecting",
    };
    let heard = move || {
        let heard_at = stream.heard_at.get();
        heard_at.map(|at| format!("Last answer {}", clock_in_words(at)))
    };
    view! {
        <span class="freshness" data-live=name title=heard>
            {word}
        </span>
    }
}

/// For whom a page that moves by itself is hard to read. Not there until the script runs: without it nothing moves.
#[component]
fn Hold() -> impl IntoView {
    let stream = use_stream();
    let off = move || stream.connection.get() == Connection::Off;
    view! {
        <button
            type="button"
            class="quiet hold"
            hidden=off
            aria-pressed=move || stream.is_held().to_string()
            title="Whether the page changes by itself"
            on:click=move |_| stream.hold(!untrack(|| stream.is_held()))
        >
            "Pause updates"
        </button>
    }
}
