//! What a service can answer instead of what was asked for.

use domain::identity::IdentityError;

/// Every way in which a service entry fails. Its text may be shown, but for `Database` and `Internal`, whose text is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It does not exist, or belongs to a tenant that the caller does not see.
    #[error("not found")]
    NotFound,
    /// The caller sees it but may not do this; the text says what is missing.
    #[error("{0}")]
    Forbidden(String),
    /// The input can't be used; the text names it and says why.
    #[error("{0}")]
    Invalid(String),
    /// Database trouble. The cause is for the log alone.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    #[error("{0}")]
    Internal(String),
}

impl From<sqlx::Error> for ServiceError {
    /// PostgreSQL keeps no NUL in a text or in JSON, and is not in trouble because somebody sent one.
    fn from(error: sqlx::Error) -> Self {
        let holds_nul = error
            .as_database_error()
            .and_then(|error| error.code())
            .is_some_and(|code| matches!(&*code, "22021" | "22P05"));
        match holds_nul {
            true => Self::Invalid("A text holds a character that can't be kept.".into()),
            false => Self::Database(error),
        }
    }
}

impl From<IdentityError> for ServiceError {
    fn from(error: IdentityError) -> Self {
        Self::Invalid(format!("inputs: {error}"))
    }
}
