//! The web server: routes, and the layers around them.

mod audit_export;
mod body;
mod client;
mod description;
mod download;
mod events;
mod headers;
mod health;
mod import;
mod links;
mod members;
mod one_task;
mod pages;
mod rbac;
mod refusal;
mod runs_export;
mod session;
mod settings;
mod site;
mod table_export;

use std::{sync::Arc, time::Duration};

use app::Assets;
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request},
    http::StatusCode,
    middleware,
    routing::{get, post},
};
use leptos::config::LeptosOptions;
use services::{Db, changes::Changes, rbac::DelegatedAccess, tenants::SecretKey};
use tokio_util::sync::CancellationToken;
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer,
    timeout::TimeoutLayer, trace::TraceLayer,
};

pub use site::Site;

/// The longest that an answer may take; event streams are not meant.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// What the routes work with.
#[derive(Clone, FromRef)]
pub struct WebState {
    pub db: Db,
    pub changes: Changes,
    pub assets: Assets,
    pub leptos: LeptosOptions,
    pub cookies: session::Cookies,
    pub delegated: DelegatedAccess,
    #[from_ref(skip)]
    pub key: Option<Arc<SecretKey>>,
    #[from_ref(skip)]
    pub public_url: Option<String>,
    #[from_ref(skip)]
    pub trusted_proxies: u8,
    pub shutdown: CancellationToken,
}

/// What the web server is made from.
pub struct Web {
    pub db: Db,
    pub changes: Changes,
    pub site: Arc<Site>,
    /// Whether browsers reach this server over https.
    pub https: bool,
    /// The origin that browsers use; without it, the one that each request names.
    pub public_url: Option<String>,
    /// How many proxies in front of this server say in `X-Forwarded-For` whom they pass on.
    pub trusted_proxies: u8,
    pub delegated: DelegatedAccess,
    /// Seals the tenants' secrets; without it none can be replaced here.
    pub key: Option<Arc<SecretKey>>,
    pub shutdown: CancellationToken,
}

/// All routes with all layers.
pub fn router(web: Web) -> Router {
    let state = WebState {
        db: web.db,
        changes: web.changes,
        assets: web.site.assets(),
        leptos: LeptosOptions::builder().output_name("tenantatlas").build(),
        cookies: session::Cookies { https: web.https },
        delegated: web.delegated,
        key: web.key,
        public_url: web.public_url,
        trusted_proxies: web.trusted_proxies,
        shutdown: web.shutdown,
    };
    one_task::install();
    let answers = pages::routes(&state)
        .route("/login", post(session::sign_in))
        .route("/logout", post(session::sign_out))
        .merge(rbac::routes())
        .merge(settings::routes())
        .merge(members::routes(&state))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            rbac::allow_sign_in_form,
        ))
        .layer(middleware::from_fn(one_task::write))
        // Pages and what their scripts ask for. Files come compressed, downloads are written as they are read.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            LONGEST_ANSWER,
        ));
    let caller = || middleware::from_fn_with_state(state.clone(), session::caller);
    // Files are large, so this body alone is read as it comes.
    let imports = Router::new()
        .route(
            "/tenants/{id}/backups/import",
            post(import::files).layer(DefaultBodyLimit::max(import::LARGEST)),
        )
        .layer(caller())
        .with_state(state.clone());
    Router::new()
        .merge(answers)
        .route("/events", get(events::events))
        // Beside the answers with a time limit, as a large archive takes as long as its reader.
        .route(
            "/tenants/{tenant}/backups/{set}/download",
            get(download::backup_set),
        )
        .route("/runs/export.csv", get(runs_export::csv))
        .route("/runs/export.json", get(runs_export::json))
        .route("/audit/export", get(audit_export::audit_log))
        .layer(caller())
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(description::for_programs))
        .with_state(state.clone())
        .merge(web.site.routes())
        .layer(middleware::from_fn(body::whole))
        .merge(imports)
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(web.https, headers::add))
        // The path alone: a query may hold a code from Microsoft's sign-in.
        .layer(
            TraceLayer::new_for_http().make_span_with(|request: &Request| {
                let path = links::without_token(request.uri().path());
                tracing::debug_span!("request", method = %request.method(), path)
            }),
        )
        .layer(CatchPanicLayer::new())
}
