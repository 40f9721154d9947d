//! A tenant's members: who they are, another role for one, and removing one. The database keeps the last owner.

use chrono::{DateTime, Utc};
use domain::{
    AuditAction, Role, Roles, TenantId, UserId,
    views::members::{MemberRow, MembersPage, masked},
};
use sqlx::{FromRow, PgConnection, Postgres, Transaction};

use super::{Caller, invitations};
use crate::{
    Db, ServiceError,
    audit::{self, Event},
    backups::tenant_name,
    runs,
};

/// The most members that a page shows.
const SHOWN: usize = 500;

#[derive(FromRow)]
struct Record {
    user_id: UserId,
    name: String,
    email: String,
    role: String,
    created_at: DateTime<Utc>,
}

/// Members by name, and for owners the invitations that wait.
pub async fn members(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
) -> Result<MembersPage, ServiceError> {
    let role = caller.role_on(tenant)?;
    let mut found: Vec<Record> = sqlx::query_as(
        "select m.user_id, u.name, u.email, m.role, m.created_at
         from memberships m join users u on u.id = m.user_id
         where m.tenant_id = $1 order by lower(u.name), u.id limit 501",
    )
    .bind(tenant)
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let owners: i64 = sqlx::query_scalar(
        "select count(*) from (select from memberships where tenant_id = $1 and role = 'owner' limit 2) owners",
    )
    .bind(tenant)
    .fetch_one(&db.pool)
    .await?;
    let rows = found.into_iter().map(|record| {
        let role = known(&record.role)?;
        Ok(MemberRow {
            user_id: record.user_id,
            name: record.name,
            address: masked(&record.email),
            role,
            since: record.created_at,
            is_you: record.user_id == caller.user_id,
            is_last_owner: role == Role::Owner && owners == 1,
        })
    });
    Ok(MembersPage {
        tenant_id: tenant,
        tenant_name: tenant_name(db, tenant).await?,
        role,
        members: rows.collect::<Result<_, ServiceError>>()?,
        more,
        invitations: match role.may_manage_members() {
            true => invitations::open(db, tenant).await?,
            false => Vec::new(),
        },
        as_of: db.now().await?,
    })
}

/// Gives a member another role. It counts from that member's next request on.
///
/// # Errors
/// `Forbidden` for others than owners, `NotFound` for somebody who is no member, `Invalid` for the last owner.
pub async fn change_role(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    member: UserId,
    role: Role,
) -> Result<(), ServiceError> {
    let event = |words: String| {
        Event::new(AuditAction::MemberRoleChange)
            .on(tenant)
            .about("person", member.0, words)
    };
    let wanted = format!("to {}", role.label());
    audit::allowed(caller, db, event(wanted), caller.may_manage_members(tenant)).await?;
    let (name, before) = member_of(db, tenant, member).await?;
    if before == role {
        return Ok(());
    }
    let words = format!("{name}: {} → {}", before.label(), role.label());
    let mut tx = db.pool.begin().await?;
    let changed =
        sqlx::query("update memberships set role = $3 where tenant_id = $1 and user_id = $2")
            .bind(tenant)
            .bind(member)
            .bind(role.as_str())
            .execute(&mut *tx)
            .await;
    let (mut tx, changed) = or_refused(caller, db, tx, changed, event(words.clone())).await?;
    if changed.rows_affected() == 0 {
        return Err(ServiceError::NotFound);
    }
    after_less(&mut tx, tenant, member, Some(role)).await?;
    audit::done(&mut tx, caller, event(words)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a member out of the tenant. It counts from that member's next request on.
///
/// # Errors
/// As [`change_role`].
pub async fn remove(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    member: UserId,
) -> Result<(), ServiceError> {
    let event = |words: String| {
        Event::new(AuditAction::MemberRemove)
            .on(tenant)
            .about("person", member.0, words)
    };
    let right = caller.may_manage_members(tenant);
    audit::allowed(caller, db, event("A member".into()), right).await?;
    let (name, role) = member_of(db, tenant, member).await?;
    let words = as_role(&name, role);
    let mut tx = db.pool.begin().await?;
    let removed = sqlx::query("delete from memberships where tenant_id = $1 and user_id = $2")
        .bind(tenant)
        .bind(member)
        .execute(&mut *tx)
        .await;
    let (mut tx, removed) = or_refused(caller, db, tx, removed, event(words.clone())).await?;
    if removed.rows_affected() == 0 {
        return Err(ServiceError::NotFound);
    }
    after_less(&mut tx, tenant, member, None).await?;
    audit::done(&mut tx, caller, event(words)).await?;
    tx.commit().await?;
    Ok(())
}

/// Somebody's roles as they are now.
pub async fn roles_of(db: &Db, user: UserId) -> Result<Roles, ServiceError> {
    let rows: Vec<(TenantId, String)> =
        sqlx::query_as("select tenant_id, role from memberships where user_id = $1")
            .bind(user)
            .fetch_all(&db.pool)
            .await?;
    let roles = rows
        .into_iter()
        .map(|(tenant, role)| Ok((tenant, known(&role)?)));
    Ok(Roles::new(roles.collect::<Result<_, ServiceError>>()?))
}

/// "Ada, Owner".
pub(super) fn as_role(name: &str, role: Role) -> String {
    format!("{name}, {}", role.label())
}

/// A failed write to memberships, in words where the database keeps the last owner.
pub(super) fn in_words(error: sqlx::Error) -> ServiceError {
    let kept = error
        .as_database_error()
        .and_then(|error| error.constraint())
        .is_some_and(|constraint| constraint == "memberships_last_owner");
    match kept {
        true => ServiceError::Invalid(
            "role: this is the tenant's last owner; make somebody else an owner first".into(),
        ),
        false => error.into(),
    }
}

pub(super) fn known(role: &str) -> Result<Role, ServiceError> {
    role.parse()
        .map_err(|_| ServiceError::Internal("a membership has an unknown role".into()))
}

async fn member_of(
    db: &Db,
    tenant: TenantId,
    member: UserId,
) -> Result<(String, Role), ServiceError> {
    let found: Option<(String, String)> = sqlx::query_as(
        "select u.name, m.role from memberships m join users u on u.id = m.user_id
         where m.tenant_id = $1 and m.user_id = $2",
    )
    .bind(tenant)
    .bind(member)
    .fetch_optional(&db.pool)
    .await?;
    let (name, role) = found.ok_or(ServiceError::NotFound)?;
    Ok((name, known(&role)?))
}

/// What was written, with its transaction; a refusal of the database is told of after giving that one back.
async fn or_refused<T>(
    caller: &Caller,
    db: &Db,
    tx: Transaction<'static, Postgres>,
    written: Result<T, sqlx::Error>,
    event: Event,
) -> Result<(Transaction<'static, Postgres>, T), ServiceError> {
    match written.map_err(in_words) {
        Ok(written) => Ok((tx, written)),
        Err(error) => {
            tx.rollback().await?;
            if let ServiceError::Invalid(reason) = &error {
                audit::refused(db, caller, event, reason).await?;
            }
            Err(error)
        }
    }
}

/// Invitations end with the right to invite, so that nobody who lost a role comes back by a link made before; links that
/// show a run to outsiders end with the right to make them.
async fn after_less(
    tx: &mut PgConnection,
    tenant: TenantId,
    member: UserId,
    role: Option<Role>,
) -> Result<(), ServiceError> {
    if !role.is_some_and(Role::may_manage_members) {
        invitations::revoke_of(tx, tenant, member).await?;
    }
    if role.is_none_or(|role| role == Role::Readonly) {
        runs::withdraw_handovers_of(tx, tenant, member).await?;
    }
    Ok(())
}
