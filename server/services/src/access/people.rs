//! Creating people and giving them roles.

use domain::{AuditAction, Role, TenantId, UserId};
use secrecy::{ExposeSecret, SecretString};

use sqlx::PgConnection;

use super::{members, password};
use crate::{
    Db, ServiceError,
    audit::{self, By, Event},
};

#[derive(Debug)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub password: SecretString,
}

/// Creates a person. The address must be new and look like one, the password must be long enough.
pub async fn create_user(db: &Db, user: NewUser) -> Result<UserId, ServiceError> {
    let user = user.checked().await?;
    let mut tx = db.pool.begin().await?;
    let id = user.insert(&mut tx).await?;
    let event = Event::new(AuditAction::PersonCreate).about("person", id.0, &user.name);
    audit::done(&mut tx, By::command(), event).await?;
    tx.commit().await?;
    Ok(id)
}

/// A person who may be created, with the password hashed: that takes long, and no transaction is to wait for it.
pub(super) struct CheckedUser {
    pub email: String,
    pub name: String,
    hash: String,
}

impl NewUser {
    pub(super) async fn checked(self) -> Result<CheckedUser, ServiceError> {
        let email = checked_address(&self.email)?.to_owned();
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
            return Err(ServiceError::Invalid("name: 1 to 200 characters".into()));
        }
        let hash = new_hash(self.password).await?;
        Ok(CheckedUser { email, name, hash })
    }
}

impl CheckedUser {
    pub(super) async fn insert(&self, tx: &mut PgConnection) -> Result<UserId, ServiceError> {
        let created: Option<UserId> = sqlx::query_scalar(
            "insert into users (email, name, password_hash) values ($1, $2, $3)
             on conflict (lower(email)) do nothing returning id",
        )
        .bind(&self.email)
        .bind(&self.name)
        .bind(&self.hash)
        .fetch_optional(tx)
        .await?;
        created
            .ok_or_else(|| ServiceError::Invalid("email: somebody has this address already".into()))
    }
}

/// An address without the spaces around it, if it looks like one.
pub(super) fn checked_address(email: &str) -> Result<&str, ServiceError> {
    let email = email.trim();
    let looks_like_one = email
        .split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'));
    if !looks_like_one || email.len() > 254 || email.contains(char::is_control) {
        return Err(ServiceError::Invalid("email: not an e-mail address".into()));
    }
    Ok(email)
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
    let mut tx = db.pool.begin().await?;
    sqlx::query(
        "with changed as (update users set password_hash = $2 where id = $1 returning id)
         delete from sessions where user_id in (select id from changed)",
    )
    .bind(user)
    .bind(hash)
    .execute(&mut *tx)
    .await?;
    let event = Event::new(AuditAction::PasswordChange).about("person", user.0, "Password");
    audit::done(&mut tx, By::command(), event).await?;
    tx.commit().await?;
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
    let mut tx = db.pool.begin().await?;
    let changed: Option<String> = sqlx::query_scalar(
        "insert into memberships as m (user_id, tenant_id, role) values ($1, $2, $3)
         on conflict on constraint memberships_pkey do update set role = excluded.role where m.role <> excluded.role
         returning (select name from users where id = $1)",
    )
    .bind(user)
    .bind(tenant)
    .bind(role.as_str())
    .fetch_optional(&mut *tx)
    .await
    .map_err(members::in_words)?;
    if let Some(name) = changed {
        let event = Event::new(AuditAction::MemberAdd).on(tenant).about(
            "person",
            user.0,
            members::as_role(&name, role),
        );
        audit::done(&mut tx, By::command(), event).await?;
    }
    tx.commit().await?;
    Ok(())
}
