//! `/notifications`: what became of the runs that the reader started, follows, or is told of by a saved view.

use chrono::{DateTime, Utc};
use domain::views::notifications::{
    MOST_UNREAD, NotificationRow, NotificationsPage as Notifications,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::api::{MarkAllRead, MarkLineRead, notification_list};
use crate::ui::{
    address::{given, with_query},
    answered::answered,
    empty::Empty,
    live::{Pace, live_resource},
    number::grouped,
    pager::Pager,
    time::Ago,
};

#[component]
pub fn NotificationsPage() -> impl IntoView {
    let query = use_query_map();
    let cursor = Memo::new(move |_| given(&query.read(), "cursor"));
    let mark_all_read = ServerAction::<MarkAllRead>::new();
    let mark_line = ServerAction::<MarkLineRead>::new();
    let written = move || (mark_all_read.version().get(), mark_line.version().get());
    let list = live_resource(
        Pace::Page,
        move || (cursor.get(), written()),
        |_, changed| changed.mine,
        |(cursor, _)| notification_list(cursor),
    );
    view! {
        <Title text="Notifications" />
        {answered(list, move |page| {
            let cursor = cursor.get_untracked();
            view! { <List page cursor mark_all_read mark_line /> }
        })}
    }
}

#[component]
fn List(
    page: Notifications,
    #[prop(optional_no_strip)] cursor: Option<String>,
    mark_all_read: ServerAction<MarkAllRead>,
    mark_line: ServerAction<MarkLineRead>,
) -> impl IntoView {
    if page.rows.is_empty() {
        return view! {
            <h1>"Notifications"</h1>
            <Empty title="No notifications yet">
                <p>"When you start an operation, you are told here that it was queued and how it ended."</p>
                <p><a class="button" href="/tenants">"Go to the tenants"</a></p>
            </Empty>
        }
        .into_any();
    }
    let as_of = page.as_of;
    let rows: Vec<_> = page
        .rows
        .into_iter()
        .map(|row| view! { <Row row cursor=cursor.clone() as_of mark_line /> })
        .collect();
    let unread = match page.unread {
        MOST_UNREAD.. => format!("{}+ unread", grouped(MOST_UNREAD)),
        unread => format!("{unread} unread"),
    };
    let older = page.older.map(|cursor| {
        (
            "Older →",
            with_query("/notifications", &[("cursor", Some(cursor))]),
        )
    });
    view! {
        <div class="headline">
            <h1>"Notifications"</h1>
            <p class="muted">{unread}</p>
            <ActionForm action=mark_all_read>
                <button type="submit">"Mark all read"</button>
            </ActionForm>
            <a href="/settings#notifications-title">"What you are told"</a>
        </div>
        <ul class="notifications">{rows}</ul>
        <Pager note="Newest first" as_of newer=None older />
    }
    .into_any()
}

#[component]
fn Row(
    row: NotificationRow,
    #[prop(optional_no_strip)] cursor: Option<String>,
    as_of: DateTime<Utc>,
    mark_line: ServerAction<MarkLineRead>,
) -> impl IntoView {
    let sentence = row.sentence();
    let run = row.run_id;
    let is_one_run = row.batch.is_none() && row.digest.is_none();
    let mark = (!row.read).then(|| {
        let batch = row.batch.as_ref().map(|batch| batch.id.clone());
        let digest = row.digest.as_ref().map(|digest| digest.id.clone());
        let label = format!("Mark read: {sentence}");
        view! {
            <ActionForm action=mark_line>
                <input type="hidden" name="run" value=run.to_string() />
                {batch.map(|batch| view! { <input type="hidden" name="batch" value=batch /> })}
                {digest.map(|digest| view! { <input type="hidden" name="digest" value=digest /> })}
                {cursor.map(|cursor| view! { <input type="hidden" name="cursor" value=cursor /> })}
                <button type="submit" class="quiet" aria-label=label>"Mark read"</button>
            </ActionForm>
        }
    });
    view! {
        <li data-run-id=is_one_run.then(|| row.run_id.to_string()) data-read=row.read.to_string()>
            <a href=row.href()>{sentence}</a>
            <div>
                <span class="muted">{if row.read { "" } else { "unread · " }} <Ago at=row.created_at as_of /></span>
                {mark}
            </div>
        </li>
    }
}
