//! `/notifications`: what became of the runs that the reader started.

use chrono::{DateTime, Utc};
use domain::views::notifications::{
    MOST_UNREAD, NotificationRow, NotificationsPage as Notifications,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::api::{MarkAllRead, notification_list};
use crate::ui::{
    address::{given, with_query},
    answered::answered,
    empty::Empty,
    live::live_resource,
    number::grouped,
    pager::Pager,
    time::Ago,
};

#[component]
pub fn NotificationsPage() -> impl IntoView {
    let query = use_query_map();
    let cursor = Memo::new(move |_| given(&query.read(), "cursor"));
    let mark_all_read = ServerAction::<MarkAllRead>::new();
    let list = live_resource(
        move || (cursor.get(), mark_all_read.version().get()),
        |_, changed| changed.mine,
        |(cursor, _)| notification_list(cursor),
    );
    view! {
        <Title text="Notifications" />
        {answered(list, move |page| view! { <List page mark_all_read /> })}
    }
}

#[component]
fn List(page: Notifications, mark_all_read: ServerAction<MarkAllRead>) -> impl IntoView {
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
        .map(|row| view! { <Row row as_of /> })
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
fn Row(row: NotificationRow, as_of: DateTime<Utc>) -> impl IntoView {
    let sentence = row.sentence();
    view! {
        <li data-run-id=row.batch.is_none().then(|| row.run_id.to_string()) data-read=row.read.to_string()>
            <a href=row.href()>{sentence}</a>
            <span class="muted">{if row.read { "" } else { "unread · " }} <Ago at=row.created_at as_of /></span>
        </li>
    }
}
