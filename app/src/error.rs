//! All that a page or an API client may learn about a failure; the inner text stays in the log.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// Why there is no answer. Server functions send it as `{"error":"invalid","message":"…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", content = "message", rename_all = "snake_case")]
pub enum AppError {
    /// It does not exist, or this person must not know of it. 404.
    #[error("There is nothing here.")]
    NotFound,
    /// No session, or one that has ended. 401.
    #[error("You are not signed in.")]
    NotSignedIn,
    /// Seen but not allowed; the text says what is missing. 403.
    #[error("{0}")]
    NotAllowed(String),
    /// What was asked can't be understood; the text names the bad part. 400.
    #[error("{0}")]
    Invalid(String),
    /// The server or its database can't be reached right now. 503.
    #[error("TenantAtlas can't be reached right now.")]
    Unavailable,
    /// Our defect. 500.
    #[error("Something went wrong on our side.")]
    Internal,
}

impl AppError {
    /// The HTTP status that carries it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 400,
            Self::NotSignedIn => 401,
            Self::NotAllowed(_) => 403,
            Self::NotFound => 404,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// A part of the address or of a form that can't be used: `part` is its name there.
    pub fn invalid(part: &str, why: impl std::fmt::Display) -> Self {
        Self::Invalid(format!("{part}: {why}"))
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => {
                answer_with(Self::Invalid(format!("The request can't be read: {why}")))
            }
            // An undecodable answer comes from something between us and the server, such as a proxy's error page.
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Unavailable
            }
            _ => answer_with(Self::Internal),
        }
    }
}

/// Sets the response's status to the error's, when there is a response to set it on.
#[cfg(not(feature = "ssr"))]
fn answer_with(error: AppError) -> AppError {
    error
}

/// Sets the response's status to the error's, when there is a response to set it on.
#[cfg(feature = "ssr")]
pub(crate) fn answer_with(error: AppError) -> AppError {
    use axum::http::{Method, StatusCode, header::ACCEPT, request::Parts};
    use leptos::prelude::use_context;

    // A form sent without JavaScript is answered with a redirect; another status would show it as a bare text.
    let is_plain_form = use_context::<Parts>().is_some_and(|parts| {
        let accepts = parts
            .headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok());
        parts.method == Method::POST && accepts.is_some_and(|accepts| accepts.contains("text/html"))
    });
    if let (false, Some(response), Ok(status)) = (
        is_plain_form,
        use_context::<leptos_axum::ResponseOptions>(),
        StatusCode::from_u16(error.status()),
    ) {
        response.set_status(status);
    }
    error
}

#[cfg(feature = "ssr")]
impl From<services::ServiceError> for AppError {
    /// Logs what must not be shown and answers with the fitting status.
    fn from(error: services::ServiceError) -> Self {
        use services::ServiceError;

        answer_with(match error {
            ServiceError::NotFound => Self::NotFound,
            ServiceError::Forbidden(missing) => Self::NotAllowed(missing),
            ServiceError::Invalid(why) => Self::Invalid(why),
            ServiceError::Database(cause) => {
                tracing::error!(%cause, "the database failed under a request");
                Self::Unavailable
            }
            ServiceError::Internal(cause) => {
                tracing::error!(cause, "a request failed");
                Self::Internal
            }
        })
    }
}
