//! The pages and their server functions, with what these find in their context.

use app::{App, shell};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::preferences::Looks;
use leptos::{
    nonce::Nonce,
    prelude::{provide_context, use_context},
};
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};
use services::{Caller, access::SessionKey};

use super::WebState;

/// Every page's route, the server functions, and the "not found" page for everything else.
pub(super) fn routes(state: &WebState) -> Router<WebState> {
    let (db, delegated) = (state.db.clone(), state.delegated.clone());
    let context = move || {
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
        let session = extension.and_then(|extensions| extensions.get::<Option<SessionKey>>());
        provide_context(session.cloned().flatten());
    };
    let assets = state.assets.clone();
    let document = move || shell(assets.clone());
    let not_found = {
        let render = render_app_async_with_context(context.clone(), document.clone());
        move |request: Request| {
            let page = render(request);
            async move { as_not_found(page.await.into_response()) }
        }
    };
    Router::new()
        .leptos_routes_with_context(state, generate_route_list(App), context, document)
        .fallback(not_found)
}

fn as_not_found(mut page: Response) -> Response {
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}
