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
    Database(#[from] sqlx::Error),
    #[error("{0}")]
    Internal(String),
}

impl From<IdentityError> for ServiceError {
    fn from(error: IdentityError) -> Self {
        Self::Invalid(format!("inputs: {error}"))
    }
}
