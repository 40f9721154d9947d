//! The secret with which a tenant's app signs in, as an owner of the tenant replaces it.

use domain::{AuditAction, TenantId};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::SecretKey;
use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
};

/// Longer than any that Microsoft makes.
const LONGEST: usize = 512;

/// Stores a new secret, sealed with `key`. The next operation on the tenant signs in with it.
///
/// # Errors
/// `NotFound` for a tenant that the caller does not see, `Forbidden` for who does not own it and where this server was started
/// without the key, `Invalid` for what can't be a secret.
pub async fn replace_client_secret(
    caller: &Caller,
    db: &Db,
    key: Option<&SecretKey>,
    tenant: TenantId,
    secret: &SecretString,
) -> Result<(), ServiceError> {
    let event = Event::new(AuditAction::TenantSecret).on(tenant);
    let right = caller.may_replace_secret(tenant);
    audit::allowed(caller, db, event.clone(), right).await?;
    let secret = usable(secret)?;
    let key = key.ok_or_else(|| {
        let why = "This server was started without the key that seals client secrets (TENANTATLAS_SECRET_KEY_FILE).";
        ServiceError::Forbidden(why.to_owned())
    })?;
    let mut tx = db.pool.begin().await?;
    let directory_id: String =
        sqlx::query_scalar("select directory_id from tenants where id = $1 for update")
            .bind(tenant)
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(ServiceError::NotFound)?;
    let sealed = key
        .seal(&directory_id, &secret)
        .map_err(|error| ServiceError::Internal(error.to_string()))?;
    sqlx::query("update tenants set client_secret_sealed = $2 where id = $1")
        .bind(tenant)
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
    audit::done(&mut tx, caller, event).await?;
    tx.commit().await?;
    Ok(())
}

/// The secret without the space around it that comes along when it is copied.
fn usable(secret: &SecretString) -> Result<SecretString, ServiceError> {
    let text = secret.expose_secret().trim();
    let why = match text {
        "" => "must not be empty",
        _ if text.len() > LONGEST => "is too long to be one",
        _ if text
            .chars()
            .any(|one| one.is_control() || one.is_whitespace()) =>
        {
            "holds spaces or line breaks"
        }
        _ if Uuid::try_parse(text).is_ok() => "is the secret's id, not its value",
        _ => return Ok(SecretString::from(text)),
    };
    Err(ServiceError::Invalid(format!("client_secret: {why}")))
}
