//! What a signed-in person does about their own password and sessions.

use domain::AuditAction;
use secrecy::SecretString;

use super::{
    password,
    people::new_hash,
    sign_in::{Attempt, SessionKey, token_hash},
};
use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
};

/// What came of an attempt to change a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordChange {
    Changed,
    /// The current password was another.
    Refused,
    /// Too many failures for this address; wait a quarter of an hour.
    Throttled,
}

/// Replaces the caller's password and ends the caller's other sessions, in one step. Guessing is slowed down as at the
/// sign-in, by the same count: whoever found an open browser is not to find the password too.
///
/// # Errors
/// `Invalid` for a new password that is too short; then nothing changes.
pub async fn change_password(
    caller: &Caller,
    db: &Db,
    session: Option<&SessionKey>,
    current: SecretString,
    new: SecretString,
) -> Result<PasswordChange, ServiceError> {
    let (email, stored): (String, String) =
        sqlx::query_as("select email, password_hash from users where id = $1")
            .bind(caller.user_id)
            .fetch_one(&db.pool)
            .await?;
    let turn = password::turn().await?;
    let Some(attempt) = Attempt::begin(db, &email).await? else {
        return Ok(PasswordChange::Throttled);
    };
    if !password::verify(turn, current, Some(stored)).await? {
        let event = about_oneself(AuditAction::PasswordChange, caller);
        audit::refused(db, caller, event, "The current password was wrong.").await?;
        return Ok(PasswordChange::Refused);
    }
    attempt.was_right(db).await?;
    let hash = new_hash(new).await?;
    let mut tx = db.pool.begin().await?;
    sqlx::query(
        "with changed as (update users set password_hash = $2 where id = $1 returning id)
         delete from sessions
         where user_id in (select id from changed) and token_hash is distinct from $3",
    )
    .bind(caller.user_id)
    .bind(hash)
    .bind(session.map(SessionKey::hash))
    .execute(&mut *tx)
    .await?;
    let event = about_oneself(AuditAction::PasswordChange, caller);
    audit::done(&mut tx, caller, event).await?;
    tx.commit().await?;
    Ok(PasswordChange::Changed)
}

fn about_oneself(action: AuditAction, caller: &Caller) -> Event {
    Event::new(action).about("person", caller.user_id.0, &caller.name)
}

/// Ends all of the caller's sessions but the one that asks.
pub async fn sign_out_elsewhere(
    caller: &Caller,
    db: &Db,
    session: Option<&SessionKey>,
) -> Result<(), ServiceError> {
    let mut tx = db.pool.begin().await?;
    sqlx::query("delete from sessions where user_id = $1 and token_hash is distinct from $2")
        .bind(caller.user_id)
        .bind(session.map(SessionKey::hash))
        .execute(&mut *tx)
        .await?;
    let event = about_oneself(AuditAction::SessionsEnd, caller);
    audit::done(&mut tx, caller, event).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes which browser a new session belongs to, from what the browser says of itself.
pub async fn note_browser(db: &Db, token: &str, user_agent: &str) -> Result<(), ServiceError> {
    sqlx::query("update sessions set browser = $2 where token_hash = $1")
        .bind(token_hash(token))
        .bind(browser_in_words(user_agent))
        .execute(&db.pool)
        .await?;
    Ok(())
}

/// "Firefox on Windows"; nothing for what it does not know, as a made-up name would mislead.
fn browser_in_words(user_agent: &str) -> Option<String> {
    // In this order: many browsers also name those that they resemble.
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let found = |known: &[(&str, &'static str)]| {
        let mut known = known.iter();
        known
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (found(&BROWSERS), found(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_by_what_it_is_not_by_what_it_resembles() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0";
        assert_eq!(browser_in_words(edge).as_deref(), Some("Edge on Windows"));
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
        assert_eq!(
            browser_in_words(iphone).as_deref(),
            Some("Safari on iPhone")
        );
        assert_eq!(browser_in_words("curl/8.0"), None);
    }
}
