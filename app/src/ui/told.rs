//! Tells what ended while another page is looked at: in words over the page's corner, to a screen reader at once, and by
//! the browser's own notifications while the page is not in sight.
//!
//! All speak of the reader's unread notifications alone, so of runs that the reader started or follows, once each.

use domain::views::notifications::{FrameSummary, NotificationRow};
use leptos::prelude::*;

use super::live::Live;

/// How long it stands in sight; afterwards the bell still has it.
#[cfg(feature = "hydrate")]
const SHOWN_FOR: std::time::Duration = std::time::Duration::from_secs(12);

/// The live region. It says what came after the page was opened, and is empty otherwise.
#[component]
pub fn Told(summary: Live<Option<FrameSummary>>) -> impl IntoView {
    let said = RwSignal::new(None::<NotificationRow>);
    #[cfg(feature = "hydrate")]
    follow(summary, said);
    #[cfg(not(feature = "hydrate"))]
    let _ = summary;
    let line = move || {
        said.get().map(|news| {
            view! { <p>{news.sentence()} " · " <a href=news.href()>"Look at it"</a></p> }
        })
    };
    view! { <div role="status" class="told">{line}</div> }
}

#[cfg(feature = "hydrate")]
fn follow(summary: Live<Option<FrameSummary>>, said: RwSignal<Option<NotificationRow>>) {
    use domain::NotificationId;

    use super::browser_notifications::Shown;

    let shown = StoredValue::new_local(Shown::default());
    Effect::new(move |before: Option<Option<NotificationId>>| {
        let newest_before = before.flatten();
        let Some(Ok(Some(summary))) = summary.get() else {
            return newest_before;
        };
        let newest = summary.news.iter().map(|news| news.id).max();
        // What was unread when the page was opened is told by the bell.
        if before.is_some() {
            let new: Vec<_> = summary
                .news
                .iter()
                .filter(|news| Some(news.id) > newest_before)
                // A batch is told once, when all of it has ended.
                .filter(|news| news.batch.as_ref().is_none_or(|batch| batch.active == 0))
                .collect();
            match new.first() {
                Some(news) => say(said, (*news).clone()),
                // Until it is opened, here or elsewhere.
                None => clear(said, |said| {
                    summary.news.iter().all(|news| news.id != said.id)
                }),
            }
            shown.update_value(|shown| {
                shown.close_what_was_read(&summary.news);
                for news in new {
                    shown.show(news);
                }
            });
        }
        Some(newest.max(newest_before)).flatten()
    });
}

#[cfg(feature = "hydrate")]
fn say(said: RwSignal<Option<NotificationRow>>, news: NotificationRow) {
    let id = news.id;
    said.set(Some(news));
    set_timeout(move || clear(said, |said| said.id == id), SHOWN_FOR);
}

#[cfg(feature = "hydrate")]
fn clear(said: RwSignal<Option<NotificationRow>>, is_over: impl FnOnce(&NotificationRow) -> bool) {
    said.maybe_update(|said| said.take_if(|said| is_over(said)).is_some());
}
