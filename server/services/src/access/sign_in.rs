//! Signing in and out, and who a session belongs to.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{AuditAction, Means, Role, Roles, TenantId, UserId};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{Caller, Origin, password};
use crate::{
    Db, ServiceError,
    audit::{self, By, Event},
};

/// How long a session lasts.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// So many failures within a quarter of an hour close an address for that time.
const MOST_FAILURES: i64 = 10;

/// What came of an attempt to sign in.
#[derive(Debug)]
pub enum SignIn {
    /// The session's token, for the cookie; only its hash is stored.
    Welcome(String),
    /// Address or password is wrong; which one is not told.
    Refused,
    /// Too many failures for this address; wait a quarter of an hour.
    Throttled,
}

/// A random token of 256 bits, as text for a cookie or a header.
pub(crate) fn new_token() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// [`sign_in_from`] the server itself.
pub async fn sign_in(db: &Db, email: &str, secret: SecretString) -> Result<SignIn, ServiceError> {
    sign_in_from(db, &Origin::default(), email, secret).await
}

/// Begins a session. What was typed is kept nowhere when it is refused: people mistype passwords into that field.
pub async fn sign_in_from(
    db: &Db,
    origin: &Origin,
    email: &str,
    secret: SecretString,
) -> Result<SignIn, ServiceError> {
    // Leaves no event, so that nobody fills the log by going on: ten in a quarter of an hour tell it.
    if failed_lately(db, email).await? {
        return Ok(SignIn::Throttled);
    }
    let known = known(db, email).await?;
    let stored = known.as_ref().map(|(.., stored)| stored.clone());
    let turn = password::turn().await?;
    let Some(attempt) = Attempt::begin(db, email).await? else {
        return Ok(SignIn::Throttled);
    };
    let accepted = password::verify(turn, secret, stored).await?;
    let (user, name) = match known {
        Some((user, name, _)) if accepted => (user, name),
        known => {
            let mut event = Event::new(AuditAction::SignInRefused);
            if let Some((user, name, _)) = known {
                event = event.about("person", user.0, name);
            }
            let reason = "Email or password was wrong.";
            audit::refused(db, By::stranger(origin), event, reason).await?;
            return Ok(SignIn::Refused);
        }
    };
    attempt.was_right(db).await?;
    let mut tx = db.pool.begin().await?;
    let token = begin_session(&mut tx, user).await?;
    audit::done(
        &mut tx,
        By {
            user: Some(user),
            name,
            origin: origin.clone(),
        },
        Event::new(AuditAction::SignIn),
    )
    .await?;
    tx.commit().await?;
    Ok(SignIn::Welcome(token))
}

/// Whether somebody has this password, without beginning anything.
pub async fn password_fits(
    db: &Db,
    email: &str,
    secret: SecretString,
) -> Result<bool, ServiceError> {
    let stored = known(db, email).await?.map(|(.., stored)| stored);
    password::verify(password::turn().await?, secret, stored).await
}

async fn known(db: &Db, email: &str) -> Result<Option<(UserId, String, String)>, sqlx::Error> {
    // Nobody's address holds a NUL, and PostgreSQL does not take one as a question.
    if email.contains('\0') {
        return Ok(None);
    }
    sqlx::query_as("select id, name, password_hash from users where lower(email) = lower($1)")
        .bind(email.trim())
        .fetch_optional(&db.pool)
        .await
}

/// The token of a new session of this person.
pub(super) async fn begin_session(
    tx: &mut PgConnection,
    user: UserId,
) -> Result<String, sqlx::Error> {
    let token = new_token();
    sqlx::query(
        "insert into sessions (token_hash, user_id, expires_at)
         values ($1, $2, now() + make_interval(secs => $3))",
    )
    .bind(token_hash(&token))
    .bind(user)
    .bind(SESSION_LIFETIME.as_secs_f64())
    .execute(tx)
    .await?;
    Ok(token)
}

/// The address is hashed: people mistype passwords into that field.
fn address_hash(email: &str) -> Vec<u8> {
    Sha256::digest(email.trim().to_lowercase().as_bytes()).to_vec()
}

/// Whether so many tries for this address have failed lately that it is closed for now.
async fn failed_lately(db: &Db, email: &str) -> Result<bool, ServiceError> {
    let failures: i64 = sqlx::query_scalar(
        "select count(*) from sign_in_failures
         where address_hash = $1 and failed_at > now() - interval '15 minutes'",
    )
    .bind(address_hash(email))
    .fetch_one(&db.pool)
    .await?;
    Ok(failures >= MOST_FAILURES)
}

/// A try at the password of an address. It counts as failed from before the password is looked at until it is known to
/// be right, so that of many at once no more than the limit are looked at, and giving up waiting hides none.
pub(super) struct Attempt {
    address: Vec<u8>,
    at: DateTime<Utc>,
}

impl Attempt {
    /// None for an address that is closed for now.
    pub(super) async fn begin(db: &Db, email: &str) -> Result<Option<Self>, ServiceError> {
        let address = address_hash(email);
        let mut tx = db.pool.begin().await?;
        // One after another, each counting those before it.
        sqlx::query("select pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))")
            .bind(&address)
            .execute(&mut *tx)
            .await?;
        let at: Option<DateTime<Utc>> = sqlx::query_scalar(
            "insert into sign_in_failures (address_hash, failed_at)
             select $1::bytea, clock_timestamp()
             where (
                 select count(*) from sign_in_failures
                 where address_hash = $1 and failed_at > now() - interval '15 minutes'
             ) < $2
             returning failed_at",
        )
        .bind(&address)
        .bind(MOST_FAILURES)
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(at.map(|at| Self { address, at }))
    }

    /// Takes the failure back.
    pub(super) async fn was_right(self, db: &Db) -> Result<(), ServiceError> {
        sqlx::query("delete from sign_in_failures where address_hash = $1 and failed_at = $2")
            .bind(self.address)
            .bind(self.at)
            .execute(&db.pool)
            .await?;
        Ok(())
    }
}

/// Tells sessions apart without being good for one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionKey(Vec<u8>);

impl SessionKey {
    /// The key of the session that this token, from the cookie, belongs to.
    pub fn of(token: &str) -> Self {
        Self(token_hash(token))
    }

    /// As stored.
    pub(crate) fn hash(&self) -> &[u8] {
        &self.0
    }
}

/// Those of the sessions that have not ended.
pub async fn going_on(db: &Db, keys: Vec<SessionKey>) -> Result<Vec<SessionKey>, ServiceError> {
    let hashes: Vec<Vec<u8>> = keys.into_iter().map(|key| key.0).collect();
    let found: Vec<Vec<u8>> = sqlx::query_scalar(
        "select token_hash from sessions where token_hash = any($1) and expires_at > now()",
    )
    .bind(hashes)
    .fetch_all(&db.pool)
    .await?;
    Ok(found.into_iter().map(SessionKey).collect())
}

/// Ends a session; one that has ended already is no error.
pub async fn sign_out(db: &Db, origin: &Origin, token: &str) -> Result<(), ServiceError> {
    let mut tx = db.pool.begin().await?;
    let ended: Option<(UserId, String)> = sqlx::query_as(
        "with ended as (delete from sessions where token_hash = $1 returning user_id)
         select u.id, u.name from ended join users u on u.id = ended.user_id",
    )
    .bind(token_hash(token))
    .fetch_optional(&mut *tx)
    .await?;
    if let Some((user, name)) = ended {
        let by = By {
            user: Some(user),
            name,
            origin: origin.clone(),
        };
        audit::done(&mut tx, by, Event::new(AuditAction::SignOut)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Removes sessions that have ended and failures that no longer count.
pub async fn tidy(db: &Db) -> Result<(), ServiceError> {
    for statement in [
        "delete from sessions where expires_at < now()",
        "delete from api_tokens where expires_at < now() - interval '30 days'",
        "delete from sign_in_failures where failed_at < now() - interval '1 day'",
    ] {
        sqlx::query(statement).execute(&db.pool).await?;
    }
    Ok(())
}

/// A person and one of this person's roles; without tenants there is one row without a role.
pub(super) type RoleRow = (UserId, String, Option<TenantId>, Option<String>);

/// Who a session's token belongs to; none if it is unknown or has ended.
pub async fn by_session(db: &Db, token: &str) -> Result<Option<Caller>, ServiceError> {
    let rows: Vec<RoleRow> = sqlx::query_as(
        "select u.id, u.name, m.tenant_id, m.role
         from sessions s join users u on u.id = s.user_id left join memberships m on m.user_id = u.id
         where s.token_hash = $1 and s.expires_at > now()",
    )
    .bind(token_hash(token))
    .fetch_all(&db.pool)
    .await?;
    Ok(caller_of(rows, Means::Session))
}

/// Where the request came from is for whoever has the request to add.
pub(super) fn caller_of(rows: Vec<RoleRow>, means: Means) -> Option<Caller> {
    let (user_id, name, ..) = rows.first()?.clone();
    let roles = rows
        .into_iter()
        .filter_map(|(_, _, tenant, role)| Some((tenant?, role?.parse::<Role>().ok()?)))
        .collect();
    Some(Caller {
        user_id,
        name,
        roles: Roles::new(roles),
        origin: Origin {
            address: None,
            means,
        },
    })
}
