//! Invitations to a tenant: a link that is shown once, works once, and only for the invited address.

use chrono::{DateTime, Utc};
use domain::{
    AuditAction, InvitationId, Role, TenantId, UserId,
    views::members::{InvitationOffer, InvitationReader, InvitationRow, masked},
};
use sqlx::{FromRow, PgConnection, PgExecutor};

use super::{
    Caller, NewUser, Origin,
    members::{as_role, known},
    people::checked_address,
    sign_in::{begin_session, new_token, token_hash},
};
use crate::{
    Db, ServiceError,
    audit::{self, By, Event},
};

/// The most invitations that may wait at once.
const MOST: i64 = 100;

/// An invitation as its maker gets it, once; only the token's hash is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub token: String,
}

/// Somebody who came in by an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub tenant: TenantId,
    /// The token of the session that began with it.
    pub session: String,
}

/// Invites an address to a tenant for seven days. An earlier invitation of this address ends.
///
/// # Errors
/// `Forbidden` for others than owners; `Invalid` for what is no address, for a member, and when too many wait.
pub async fn invite(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    email: &str,
    role: Role,
) -> Result<Invitation, ServiceError> {
    let event = |id: Option<i64>, words: &str| {
        Event::new(AuditAction::InvitationCreate).on(tenant).about(
            "invitation",
            id,
            as_role(words, role),
        )
    };
    let right = caller.may_manage_members(tenant);
    audit::allowed(caller, db, event(None, "Somebody"), right).await?;
    let email = checked_address(email)?;
    let mut tx = db.pool.begin().await?;
    // Two invitations at once follow one another.
    sqlx::query("select from tenants where id = $1 for no key update")
        .bind(tenant)
        .execute(&mut *tx)
        .await?;
    // Whoever waited behind an owner's removal may be the removed one.
    let own: Option<String> =
        sqlx::query_scalar("select role from memberships where tenant_id = $1 and user_id = $2")
            .bind(tenant)
            .bind(caller.user_id)
            .fetch_optional(&mut *tx)
            .await?;
    if !own
        .as_deref()
        .map(known)
        .transpose()?
        .is_some_and(Role::may_manage_members)
    {
        return Err(ServiceError::Forbidden(
            "You are no owner of this tenant any more.".into(),
        ));
    }
    let member: bool = sqlx::query_scalar(
        "select exists (select from memberships m join users u on u.id = m.user_id
                        where m.tenant_id = $1 and lower(u.email) = lower($2))",
    )
    .bind(tenant)
    .bind(email)
    .fetch_one(&mut *tx)
    .await?;
    if member {
        return Err(ServiceError::Invalid(
            "email: whoever has this address is a member already; change the role in the list"
                .into(),
        ));
    }
    sqlx::query(
        "update invitations set revoked_at = now()
         where tenant_id = $1 and accepted_at is null and revoked_at is null
           and (lower(email) = lower($2) or expires_at <= now())",
    )
    .bind(tenant)
    .bind(email)
    .execute(&mut *tx)
    .await?;
    let waiting: i64 = sqlx::query_scalar(
        "select count(*) from invitations where tenant_id = $1 and accepted_at is null and revoked_at is null",
    )
    .bind(tenant)
    .fetch_one(&mut *tx)
    .await?;
    if waiting >= MOST {
        return Err(ServiceError::Invalid(format!(
            "email: {MOST} invitations wait already; revoke some first"
        )));
    }
    let token = new_token();
    let id: InvitationId = sqlx::query_scalar(
        "insert into invitations (tenant_id, email, role, token_hash, invited_by, invited_by_name, expires_at)
         values ($1, $2, $3, $4, $5, $6, now() + interval '7 days') returning id",
    )
    .bind(tenant)
    .bind(email)
    .bind(role.as_str())
    .bind(token_hash(&token))
    .bind(caller.user_id)
    .bind(&caller.name)
    .fetch_one(&mut *tx)
    .await?;
    audit::done(&mut tx, caller, event(Some(id.0), &masked(email))).await?;
    tx.commit().await?;
    Ok(Invitation { id, token })
}

/// Ends an invitation that waits.
///
/// # Errors
/// `NotFound` for one that has ended already.
pub async fn revoke(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    invitation: InvitationId,
) -> Result<(), ServiceError> {
    let event = |words: String| {
        Event::new(AuditAction::InvitationRevoke).on(tenant).about(
            "invitation",
            invitation.0,
            words,
        )
    };
    let right = caller.may_manage_members(tenant);
    audit::allowed(caller, db, event("An invitation".into()), right).await?;
    let mut tx = db.pool.begin().await?;
    let revoked: Option<(String, String)> = sqlx::query_as(
        "update invitations set revoked_at = now()
         where id = $1 and tenant_id = $2 and accepted_at is null and revoked_at is null
         returning email, role",
    )
    .bind(invitation)
    .bind(tenant)
    .fetch_optional(&mut *tx)
    .await?;
    let (email, role) = revoked.ok_or(ServiceError::NotFound)?;
    let words = as_role(&masked(&email), known(&role)?);
    audit::done(&mut tx, caller, event(words)).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends what somebody invited to a tenant.
pub(super) async fn revoke_of(
    tx: &mut PgConnection,
    tenant: TenantId,
    inviter: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update invitations set revoked_at = now()
         where tenant_id = $1 and invited_by = $2 and accepted_at is null and revoked_at is null",
    )
    .bind(tenant)
    .bind(inviter)
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Record {
    id: InvitationId,
    tenant_name: String,
    email: String,
    role: String,
    invited_by_name: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

macro_rules! open_invitations {
    ($rest:literal) => {
        concat!(
            "select i.id, t.name as tenant_name, i.email, i.role, i.invited_by_name, i.created_at,
                    i.expires_at
             from invitations i join tenants t on t.id = i.tenant_id
             where i.accepted_at is null and i.revoked_at is null and i.expires_at > now() and ",
            $rest
        )
    };
}

/// Those that wait, newest first; the caller's right was checked before.
pub(super) async fn open(db: &Db, tenant: TenantId) -> Result<Vec<InvitationRow>, ServiceError> {
    let found: Vec<Record> = sqlx::query_as(open_invitations!(
        "i.tenant_id = $1 order by i.id desc limit 100"
    ))
    .bind(tenant)
    .fetch_all(&db.pool)
    .await?;
    found
        .into_iter()
        .map(|record| {
            Ok(InvitationRow {
                id: record.id,
                address: masked(&record.email),
                role: known(&record.role)?,
                invited_by: record.invited_by_name,
                created_at: record.created_at,
                expires_at: record.expires_at,
            })
        })
        .collect()
}

/// What an invitation offers to whoever opened its link. Changes nothing.
///
/// # Errors
/// `NotFound` for a link that never was good, or is not any more: expired, used, revoked.
pub async fn offer(
    caller: Option<&Caller>,
    db: &Db,
    token: &str,
) -> Result<InvitationOffer, ServiceError> {
    let found: Option<Record> = sqlx::query_as(open_invitations!("i.token_hash = $1"))
        .bind(token_hash(token))
        .fetch_optional(&db.pool)
        .await?;
    let record = found.ok_or(ServiceError::NotFound)?;
    let reader = match caller {
        None => InvitationReader::Stranger,
        Some(caller) => {
            let name = caller.name.clone();
            match is_of(&db.pool, caller.user_id, &record.email).await? {
                true => InvitationReader::Invited { name },
                false => InvitationReader::SomebodyElse { name },
            }
        }
    };
    Ok(InvitationOffer {
        tenant_name: record.tenant_name,
        role: known(&record.role)?,
        address: masked(&record.email),
        invited_by: record.invited_by_name,
        expires_at: record.expires_at,
        reader,
    })
}

async fn is_of(on: impl PgExecutor<'_>, user: UserId, email: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from users where id = $1 and lower(email) = lower($2))",
    )
    .bind(user)
    .bind(email)
    .fetch_one(on)
    .await
}

/// Makes a signed-in person a member, and answers with the tenant.
///
/// # Errors
/// `NotFound` as for [`offer`]; `Forbidden` for somebody whose address is not the invited one.
pub async fn accept(caller: &Caller, db: &Db, token: &str) -> Result<TenantId, ServiceError> {
    let mut tx = db.pool.begin().await?;
    let taken = take(&mut tx, token).await?;
    if !is_of(&mut *tx, caller.user_id, &taken.email).await? {
        // Given back unused.
        tx.rollback().await?;
        let reason =
            "This invitation is for another address. Sign out, then sign in as the invited person.";
        let words = as_role(&masked(&taken.email), known(&taken.role)?);
        let event = Event::new(AuditAction::InvitationAccept)
            .on(taken.tenant_id)
            .about("invitation", taken.id.0, words);
        audit::refused(db, caller, event, reason).await?;
        return Err(ServiceError::Forbidden(reason.into()));
    }
    taken.admit(&mut tx, caller.user_id, caller).await?;
    tx.commit().await?;
    Ok(taken.tenant_id)
}

/// Creates the account of an invited person, makes it a member, and begins its session; all of it or nothing.
///
/// # Errors
/// `NotFound` as for [`offer`]; `Invalid` for another address than the invited one, for one that has an account, and for
/// a name or password that can't be used.
pub async fn join(
    db: &Db,
    origin: &Origin,
    token: &str,
    new: NewUser,
) -> Result<Joined, ServiceError> {
    let invited = offer_address(db, token).await?;
    if new.email.trim().to_lowercase() != invited.to_lowercase() {
        return Err(ServiceError::Invalid(
            "email: this invitation is for another address".into(),
        ));
    }
    let user = new.checked().await?;
    let mut tx = db.pool.begin().await?;
    let taken = take(&mut tx, token).await?;
    let id = user.insert(&mut tx).await.map_err(|error| match error {
        ServiceError::Invalid(_) => ServiceError::Invalid(
            "email: this address has an account already; sign in to accept".into(),
        ),
        other => other,
    })?;
    let by = By {
        user: Some(id),
        name: user.name.clone(),
        origin: origin.clone(),
    };
    taken.admit(&mut tx, id, by.clone()).await?;
    let session = begin_session(&mut tx, id).await?;
    audit::done(&mut tx, by, Event::new(AuditAction::SignIn)).await?;
    tx.commit().await?;
    Ok(Joined {
        tenant: taken.tenant_id,
        session,
    })
}

async fn offer_address(db: &Db, token: &str) -> Result<String, ServiceError> {
    let found: Option<Record> = sqlx::query_as(open_invitations!("i.token_hash = $1"))
        .bind(token_hash(token))
        .fetch_optional(&db.pool)
        .await?;
    Ok(found.ok_or(ServiceError::NotFound)?.email)
}

#[derive(FromRow)]
struct Taken {
    id: InvitationId,
    tenant_id: TenantId,
    email: String,
    role: String,
}

/// Uses an invitation up; of two at once, one finds it used.
async fn take(tx: &mut PgConnection, token: &str) -> Result<Taken, ServiceError> {
    let taken: Option<Taken> = sqlx::query_as(
        "update invitations set accepted_at = now()
         where token_hash = $1 and accepted_at is null and revoked_at is null and expires_at > now()
         returning id, tenant_id, email, role",
    )
    .bind(token_hash(token))
    .fetch_optional(tx)
    .await?;
    taken.ok_or(ServiceError::NotFound)
}

impl Taken {
    /// Somebody who has become a member meanwhile keeps the role of that.
    async fn admit(
        &self,
        tx: &mut PgConnection,
        user: UserId,
        by: impl Into<By>,
    ) -> Result<(), ServiceError> {
        sqlx::query("update invitations set accepted_by = $2 where id = $1")
            .bind(self.id)
            .bind(user)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into memberships (user_id, tenant_id, role) values ($1, $2, $3)
             on conflict on constraint memberships_pkey do nothing",
        )
        .bind(user)
        .bind(self.tenant_id)
        .bind(&self.role)
        .execute(&mut *tx)
        .await?;
        let kept: Option<String> = sqlx::query_scalar(
            "select role from memberships where user_id = $1 and tenant_id = $2",
        )
        .bind(user)
        .bind(self.tenant_id)
        .fetch_optional(&mut *tx)
        .await?;
        let by = by.into();
        let role = known(kept.as_ref().unwrap_or(&self.role))?;
        let words = as_role(&by.name, role);
        let event = Event::new(AuditAction::InvitationAccept)
            .on(self.tenant_id)
            .about("person", user.0, words);
        audit::done(tx, by, event).await?;
        Ok(())
    }
}
