//! The pages and their server functions, with what these find in their context.

use std::sync::{Arc, OnceLock};

use app::{App, members::answer::FormAnswer, shell, ui::live::WrittenAt};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::preferences::Looks;
use futures::future::BoxFuture;
use leptos::{
    nonce::Nonce,
    prelude::{provide_context, use_context},
};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context,
};
use services::{Caller, access::SessionKey};

use super::WebState;

/// What pages and server functions find in their context.
fn context(state: &WebState) -> impl Fn() + Clone + Send + Sync + 'static {
    let (db, delegated) = (state.db.clone(), state.delegated.clone());
    move || {
        provide_context(db.clone());
        provide_context(delegated.clone());
        let parts = use_context::<Parts>();
        let extension = parts.as_ref().map(|parts| &parts.extensions);
        if let Some(nonce) = extension.and_then(|extensions| extensions.get::<Nonce>()) {
            provide_context(nonce.clone());
        }
        let caller = extension.and_then(|extensions| extensions.get::<Option<Caller>>());
        provide_context(caller.cloned().flatten());
        if let Some(looks) = extension.and_then(|extensions| extensions.get::<Looks>()) {
            provide_context(looks.clone());
        }
        if let Some(place) = extension.and_then(|extensions| extensions.get::<WrittenAt>()) {
            provide_context(place.clone());
        }
        let session = extension.and_then(|extensions| extensions.get::<Option<SessionKey>>());
        provide_context(session.cloned().flatten());
        let answer = extension.and_then(|extensions| extensions.get::<FormAnswer>());
        provide_context(answer.cloned());
    }
}

/// Renders the page of a request, whatever its method: a form's answer may be the page with more on it.
pub(super) fn renderer(state: &WebState) -> Renderer {
    let assets = state.assets.clone();
    let render = render_app_async_with_context(context(state), move || shell(assets.clone()));
    Arc::new(move |request| {
        let page = render(request);
        Box::pin(async move { page.await.into_response() })
    })
}

pub(super) type Renderer = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// Every page's route, the server functions, and the "not found" page for everything else.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    let assets = state.assets.clone();
    let document = move || shell(assets.clone());
    let render = renderer(state);
    let not_found = move |request: Request| {
        let page = render(request);
        async move { as_not_found(page.await) }
    };
    Router::new()
        .leptos_routes_with_context(state, routes_of_pages(), context(state), document)
        .fallback(not_found)
}

/// Every page's route, looked for once a process. While the framework looks, by rendering the application, no page of
/// the same process loads anything: one that is asked for just then would wait for its data for ever.
fn routes_of_pages() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(App)).clone()
}

fn as_not_found(mut page: Response) -> Response {
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}
