//! Request bodies: read whole, within a size and a time, before anything looks at them.
//!
//! A limit that only wraps the body is met in the middle of a form's parser, which then answers with its own status;
//! read here, an oversized body is 413 for every route, whether it announced its length or came in chunks.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::LengthLimitError;

/// The largest body that a request may have.
const LARGEST: usize = 256 * 1024;
/// The longest that a body may take to arrive.
const LONGEST: Duration = Duration::from_secs(30);

/// Hands the request on with its body in memory, or answers 413, 408 or 400.
pub(super) async fn whole(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(LONGEST, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Ok(Err(error)) => unreadable(&error),
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "The body took too long.\n").into_response(),
    }
}

fn unreadable(error: &axum::Error) -> Response {
    let too_large = std::error::Error::source(error)
        .is_some_and(|source| source.downcast_ref::<LengthLimitError>().is_some());
    if too_large {
        let text = format!("The body is larger than {} KiB.\n", LARGEST / 1024);
        return (StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
    }
    (StatusCode::BAD_REQUEST, "The body can't be read.\n").into_response()
}
