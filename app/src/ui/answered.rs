//! A page's content once its question is answered: the content, or the problem that stands in its place.

use leptos::prelude::*;

use super::{live::Live, problem::or_problem, waking::own_task};

/// Shows `view` of the answer, and of each later one. The old content stays while the page asks again.
pub fn answered<T, V>(
    live: Live<T>,
    view: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let content = move || live.get().map(|answer| or_problem(answer, &view));
    own_task(view! { <Transition fallback=loading>{content}</Transition> })
}

/// Words that the style sheet only shows when an answer takes its time.
pub fn loading() -> impl IntoView {
    view! { <p class="loading muted">"Loading …"</p> }
}
