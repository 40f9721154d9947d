//! Reading the log: owners see their tenants' events and their own, everybody else their own.

use chrono::{DateTime, Utc};
use domain::{
    AuditAction, AuditCursor, AuditEventId, AuditResult, Means, Role, TenantId, UserId,
    views::audit::{AuditChoices, AuditPage, AuditQuery, AuditRow},
};
use sqlx::FromRow;

use super::{Event, done};
use crate::{Caller, Db, ServiceError, runs::was_cut_off};

const PAGE: i64 = 50;
/// Rows of one step of an export: what is in memory at once.
const EXPORTED: i64 = 500;
/// The most people that a filter offers.
const OFFERED: i64 = 500;

#[derive(FromRow)]
struct Record {
    id: AuditEventId,
    at: DateTime<Utc>,
    actor_id: Option<UserId>,
    actor_name: String,
    tenant_id: Option<TenantId>,
    tenant_name: Option<String>,
    action: String,
    subject_kind: Option<String>,
    subject_id: Option<i64>,
    subject: Option<String>,
    result: String,
    reason: Option<String>,
    means: String,
    address: Option<String>,
}

impl TryFrom<Record> for AuditRow {
    type Error = ServiceError;

    fn try_from(record: Record) -> Result<Self, ServiceError> {
        let unknown = || ServiceError::Internal("an audit event is of an unknown kind".into());
        Ok(Self {
            id: record.id,
            at: record.at,
            actor_id: record.actor_id,
            actor: record.actor_name,
            tenant_id: record.tenant_id,
            tenant: record.tenant_name,
            action: record
                .action
                .parse::<AuditAction>()
                .map_err(|_| unknown())?,
            subject_kind: record.subject_kind,
            subject_id: record.subject_id,
            subject: record.subject,
            result: record
                .result
                .parse::<AuditResult>()
                .map_err(|_| unknown())?,
            reason: record.reason,
            address: record.address,
            means: record.means.parse::<Means>().map_err(|_| unknown())?,
        })
    }
}

/// Events that match, in the order of `$order`. Each of the three ways to see one walks an index of its own, so a page
/// costs the same however long the log is; together they would be one scan of everything.
macro_rules! matching {
    ($after:literal, $order:literal) => {
        concat!(
            "with wanted as (
                 (select e.* from unnest($1::bigint[]) as audited (tenant_id)
                  cross join lateral (
                      select * from audit_events e where e.tenant_id = audited.tenant_id ",
            matching!(filters $after, $order),
            ") e)
                 union all
                 (select e.* from audit_events e where e.actor_id = $2 ",
            matching!(filters $after, $order),
            ")
                 union all
                 (select e.* from audit_events e where e.subject_kind = 'person' and e.subject_id = $2 ",
            matching!(filters $after, $order),
            ")
             )
             select distinct on (id) id, at, actor_id, actor_name, tenant_id, tenant_name, action, subject_kind, subject_id,
                    subject, result, reason, means, host(address) as address
             from wanted order by id ",
            $order,
            " limit $9"
        )
    };
    (filters $after:literal, $order:literal) => {
        concat!(
            "and ($3::bigint is null or e.actor_id = $3)
             and ($4::bigint is null or e.tenant_id = $4)
             and ($5::text is null or e.action = $5)
             and ($6::text is null or e.result = $6)
             and ($7::date is null or e.at >= $7::timestamp at time zone 'UTC')
             and ($8::date is null or e.at < ($8::date + 1)::timestamp at time zone 'UTC') ",
            $after,
            " order by e.id ",
            $order,
            " limit $9"
        )
    };
}

async fn find(
    caller: &Caller,
    db: &Db,
    query: &AuditQuery,
    limit: i64,
) -> Result<Vec<AuditRow>, ServiceError> {
    if let Some(tenant) = query.tenant {
        caller.role_on(tenant)?;
    }
    let (statement, position) = match query.cursor {
        None => (matching!("and $10::bigint is null", "desc"), None),
        Some(AuditCursor::Older(id)) => (matching!("and e.id < $10", "desc"), Some(id)),
        Some(AuditCursor::Newer(id)) => (matching!("and e.id > $10", "asc"), Some(id)),
    };
    let mut tx = db.pool.begin().await?;
    // A filter that next to nothing matches would read a long log to its end; and only a plan made for these filters
    // uses the index of theirs.
    sqlx::query(
        "select set_config('statement_timeout', '3000', true), set_config('plan_cache_mode', 'force_custom_plan', true)",
    )
    .execute(&mut *tx)
    .await?;
    let found: Result<Vec<Record>, _> = sqlx::query_as(statement)
        .bind(audited(caller))
        .bind(caller.user_id)
        .bind(query.person)
        .bind(query.tenant)
        .bind(query.action.map(AuditAction::as_str))
        .bind(query.result.map(AuditResult::as_str))
        .bind(query.from)
        .bind(query.to)
        .bind(limit)
        .bind(position)
        .fetch_all(&mut *tx)
        .await;
    let found = found.map_err(|error| match was_cut_off(&error) {
        true => ServiceError::Invalid(
            "filters: that would take too long; narrow it by tenant, person or days".into(),
        ),
        false => error.into(),
    })?;
    found.into_iter().map(AuditRow::try_from).collect()
}

/// The tenants on which the caller sees what others did.
fn audited(caller: &Caller) -> Vec<i64> {
    caller
        .roles
        .tenants()
        .filter(|tenant| caller.roles.on(*tenant).is_some_and(Role::may_audit))
        .map(|tenant| tenant.0)
        .collect()
}

/// One page of the events that the caller may see, newest first.
pub async fn list(caller: &Caller, db: &Db, query: &AuditQuery) -> Result<AuditPage, ServiceError> {
    let as_of = db.now().await?;
    let mut rows = find(caller, db, query, PAGE + 1).await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let (went_older, went_newer) = match query.cursor {
        None => (false, false),
        Some(AuditCursor::Older(_)) => (true, false),
        Some(AuditCursor::Newer(_)) => (false, true),
    };
    if went_newer {
        rows.reverse();
    }
    let first = rows
        .first()
        .map(|row| AuditCursor::Newer(row.id).to_string());
    let last = rows
        .last()
        .map(|row| AuditCursor::Older(row.id).to_string());
    Ok(AuditPage {
        newer: first.filter(|_| went_older || (went_newer && more)),
        older: last.filter(|_| went_newer || more),
        rows,
        as_of,
    })
}

/// The next events of an export, newest first; none at its end. The query's cursor says where it stands.
pub async fn export_page(
    caller: &Caller,
    db: &Db,
    query: &AuditQuery,
) -> Result<Vec<AuditRow>, ServiceError> {
    find(caller, db, query, EXPORTED).await
}

/// Tells that somebody takes the log along.
pub async fn note_export(caller: &Caller, db: &Db, format: &str) -> Result<(), ServiceError> {
    let event = Event::new(AuditAction::ExportDownload).about(
        "audit_log",
        None,
        format!("Audit log as {format}"),
    );
    let mut tx = db.pool.begin().await?;
    let audited = audited(caller);
    for tenant in &audited {
        done(&mut tx, caller, event.clone().on(TenantId(*tenant))).await?;
    }
    // Who audits no tenant takes along what they did themselves.
    if audited.is_empty() {
        done(&mut tx, caller, event).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whom and what the caller may choose for the filters.
pub async fn choices(caller: &Caller, db: &Db) -> Result<AuditChoices, ServiceError> {
    let people: Vec<(UserId, String)> = sqlx::query_as(
        "select u.id, u.name from users u
         where u.id = $2 or u.id in (select user_id from memberships where tenant_id = any($1))
         order by lower(u.name), u.id limit $3",
    )
    .bind(audited(caller))
    .bind(caller.user_id)
    .bind(OFFERED)
    .fetch_all(&db.pool)
    .await?;
    let tenants: Vec<(TenantId, String)> =
        sqlx::query_as("select id, name from tenants where id = any($1) order by lower(name), id")
            .bind(caller.tenant_ids())
            .fetch_all(&db.pool)
            .await?;
    let sees_all = |tenant: &TenantId| caller.roles.on(*tenant).is_some_and(Role::may_audit);
    let audited = tenants
        .iter()
        .filter(|(tenant, _)| sees_all(tenant))
        .map(|(_, name)| name.clone())
        .collect();
    Ok(AuditChoices {
        people,
        tenants,
        audited,
    })
}
