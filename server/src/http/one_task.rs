//! A page as one task. Left to itself, the framework spreads over threads what a page waits for, and its memos and signals
//! can't be used by two threads at once: a read that meets another thread's lock panics, and the page never comes.

use std::pin::{Pin, pin};

use any_spawner::{CustomExecutor, Executor};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream::FuturesUnordered};

use tokio::{select, sync::mpsc, task::spawn_local, task_local};

type Spawned = Pin<Box<dyn Future<Output = ()> + Send>>;

task_local! {
    /// Where the page that is being written takes what it spawns.
    static PAGE: mpsc::UnboundedSender<Spawned>;
}

/// Writes the page and does what it spawns, one step at a time. What is not done when it is written is given up.
pub(super) async fn write(request: Request, next: Next) -> Response {
    let (page, mut spawned) = mpsc::unbounded_channel();
    let writing = async {
        let mut page = pin!(whole(request, next));
        let mut tasks = FuturesUnordered::new();
        loop {
            select! {
                biased;
                page = &mut page => return page,
                Some(task) = spawned.recv() => tasks.push(task),
                Some(()) = tasks.next() => {}
            }
        }
    };
    PAGE.scope(page, writing).await
}

/// The answer with its text, as that is written with it.
async fn whole(request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(text) => Response::from_parts(parts, Body::from(text)),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Has the framework spawn into the page that is being written. Only the first executor of a process counts, so this
/// comes before the framework takes its own.
pub(super) fn install() {
    // There already where a process makes a second router.
    _ = Executor::init_custom_executor(IntoPage);
}

struct IntoPage;

impl CustomExecutor for IntoPage {
    fn spawn(&self, task: Spawned) {
        match PAGE.try_with(Clone::clone) {
            // Refused only by a page that is given up itself.
            Ok(page) => _ = page.send(task),
            // Not from within a page: the framework looks for the routes once, as the server starts.
            Err(_) => _ = tokio::spawn(task),
        }
    }

    fn spawn_local(&self, task: Pin<Box<dyn Future<Output = ()>>>) {
        spawn_local(task);
    }

    fn poll_local(&self) {}
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, AtomicUsize, Ordering},
        },
        thread,
        time::Duration,
    };

    use axum::{Router, middleware::from_fn, routing::get};
    use futures::future::join_all;
    use tokio::{sync::oneshot, time::timeout};
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn answer<F>(page: impl Fn() -> F + Clone + Send + Sync + 'static) -> Response
    where
        F: Future<Output = String> + Send + 'static,
    {
        install();
        Router::new()
            .route("/", get(page))
            .layer(from_fn(write))
            .layer(CatchPanicLayer::new())
            .oneshot(Request::new(Body::empty()))
            .await
            .expect("a router never fails")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn what_a_page_spawns_is_done_before_it_is_written_and_never_two_at_once() {
        let (busy, met) = (
            Arc::new(AtomicBool::default()),
            Arc::new(AtomicUsize::default()),
        );
        let page = {
            let met = Arc::clone(&met);
            move || {
                let (busy, met) = (Arc::clone(&busy), Arc::clone(&met));
                let step = move || {
                    if busy.swap(true, Ordering::SeqCst) {
                        met.fetch_add(1, Ordering::SeqCst);
                    }
                    thread::sleep(Duration::from_millis(1));
                    busy.store(false, Ordering::SeqCst);
                };
                async move {
                    let spawned = (0..20).map(|number| {
                        let (done, when_done) = oneshot::channel();
                        let step = step.clone();
                        Executor::spawn(async move {
                            step();
                            tokio::task::yield_now().await;
                            step();
                            _ = done.send(number);
                        });
                        when_done
                    });
                    let spawned = join_all(spawned).await;
                    let sum: u32 = spawned.into_iter().map(|done| done.unwrap_or(0)).sum();
                    sum.to_string()
                }
            }
        };
        let text = to_bytes(answer(page).await.into_body(), usize::MAX).await;
        assert_eq!(text.ok().as_deref(), Some(b"190".as_slice()));
        assert_eq!(met.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_page_that_can_not_be_written_says_so_at_once() {
        let page = || async {
            let (_done, when_done) = oneshot::channel::<()>();
            Executor::spawn(async { panic!("the view can't be made") });
            _ = when_done.await;
            String::new()
        };
        let answer = timeout(Duration::from_secs(10), answer(page)).await;
        let status = answer.map(|answer| answer.status());
        assert_eq!(status, Ok(StatusCode::INTERNAL_SERVER_ERROR));
    }
}
