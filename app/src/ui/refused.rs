//! Why what a form asked for was not done.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::error::AppError;

/// What the last answer of `action` refused.
pub fn refusal<Form>(action: ServerAction<Form>) -> Option<AppError>
where
    Form: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    Form::Output: Clone + Send + Sync + 'static,
{
    action.value().get().and_then(Result::err)
}

/// A line in place of which nothing stands while nothing was refused.
#[component]
pub fn Refused(error: Option<AppError>) -> impl IntoView {
    error.map(|error| view! { <p class="notice" data-answer="refused">{error.to_string()}</p> })
}
