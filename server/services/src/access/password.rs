//! Passwords, kept as argon2id hashes. Hashing is slow on purpose and never runs on an async thread.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::ServiceError;

/// Fewer characters are refused for a new password.
pub(super) const SHORTEST: usize = 12;

/// Each takes a processor and some 20 MB of memory, and whoever may send the sign-in form may ask for it.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// The right to hash or check one password now.
pub(super) struct Turn(SemaphorePermit<'static>);

/// Waits until few enough passwords are being hashed.
pub(super) async fn turn() -> Result<Turn, ServiceError> {
    let permit = AT_ONCE.acquire().await;
    permit.map(Turn).map_err(in_words)
}

pub(super) async fn hash(password: SecretString) -> Result<String, ServiceError> {
    off_the_async_threads(turn().await?, move || {
        Argon2::default()
            .hash_password(password.expose_secret().as_bytes())
            .map(|hash| hash.to_string())
            .map_err(in_words)
    })
    .await?
}

/// Whether the password is the one. Takes as long without a stored hash, so that nobody learns which addresses exist.
pub(super) async fn verify(
    turn: Turn,
    password: SecretString,
    stored: Option<String>,
) -> Result<bool, ServiceError> {
    off_the_async_threads(turn, move || {
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
    turn: Turn,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ServiceError> {
    let in_turn = move || {
        let done = work();
        // Here, and not where it is waited for: the work goes on when nobody waits any more.
        drop(turn.0);
        done
    };
    tokio::task::spawn_blocking(in_turn).await.map_err(in_words)
}

fn in_words(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(format!("password hashing: {error}"))
}
