//! Parts of a page that stay what they are while the page is told anew.

use std::hash::Hash;

use leptos::{
    prelude::*,
    reactive::owner::WeakOwner,
    tachys::{reactive_graph::OwnedView, view::keyed::keyed},
};

/// Keeps rows of a live page, with all that was typed, chosen or opened in them, over the page's answers.
///
/// `<For>` does not: it is a closure, and a closure within a view that is told anew is built anew, however its rows are
/// keyed.
#[derive(Clone, Copy)]
pub struct Keeper(StoredValue<WeakOwner>);

impl Keeper {
    /// To be called where the page is made, as what is made within its answer goes with that.
    pub fn here() -> Self {
        // Not the owner itself: it would own itself, and never go.
        Self(StoredValue::new(
            Owner::current().unwrap_or_default().downgrade(),
        ))
    }

    /// A row of each item. One whose key was there before is left as it is, so the key holds all that a row shows.
    pub fn rows<T, K, V>(
        self,
        items: Vec<T>,
        key: impl Fn(&T) -> K + Send + 'static,
        row: impl Fn(T) -> V + Send + 'static,
    ) -> AnyView
    where
        T: Send + 'static,
        K: Eq + Hash + 'static,
        V: IntoView + 'static,
    {
        // The server tells a page once, and waits for the resources that are read below its own owner.
        let lasting = match cfg!(feature = "ssr") {
            true => None,
            false => self.0.try_with_value(WeakOwner::upgrade).flatten(),
        };
        let lasting = lasting.or_else(Owner::current).unwrap_or_default();
        let kept = move |_, item| {
            let owner = lasting.with(Owner::new);
            let view = owner.with(|| row(item).into_view());
            (drop::<usize>, OwnedView::new_with_owner(view, owner))
        };
        keyed(items, key, kept).into_any()
    }

    /// A view that is made once for its key, and then follows only the signals that it reads itself.
    ///
    /// Resources, `Suspense` and `Transition` have to be made with the page, not in here: the server would make them in
    /// another order than the browser, which then takes one's answer for another's.
    pub fn once<K, V>(self, key: K, view: impl Fn() -> V + Send + 'static) -> AnyView
    where
        K: Clone + Eq + Hash + Send + 'static,
        V: IntoView + 'static,
    {
        self.rows(vec![()], move |()| key.clone(), move |()| view())
    }
}

/// The view of a live answer that is made once for its key and told of each later answer. Made anew, even what has not
/// changed costs a browser all its attributes, and a screen reader its place.
pub struct Following<T: 'static> {
    keeper: Keeper,
    latest: StoredValue<Option<ArcRwSignal<T>>>,
}

impl<T: Send + Sync + 'static> Following<T> {
    /// To be called where the page is made, as [`Keeper::here`].
    pub fn here() -> Self {
        Self {
            keeper: Keeper::here(),
            latest: StoredValue::new(None),
        }
    }

    /// The view, made if `key` is new. What is made in it is bound by [`Keeper::once`]'s rules.
    pub fn view<K, V>(
        self,
        key: K,
        answer: T,
        view: impl Fn(Signal<T>) -> V + Send + 'static,
    ) -> AnyView
    where
        K: Clone + Eq + Hash + Send + 'static,
        V: IntoView + 'static,
    {
        let latest = match self.latest.get_value() {
            Some(latest) => {
                latest.set(answer);
                latest
            }
            None => {
                let latest = ArcRwSignal::new(answer);
                self.latest.set_value(Some(latest.clone()));
                latest
            }
        };
        self.keeper
            .once(key, move || view(Signal::from(latest.clone())))
    }
}

impl<T> Clone for Following<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Following<T> {}

/// A part of a [`Following`] view: `view` of the answer, made anew whenever `shown`, what it shows of that, is another.
pub fn part<T, P, V>(
    answer: Signal<T>,
    shown: Signal<P>,
    view: impl Fn(&T) -> V + Send + Sync + 'static,
) -> AnyView
where
    T: Send + Sync + 'static,
    P: Send + Sync + 'static,
    V: IntoView + 'static,
{
    let made = move || answer.with_untracked(&view).into_view();
    // The server would make what is in a closure twice.
    if cfg!(feature = "ssr") {
        return made().into_any();
    }
    let again = move || {
        shown.with(|_| ());
        made()
    };
    again.into_any()
}
