//! The runs list: newest first, by cursor, with every filter in one statement.

use domain::{
    RunCursor, RunId,
    views::runs::{RunPage, RunQuery, RunRow},
};

use super::row::{RunRecord, into_rows, select_runs};
use crate::{Caller, Db, ServiceError};

const PAGE: usize = 50;

/// One page of the runs that the caller may see.
pub async fn list(caller: &Caller, db: &Db, query: &RunQuery) -> Result<RunPage, ServiceError> {
    if let Some(tenant) = query.tenant {
        caller.role_on(tenant)?;
    }
    let (older_than, newer_than) = match query.cursor {
        Some(RunCursor::Older(run)) => (Some(run), None),
        Some(RunCursor::Newer(run)) => (None, Some(run)),
        None => (None, None),
    };
    let mut found: Vec<RunRecord> = sqlx::query_as(match newer_than {
        None => select_runs!(
            "where r.tenant_id = any($1)
               and ($2::text is null or r.status = $2)
               and ($3::text is null or r.outcome = $3)
               and ($4::text is null or r.type = $4)
               and ($5::bigint is null or r.user_id = $5)
               and ($6::bigint is null or r.id < $6)
             order by r.id desc limit 51"
        ),
        Some(_) => select_runs!(
            "where r.tenant_id = any($1)
               and ($2::text is null or r.status = $2)
               and ($3::text is null or r.outcome = $3)
               and ($4::text is null or r.type = $4)
               and ($5::bigint is null or r.user_id = $5)
               and r.id > $6
             order by r.id limit 51"
        ),
    })
    .bind(match query.tenant {
        Some(tenant) => vec![tenant.0],
        None => caller.tenant_ids(),
    })
    .bind(query.status.map(|status| status.as_str()))
    .bind(query.outcome.map(|outcome| outcome.as_str()))
    .bind(query.operation_type.as_deref())
    .bind(query.mine.then_some(caller.user_id))
    .bind(older_than.or(newer_than))
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    if newer_than.is_some() {
        found.reverse();
    }
    let first = found
        .first()
        .map(|run| RunCursor::Newer(run.id).to_string());
    let last = found.last().map(|run| RunCursor::Older(run.id).to_string());
    Ok(RunPage {
        newer: first.filter(|_| older_than.is_some() || (newer_than.is_some() && more)),
        older: last.filter(|_| newer_than.is_some() || more),
        rows: into_rows(found, caller.user_id)?,
        as_of: db.now().await?,
    })
}

/// One run, if the caller may see it.
pub async fn one(caller: &Caller, db: &Db, run: RunId) -> Result<RunRow, ServiceError> {
    let record: Option<RunRecord> =
        sqlx::query_as(select_runs!("where r.id = $1 and r.tenant_id = any($2)"))
            .bind(run)
            .bind(caller.tenant_ids())
            .fetch_optional(&db.pool)
            .await?;
    record
        .ok_or(ServiceError::NotFound)?
        .into_row(Some(caller.user_id))
}

/// The newest runs of one tenant; the caller's right was checked before.
pub(crate) async fn newest_of_tenant(
    caller: &Caller,
    db: &Db,
    tenant: domain::TenantId,
    at_most: i64,
) -> Result<Vec<RunRow>, ServiceError> {
    let found: Vec<RunRecord> = sqlx::query_as(select_runs!(
        "where r.tenant_id = $1 order by r.id desc limit $2"
    ))
    .bind(tenant)
    .bind(at_most)
    .fetch_all(&db.pool)
    .await?;
    into_rows(found, caller.user_id)
}
