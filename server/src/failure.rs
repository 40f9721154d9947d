//! Why the program does not start or go on: one clear line, and the exit status.

use std::process::ExitCode;

/// A failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A setting is wrong or missing.
    #[error("{0}")]
    Setting(String),
    /// The settings are right, but the world is not.
    #[error("{0}")]
    Failed(String),
}

impl CommandError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Setting(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::from(1),
        }
    }
}

impl From<services::db::DbError> for CommandError {
    fn from(error: services::db::DbError) -> Self {
        match error {
            services::db::DbError::BadUrl => Self::Setting(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<services::ServiceError> for CommandError {
    fn from(error: services::ServiceError) -> Self {
        match error {
            services::ServiceError::Invalid(message) => Self::Setting(message),
            services::ServiceError::Database(cause) => Self::Failed(domain::sanitize::message(
                &format!("the database failed: {cause}"),
            )),
            other => Self::Failed(other.to_string()),
        }
    }
}
