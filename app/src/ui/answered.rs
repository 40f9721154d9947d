//! A page's content once its question is answered: the content, or the problem that stands in its place.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::*,
    tachys::{
        hydration::Cursor,
        view::{Position, PositionState},
    },
};

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
    let first_owner = OnceLock::new();
    let made = Made::default();
    let content = move || {
        let owner = first_owner.get_or_init(|| Owner::current().filter(|_| cfg!(feature = "ssr")));
        let (view, owner, made) = (view.clone(), owner.clone(), Arc::clone(&made));
        live.get().map(|answer| Content {
            make: move || or_problem(answer, view),
            owner,
            made,
        })
    };
    own_task(view! { <Transition fallback=loading>{content}</Transition> })
}

/// Words that the style sheet only shows when an answer takes its time.
pub fn loading() -> impl IntoView {
    view! { <p class="loading muted">"Loading …"</p> }
}

/// A view that was looked through and is yet to be written.
type Made = Arc<Mutex<Option<AnyView>>>;

/// The view of one answer. The server looks through it for what it still has to wait for, then writes the same view: the
/// framework would make all of it a second time in between, and ask each of its elements whether it waits.
struct Content<F> {
    make: F,
    /// On the server, that of what waits for the answer: what looks through the view is gone before it is written.
    owner: Option<Owner>,
    made: Made,
}

impl<F: FnOnce() -> AnyView> Content<F> {
    fn into_view(self) -> AnyView {
        let made = lock(&self.made).take();
        made.unwrap_or_else(self.make)
    }
}

fn lock(made: &Made) -> MutexGuard<'_, Option<AnyView>> {
    made.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<F: FnOnce() -> AnyView> Render for Content<F> {
    type State = <AnyView as Render>::State;

    fn build(self) -> Self::State {
        self.into_view().build()
    }

    fn rebuild(self, state: &mut Self::State) {
        self.into_view().rebuild(state);
    }
}

impl<F: FnOnce() -> AnyView> AddAnyAttr for Content<F> {
    type Output<A: Attribute> = <AnyView as AddAnyAttr>::Output<A>;

    fn add_any_attr<A: Attribute>(self, attr: A) -> Self::Output<A>
    where
        Self::Output<A>: RenderHtml,
    {
        self.into_view().add_any_attr(attr)
    }
}

impl<F: FnOnce() -> AnyView + Clone + Send + 'static> RenderHtml for Content<F> {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = AnyView::MIN_LENGTH;

    fn dry_resolve(&mut self) {
        let make = self.make.clone();
        let make = || match &self.owner {
            Some(owner) => owner.with(make),
            None => make(),
        };
        lock(&self.made).get_or_insert_with(make).dry_resolve();
    }

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.into_view()
            .to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> Self::State {
        self.into_view().hydrate::<FROM_SERVER>(cursor, position)
    }

    async fn hydrate_async(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.into_view().hydrate_async(cursor, position).await
    }

    fn into_owned(self) -> Self {
        self
    }
}
