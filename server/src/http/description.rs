//! What programs may ask for, as OpenAPI. The routes themselves are those of the pages.

use axum::{http::header, response::IntoResponse};

/// `GET /openapi.json`
pub(super) async fn for_programs() -> impl IntoResponse {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, include_str!("openapi.json"))
}
