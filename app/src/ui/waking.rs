//! Waking up in steps: hydrating a long page at once keeps the browser from painting and from answering a key, so its large
//! parts wake up in tasks of their own.

use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::*,
    tachys::{
        hydration::Cursor,
        ssr::StreamBuilder,
        view::{Position, PositionState},
    },
};

/// `view`, which wakes up in a task of its own. On the server, and where the browser makes it anew, it is just the view.
///
/// A trap: effects of what stands before it may run first. What such an effect sets must not decide what `view` consists of.
pub fn own_task(view: impl IntoView + 'static) -> OwnTask {
    OwnTask(view.into_any())
}

pub struct OwnTask(AnyView);

impl Render for OwnTask {
    type State = <AnyView as Render>::State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        self.0.rebuild(state);
    }
}

impl AddAnyAttr for OwnTask {
    type Output<A: Attribute> = <AnyView as AddAnyAttr>::Output<A>;

    fn add_any_attr<A: Attribute>(self, attr: A) -> Self::Output<A>
    where
        Self::Output<A>: RenderHtml,
    {
        self.0.add_any_attr(attr)
    }
}

impl RenderHtml for OwnTask {
    type AsyncOutput = AnyView;
    type Owned = Self;

    const MIN_LENGTH: usize = AnyView::MIN_LENGTH;

    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    async fn resolve(self) -> AnyView {
        self.0.resolve().await
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0
            .to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_async_with_buf::<OUT_OF_ORDER>(
            buf,
            position,
            escape,
            mark_branches,
            extra_attrs,
        );
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> Self::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    async fn hydrate_async(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        #[cfg(feature = "hydrate")]
        browser::next_task().await;
        self.0.hydrate_async(cursor, position).await
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// Whether all of the page has woken up. Until then nothing may change what the server wrote, as the rest still has to be
/// found as it was written.
pub fn is_awake() -> bool {
    #[cfg(feature = "hydrate")]
    return browser::AWAKE.get();
    #[cfg(not(feature = "hydrate"))]
    false
}

#[cfg(feature = "hydrate")]
pub(crate) mod browser {
    use std::sync::LazyLock;

    use js_sys::Promise;
    use leptos::{
        mount::hydrate_from_async,
        prelude::*,
        tachys::dom::{body, window},
    };
    use wasm_bindgen_futures::{JsFuture, spawn_local};

    pub(super) static AWAKE: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

    /// Wakes up `app` in the document's body.
    pub fn wake_up<V: IntoView + 'static>(app: fn() -> V) {
        spawn_local(async move {
            hydrate_from_async(body(), app).await.forget();
            AWAKE.set(true);
        });
    }

    pub(super) async fn next_task() {
        let task = Promise::new(&mut |resolve, _| {
            _ = window().set_timeout_with_callback(&resolve);
        });
        // It is only ever resolved.
        _ = JsFuture::from(task).await;
    }
}
