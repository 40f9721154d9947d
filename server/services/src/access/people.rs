//! Creating people and giving them roles.

use domain::{Role, TenantId, UserId};
use secrecy::{ExposeSecret, SecretString};

use super::password;
use crate::{Db, ServiceError};

#[derive(Debug)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub password: SecretString,
}

/// Creates a person. The address must be new and look like one, the password must be long enough.
pub async fn create_user(db: &Db, user: NewUser) -> Result<UserId, ServiceError> {
    let email = user.email.trim();
    let looks_like_one = email
        .split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'));
    if !looks_like_one || email.len() > 254 {
        return Err(ServiceError::Invalid("email: not an e-mail address".into()));
    }
    if user.name.trim().is_empty() {
        return Err(ServiceError::Invalid("name: must not be empty".into()));
    }
    let hash = new_hash(user.password).await?;
    let created: Option<UserId> = sqlx::query_scalar(
        "insert into users (email, name, password_hash) values ($1, $2, $3)
         on conflict (lower(email)) do nothing returning id",
    )
    .bind(email)
    .bind(user.name.trim())
    .bind(hash)
    .fetch_optional(&db.pool)
    .await?;
    created.ok_or_else(|| ServiceError::Invalid("email: somebody has this address already".into()))
}

/// The person with this address.
pub async fn user_id_of(db: &Db, email: &str) -> Result<Option<UserId>, ServiceError> {
    Ok(
        sqlx::query_scalar("select id from users where lower(email) = lower($1)")
            .bind(email.trim())
            .fetch_optional(&db.pool)
            .await?,
    )
}

/// Replaces a password and ends all sessions of that person, in one step.
pub async fn set_password(
    db: &Db,
    user: UserId,
    new_password: SecretString,
) -> Result<(), ServiceError> {
    let hash = new_hash(new_password).await?;
    sqlx::query(
        "with changed as (update users set password_hash = $2 where id = $1 returning id)
         delete from sessions where user_id in (select id from changed)",
    )
    .bind(user)
    .bind(hash)
    .execute(&db.pool)
    .await?;
    Ok(())
}

pub(super) async fn new_hash(new_password: SecretString) -> Result<String, ServiceError> {
    if new_password.expose_secret().chars().count() < password::SHORTEST {
        let message = format!("password: use at least {} characters", password::SHORTEST);
        return Err(ServiceError::Invalid(message));
    }
    password::hash(new_password).await
}

/// The first of these tenants that does not exist.
pub async fn missing_tenant(
    db: &Db,
    tenants: impl Iterator<Item = TenantId>,
) -> Result<Option<TenantId>, ServiceError> {
    for tenant in tenants {
        let exists: bool = sqlx::query_scalar("select exists (select from tenants where id = $1)")
            .bind(tenant)
            .fetch_one(&db.pool)
            .await?;
        if !exists {
            return Ok(Some(tenant));
        }
    }
    Ok(None)
}

/// Gives a person a role on a tenant, or another one.
pub async fn grant(
    db: &Db,
    user: UserId,
    tenant: TenantId,
    role: Role,
) -> Result<(), ServiceError> {
    sqlx::query(
        "insert into memberships (user_id, tenant_id, role) values ($1, $2, $3)
         on conflict on constraint memberships_pkey do update set role = excluded.role",
    )
    .bind(user)
    .bind(tenant)
    .bind(role.as_str())
    .execute(&db.pool)
    .await?;
    Ok(())
}
