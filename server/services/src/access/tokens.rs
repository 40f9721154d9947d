//! Tokens for programs: sent as `Authorization: Bearer …`, with the rights of the person they belong to.

use std::time::Duration;

use domain::{AuditAction, Means, UserId};

use super::{
    Caller,
    sign_in::{RoleRow, caller_of, new_token, token_hash},
};
use crate::{
    Db, ServiceError,
    audit::{self, By, Event},
};

/// Creates a token for a person. It is shown once; only its hash is stored.
pub async fn create_token(
    db: &Db,
    user: UserId,
    name: &str,
    lifetime: Duration,
) -> Result<String, ServiceError> {
    let token = format!("ta_{}", new_token());
    let mut tx = db.pool.begin().await?;
    sqlx::query(
        "insert into api_tokens (token_hash, user_id, name, expires_at)
         values ($1, $2, $3, now() + make_interval(secs => $4))",
    )
    .bind(token_hash(&token))
    .bind(user)
    .bind(name)
    .bind(lifetime.as_secs_f64())
    .execute(&mut *tx)
    .await?;
    let event = Event::new(AuditAction::TokenCreate).about("person", user.0, name);
    audit::done(&mut tx, By::command(), event).await?;
    tx.commit().await?;
    Ok(token)
}

/// Who a token belongs to; none if it is unknown or has ended.
pub async fn by_token(db: &Db, token: &str) -> Result<Option<Caller>, ServiceError> {
    let rows: Vec<RoleRow> = sqlx::query_as(
        "select u.id, u.name, m.tenant_id, m.role
         from api_tokens a join users u on u.id = a.user_id left join memberships m on m.user_id = u.id
         where a.token_hash = $1 and a.expires_at > now()",
    )
    .bind(token_hash(token))
    .fetch_all(&db.pool)
    .await?;
    Ok(caller_of(rows, Means::Token))
}
