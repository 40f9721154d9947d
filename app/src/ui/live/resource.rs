//! A resource that is asked again when something it shows has changed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::views::runs::REPORTED_EVERY;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::{Changed, use_stream};
use crate::error::AppError;

/// What a live resource holds: the latest good answer, or why there is none.
pub type LiveAnswer<T> = Result<T, AppError>;
/// A resource over a [`LiveAnswer`].
pub type Live<T> = Resource<LiveAnswer<T>>;

/// How often a live resource asks, and whether in a tab that nobody looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// What a page shows: nobody reads faster than once a second, and nobody reads a hidden tab. It catches up when it is
    /// looked at again.
    Page,
    /// What tells something from a hidden tab too: the bell, notifications.
    Frame,
    /// The one run that somebody watches, whose state is the tab's title: as often as runs report.
    Run,
}

impl Pace {
    /// The time that lies at least between two requests.
    fn rest(self) -> Duration {
        match self {
            Self::Page | Self::Frame => Duration::from_secs(1),
            Self::Run => REPORTED_EVERY,
        }
    }

    /// Whether a change is followed now.
    fn goes_on(self) -> bool {
        #[cfg(feature = "hydrate")]
        let is_hidden = !super::events::is_visible();
        #[cfg(not(feature = "hydrate"))]
        let is_hidden = false;
        self != Self::Page || !is_hidden
    }
}

/// Asks `fetch` for `question`, again whenever the question changes and whenever `concerns` says that a change touches the
/// answer: at once after a quiet time, else at the `pace`. A fleet changes without an end.
///
/// At most one request is under way; changes during it cause one more after it: that is how Leptos drives a resource.
/// While the server can't be reached, the last good answer to the same question stays.
pub fn live_resource<K, T, Fut>(
    pace: Pace,
    question: impl Fn() -> K + Clone + Send + Sync + 'static,
    concerns: impl Fn(&K, &Changed) -> bool + Send + Sync + 'static,
    fetch: impl Fn(K) -> Fut + Send + Sync + 'static,
) -> Live<T>
where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Fut: Future<Output = LiveAnswer<T>> + Send + 'static,
{
    let turn = Turn::new(0);
    let last_good = LastGood::<K, T>::default();
    let resource = Resource::new(
        {
            let question = question.clone();
            move || (question(), turn.get())
        },
        {
            let last_good = last_good.clone();
            move |(question, _)| {
                let last_good = last_good.clone();
                let asked = fetch(question.clone());
                async move { last_good.keep(question, asked.await) }
            }
        },
    );

    let first_question = untrack(question.clone());
    Effect::new(move || {
        // The answer that came with the page never passed through `fetch` in this browser.
        if let Some(answer @ Ok(_)) = resource.get_untracked() {
            last_good.keep(first_question.clone(), answer).ok();
        }
    });
    let resting = StoredValue::new(Resting::default());
    use_stream().on_change(move |change| {
        let is_due = || resting.try_update_value(Resting::changed) == Some(true);
        // What a hidden tab leaves out is asked for when it is looked at: then everything counts as changed.
        if pace.goes_on() && concerns(&untrack(question.clone()), change) && is_due() {
            ask_when_nobody_aims(turn, resting, pace.rest());
        }
    });
    resource
}

/// How often something was asked for.
type Turn = RwSignal<u64>;

/// Asks as soon as nobody is about to press something: an answer may move it away under the pointer.
fn ask_when_nobody_aims(turn: Turn, resting: StoredValue<Resting>, rest: Duration) {
    #[cfg(feature = "hydrate")]
    if super::pointer::aims() {
        let again = move || ask_when_nobody_aims(turn, resting, rest);
        return set_timeout(again, Duration::from_millis(200));
    }
    ask_then_rest(turn, resting, rest);
}

fn ask_then_rest(turn: Turn, resting: StoredValue<Resting>, rest: Duration) {
    // Gone with its page.
    turn.try_update(|turn| *turn += 1);
    let rested = move || {
        if resting.try_update_value(Resting::ended) == Some(true) {
            ask_when_nobody_aims(turn, resting, rest);
        }
    };
    set_timeout(rested, rest);
}

/// Whether something was asked for only just, and what came since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Resting {
    #[default]
    Over,
    Quiet,
    /// Something has changed that is not shown yet.
    Missing,
}

impl Resting {
    /// Something has changed: whether to ask now.
    fn changed(&mut self) -> bool {
        let over = *self == Self::Over;
        *self = if over { Self::Quiet } else { Self::Missing };
        over
    }

    /// The time is over: whether to ask for what changed during it.
    fn ended(&mut self) -> bool {
        let missing = *self == Self::Missing;
        *self = if missing { Self::Quiet } else { Self::Over };
        missing
    }
}

/// A part of a live answer, for what must not be made anew whenever the answer is: fields that somebody is filling in.
pub fn part_of<T, P>(
    live: Live<T>,
    part: impl Fn(Option<LiveAnswer<T>>) -> P + Copy + Send + Sync + 'static,
) -> impl Fn() -> P + Copy + Send + Sync + 'static
where
    T: Clone + Send + Sync + 'static,
    P: Clone + PartialEq + Send + Sync + 'static,
{
    let now = Memo::new(move |_| part(live.get()));
    // The server has to wait for the answer itself before it knows.
    move || match cfg!(feature = "ssr") {
        true => part(live.get()),
        false => now.get(),
    }
}

/// The last good answer with its question.
struct LastGood<K, T>(Arc<Mutex<Option<(K, T)>>>);

impl<K: PartialEq, T: Clone> LastGood<K, T> {
    /// Keeps a good answer; gives the kept one for an answer that did not come through.
    fn keep(&self, question: K, answer: LiveAnswer<T>) -> LiveAnswer<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (answer, kept.as_ref()) {
            (Err(AppError::Unavailable), Some((known, good))) if *known == question => {
                Ok(good.clone())
            }
            (Ok(answer), _) => {
                *kept = Some((question, answer.clone()));
                Ok(answer)
            }
            (error, _) => error,
        }
    }
}

impl<K, T> Clone for LastGood<K, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, T> Default for LastGood<K, T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_change_is_shown_at_once_and_the_last_one_is_never_lost() {
        let mut rest = Resting::default();
        assert!(rest.changed());
        assert!(!rest.changed());
        assert!(!rest.changed());
        assert!(rest.ended());
        // What was asked for late is rested from, too.
        assert!(!rest.changed());
        assert!(rest.ended());
        assert!(!rest.ended());
        assert!(rest.changed());
        assert!(!rest.ended());
        assert!(rest.changed());
    }

    #[test]
    fn a_lost_connection_keeps_the_answer_to_the_same_question_only() {
        let last_good = LastGood::default();
        assert_eq!(last_good.keep("a", Ok(1)), Ok(1));
        assert_eq!(last_good.keep("a", Err(AppError::Unavailable)), Ok(1));
        assert_eq!(
            last_good.keep("a", Err(AppError::NotFound)),
            Err(AppError::NotFound)
        );
        assert_eq!(
            last_good.keep("b", Err(AppError::Unavailable)),
            Err(AppError::Unavailable)
        );
    }
}
