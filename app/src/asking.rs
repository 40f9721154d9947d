//! Who asks and which database answers: what every server function takes from its request first.

use domain::views::runs::StartAnswer;
use leptos::prelude::use_context;
use services::{Caller, Db};

use crate::error::{AppError, answer_with};

/// The signed-in person, if there is one.
pub(crate) fn caller() -> Option<Caller> {
    use_context::<Option<Caller>>().flatten()
}

/// The signed-in person and the database.
///
/// # Errors
/// `NotSignedIn` without a session; `Internal` if the server gave no database, which is a defect.
pub(crate) fn asked() -> Result<(Caller, Db), AppError> {
    let caller = caller().ok_or_else(|| answer_with(AppError::NotSignedIn))?;
    Ok((caller, database()?))
}

/// The database alone, for what somebody who is not signed in may ask.
pub(crate) fn database() -> Result<Db, AppError> {
    use_context::<Db>().ok_or_else(|| {
        tracing::error!("a server function was called without a database in its context");
        answer_with(AppError::Internal)
    })
}

/// An id from the address; `part` names it in the answer to one that is none.
pub(crate) fn id<Id: std::str::FromStr>(text: &str, part: &str) -> Result<Id, AppError> {
    text.parse().map_err(|_| {
        let why = format!(
            "“{}” is not a number that this site gave out",
            shortened(text)
        );
        answer_with(AppError::invalid(part, why))
    })
}

/// Sends the reader to the page at `path`, which shows what a start surface answered.
pub(crate) fn answer_at(path: &str, answer: StartAnswer) -> StartAnswer {
    let word = if answer.created {
        "created"
    } else {
        "existing"
    };
    leptos_axum::redirect(&format!("{path}?run={}&answer={word}", answer.run.id));
    answer
}

/// What was given, short enough to be repeated on a page.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
