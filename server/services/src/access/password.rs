//! Passwords, kept as argon2id hashes. Hashing is slow on purpose and never runs on an async thread.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};

use crate::ServiceError;

/// Fewer characters are refused for a new password.
pub(super) const SHORTEST: usize = 12;

pub(super) async fn hash(password: SecretString) -> Result<String, ServiceError> {
    off_the_async_threads(move || {
        Argon2::default()
            .hash_password(password.expose_secret().as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| ServiceError::Internal(format!("password hashing: {error}")))
    })
    .await?
}

/// Whether the password is the one. Takes as long without a stored hash, so that nobody learns which addresses exist.
pub(super) async fn verify(
    password: SecretString,
    stored: Option<String>,
) -> Result<bool, ServiceError> {
    off_the_async_threads(move || {
        let password = password.expose_secret().as_bytes();
        match stored {
            Some(stored) => PasswordHash::new(&stored)
                .is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok()),
            None => {
                let _same_work = Argon2::default().hash_password(password);
                false
            }
        }
    })
    .await
}

async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ServiceError::Internal(format!("password hashing: {error}")))
}
