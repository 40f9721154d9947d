//! A service's refusal as plain text, for addresses that are no pages.

use app::AppError;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// Its status and its words, as pages have them; what must not be shown goes to the log.
pub(super) fn refusal(error: impl Into<AppError>) -> Response {
    let error = error.into();
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, format!("{error}\n")).into_response()
}
