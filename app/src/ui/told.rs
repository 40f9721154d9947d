//! Tells what ended: to a screen reader at once, and by the browser's own notifications while the page is not in sight.
//!
//! Both speak of the reader's unread notifications alone, so of runs that the reader started or follows, once each.

use domain::views::notifications::FrameSummary;
use leptos::prelude::*;

use super::live::Live;

/// The live region. It says what came after the page was opened, and is empty otherwise.
#[component]
pub fn Told(summary: Live<Option<FrameSummary>>) -> impl IntoView {
    let said = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    follow(summary, said);
    #[cfg(not(feature = "hydrate"))]
    let _ = summary;
    view! { <p role="status" class="unseen">{said}</p> }
}

#[cfg(feature = "hydrate")]
fn follow(summary: Live<Option<FrameSummary>>, said: RwSignal<String>) {
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
            if let Some(first) = new.first() {
                said.set(first.sentence());
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
