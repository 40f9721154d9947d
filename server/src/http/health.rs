//! Whether the process is alive, and whether it can do its work.

use axum::{extract::State, http::StatusCode};
use services::Db;

pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// Database, migrations and queue.
pub(super) async fn ready(State(db): State<Db>) -> (StatusCode, &'static str) {
    match db.is_ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}
