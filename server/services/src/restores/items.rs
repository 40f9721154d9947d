//! The policies of a restore while it is executed: what is to be done with each, and what was.

use std::time::Duration;

use domain::{
    FailureCode, FailureGroup, FailureSummary, RestoreId, RestoreStatus, RunId, SummaryCounts,
    TenantId, TerminalOutcome, VersionId,
    views::restores::{ItemState, RestoreAction},
};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, types::Json};

use super::own_id::replace_everywhere;
use crate::{
    Db, ServiceError,
    runs::{self, Lease, RunUpdate, UpdateError},
};

/// What an operation needs to know of a restore.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct RestoreRecord {
    pub id: RestoreId,
    pub tenant_id: TenantId,
    pub status: String,
    pub with_assignments: bool,
    pub dry_run: bool,
    pub revision: i32,
    /// Whether its set came from files: an id in them may be another tenant's.
    pub imported: bool,
    /// Microsoft's id of the tenant that it writes to.
    directory_id: String,
}

impl RestoreRecord {
    pub fn status(&self) -> Result<RestoreStatus, ServiceError> {
        self.status
            .parse()
            .map_err(|error| ServiceError::Internal(format!("restore {}: {error}", self.id)))
    }
}

pub(crate) async fn record(
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
) -> Result<RestoreRecord, ServiceError> {
    sqlx::query_as(
        "select r.id, r.tenant_id, r.status, r.with_assignments, r.dry_run, r.revision, t.directory_id,
                exists (select from backup_sets s where s.id = r.backup_set_id and s.origin = 'import') as imported
         from restore_runs r join tenants t on t.id = r.tenant_id where r.id = $1 and r.tenant_id = $2",
    )
    .bind(restore)
    .bind(tenant)
    .fetch_optional(&db.pool)
    .await?
    .ok_or(ServiceError::NotFound)
}

/// One policy of a restore with the version that it is to become.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct PlannedItem {
    pub version_id: VersionId,
    pub source_tenant: TenantId,
    pub source_graph_id: String,
    pub name: String,
    pub content: Value,
    pub names: Value,
    pub masked: Vec<String>,
    pub action: Option<String>,
    pub target_graph_id: Option<String>,
    /// What the preview saw of that one, as [`super::seen`] says it.
    pub target_hash: Option<String>,
    pub state: String,
    pub result_graph_id: Option<String>,
    /// The own id of the tenant that the version was captured in.
    source_directory: String,
}

impl PlannedItem {
    /// The content with the id of the tenant that it is written to, wherever it holds that of its own tenant.
    fn at_home(mut self, record: &RestoreRecord) -> Self {
        let ids: &[&str] = match record.imported {
            // What export tools write in its place.
            true => &["%OrganizationId%", "%TenantId%"],
            false if self.source_tenant == record.tenant_id => return self,
            false => &[&self.source_directory],
        };
        replace_everywhere(&mut self.content, ids, &record.directory_id);
        self
    }

    pub fn action(&self) -> Option<RestoreAction> {
        self.action.as_deref().and_then(RestoreAction::parse)
    }

    pub fn state(&self) -> ItemState {
        ItemState::parse(&self.state).unwrap_or(ItemState::Pending)
    }
}

/// The policies of one kind, by name; those that have a place among each other in that order, as one that is created
/// comes last and can't go further back.
pub(crate) async fn items(
    db: &Db,
    record: &RestoreRecord,
    kind: &str,
) -> Result<Vec<PlannedItem>, ServiceError> {
    let items: Vec<PlannedItem> = sqlx::query_as(
        "select i.version_id, v.tenant_id as source_tenant, v.graph_id as source_graph_id, v.name, v.content,
                v.names, v.masked, i.action, i.target_graph_id, i.target_hash, i.state,
                i.result_graph_id, t.directory_id as source_directory
         from restore_items i join policy_versions v on v.id = i.version_id join tenants t on t.id = v.tenant_id
         where i.restore_run_id = $1 and v.kind = $2
         order by case when jsonb_typeof(v.content -> 'priority') = 'number' then (v.content ->> 'priority')::numeric end,
                  lower(v.name), v.id",
    )
    .bind(record.id)
    .bind(kind)
    .fetch_all(&db.pool)
    .await?;
    Ok(items.into_iter().map(|item| item.at_home(record)).collect())
}

/// How many policies of each kind are in each state.
pub(crate) async fn states(
    connection: &mut PgConnection,
    restore: RestoreId,
) -> Result<Vec<(String, String, i64)>, ServiceError> {
    Ok(sqlx::query_as(
        "select v.kind, i.state, count(*) from restore_items i join policy_versions v on v.id = i.version_id
         where i.restore_run_id = $1 group by v.kind, i.state",
    )
    .bind(restore)
    .fetch_all(connection)
    .await?)
}

/// All policies of a restore as the total, and those as done that have ended.
pub(crate) async fn counted(
    connection: &mut PgConnection,
    restore: RestoreId,
) -> Result<SummaryCounts, ServiceError> {
    Ok(counts_of(
        states(connection, restore)
            .await?
            .into_iter()
            .map(|(_, state, count)| (state, count)),
    ))
}

/// The same for the restore that is executed under this run; none for any other run.
pub(crate) async fn counted_of_shadow(
    tx: &mut PgConnection,
    run: RunId,
) -> Result<Option<SummaryCounts>, sqlx::Error> {
    let found: Vec<(String, i64)> = sqlx::query_as(
        "select i.state, count(*) from restore_runs r join restore_items i on i.restore_run_id = r.id
         where r.shadow_run_id = $1 and r.status in ('queued', 'running') group by i.state",
    )
    .bind(run)
    .fetch_all(tx)
    .await?;
    Ok((!found.is_empty()).then(|| counts_of(found)))
}

fn counts_of(states: impl IntoIterator<Item = (String, i64)>) -> SummaryCounts {
    let mut counts = SummaryCounts::default();
    for (state, count) in states {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        counts.total += count;
        match ItemState::parse(&state) {
            Some(ItemState::Succeeded) => counts.success += count,
            Some(ItemState::Skipped) => counts.skipped += count,
            Some(ItemState::Failed) => counts.failed += count,
            _ => {}
        }
    }
    counts
}

/// Notes that execution has begun. False if nobody asked for it, or somebody aborted it.
pub(crate) async fn begin_execution(db: &Db, restore: RestoreId) -> Result<bool, ServiceError> {
    let begun = sqlx::query(
        "update restore_runs set status = 'running' where id = $1 and status in ('queued', 'running')",
    )
    .bind(restore)
    .execute(&db.pool)
    .await?;
    Ok(begun.rows_affected() == 1)
}

/// Notes, before anything is sent, that a write is about to begin: whoever finds this looks before creating. False
/// once the restore is not running any more: somebody aborted it.
pub(crate) async fn begin_write(
    db: &Db,
    restore: RestoreId,
    version: VersionId,
) -> Result<bool, ServiceError> {
    let noted = sqlx::query(
        "with running as (select id from restore_runs where id = $1 and status = 'running' for share)
         update restore_items i set state = 'writing', writing_since = now()
         from running where i.restore_run_id = running.id and i.version_id = $2",
    )
    .bind(restore)
    .bind(version)
    .execute(&db.pool)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Notes where a policy was created, before anything else is done with it.
pub(crate) async fn note_result(
    db: &Db,
    restore: RestoreId,
    version: VersionId,
    graph_id: &str,
) -> Result<(), ServiceError> {
    sqlx::query(
        "update restore_items set result_graph_id = $3 where restore_run_id = $1 and version_id = $2",
    )
    .bind(restore)
    .bind(version)
    .bind(graph_id)
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// How one policy ended.
#[derive(Debug, Clone)]
pub(crate) enum ItemEnd {
    Succeeded { graph_id: Option<String> },
    Skipped,
    Failed(FailureGroup),
}

pub(crate) async fn end_item(
    db: &Db,
    restore: RestoreId,
    version: VersionId,
    end: &ItemEnd,
) -> Result<(), ServiceError> {
    let (state, graph_id, failure) = match end {
        ItemEnd::Succeeded { graph_id } => (ItemState::Succeeded, graph_id.as_deref(), None),
        ItemEnd::Skipped => (ItemState::Skipped, None, None),
        ItemEnd::Failed(failure) => (ItemState::Failed, None, Some(failure)),
    };
    let message = failure.map(|failure| domain::sanitize::message(&failure.message));
    // Microsoft did not say whether it was created: whoever restores it next still has to look.
    let is_known = failure.is_none_or(|failure| failure.code != FailureCode::Timeout);
    // What was under way when somebody called the restore off is no part of how that ended.
    sqlx::query(
        "with running as (select id from restore_runs where id = $1 and status = 'running' for share)
         update restore_items i
         set state = $3, result_graph_id = coalesce($4, i.result_graph_id), failure_code = $5, failure_message = $6,
             finished_at = now(), writing_since = case when $7 then null else i.writing_since end
         from running where i.restore_run_id = running.id and i.version_id = $2",
    )
    .bind(restore)
    .bind(version)
    .bind(state.as_str())
    .bind(graph_id)
    .bind(failure.map(|failure| failure.code.as_str()))
    .bind(message)
    .bind(is_known)
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// A policy that a try which was interrupted may have created without recording it.
#[derive(Debug, FromRow)]
pub(crate) struct MaybeCreated {
    pub content: Value,
    pub age_seconds: f64,
}

/// Those of a kind in this tenant, of this restore or one before it, that are younger than `listing_lag`.
pub(crate) async fn maybe_created(
    db: &Db,
    tenant: TenantId,
    kind: &str,
    listing_lag: Duration,
) -> Result<Vec<MaybeCreated>, ServiceError> {
    Ok(sqlx::query_as(
        "select v.content, extract(epoch from now() - i.writing_since)::float8 as age_seconds
         from restore_items i join restore_runs r on r.id = i.restore_run_id join policy_versions v on v.id = i.version_id
         where i.writing_since > now() - make_interval(secs => $3) and i.result_graph_id is null and i.action = 'create'
           and r.tenant_id = $1 and v.kind = $2",
    )
    .bind(tenant)
    .bind(kind)
    .bind(listing_lag.as_secs_f64())
    .fetch_all(&db.pool)
    .await?)
}

/// The failures of policies that have ended, grouped.
pub(crate) async fn failures(
    connection: &mut PgConnection,
    restore: RestoreId,
) -> Result<FailureSummary, ServiceError> {
    let found: Vec<(String, String, i64)> = sqlx::query_as(
        "select failure_code, failure_message, count(*) from restore_items
         where restore_run_id = $1 and state = 'failed' and failure_code is not null
         group by failure_code, failure_message order by failure_code, failure_message",
    )
    .bind(restore)
    .fetch_all(connection)
    .await?;
    let groups = found.into_iter().filter_map(|(code, message, count)| {
        let code = code.parse().ok()?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Some(FailureGroup {
            code,
            message,
            count,
        })
    });
    Ok(FailureSummary::default().with(groups))
}

/// Ends every policy that was not reached, with the failure that stopped the rest. Returns their kinds and names.
pub(crate) async fn fail_rest(
    db: &Db,
    restore: RestoreId,
    failure: &FailureGroup,
) -> Result<Vec<(String, String)>, ServiceError> {
    Ok(sqlx::query_as(
        "update restore_items i
         set state = 'failed', failure_code = $2, failure_message = $3, finished_at = now()
         from policy_versions v
         where i.restore_run_id = $1 and i.state in ('pending', 'writing') and v.id = i.version_id
         returning v.kind, v.name",
    )
    .bind(restore)
    .bind(failure.code.as_str())
    .bind(domain::sanitize::message(&failure.message))
    .fetch_all(&db.pool)
    .await?)
}

/// Makes the items of an execution's run what its policies say: those that an earlier try ended.
pub(crate) async fn ledger(db: &Db, run: RunId) -> Result<(), ServiceError> {
    let mut tx = db.pool.begin().await?;
    runs::of_restore(&mut tx, run).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a restore that is running, and its run in the same moment: whoever is killed in between would leave the one
/// succeeded and the other lost. Nothing changes for one that was aborted meanwhile.
///
/// # Errors
/// `LeaseLost` or `IllegalMove` if the run is not the worker's any more; then the restore has not ended either.
pub(crate) async fn finish(
    db: &Db,
    lease: &Lease,
    restore: RestoreId,
    outcome: TerminalOutcome,
    failures: FailureSummary,
    update: RunUpdate,
) -> Result<(), UpdateError> {
    let status = match outcome {
        TerminalOutcome::Succeeded => RestoreStatus::Completed,
        TerminalOutcome::PartiallySucceeded => RestoreStatus::CompletedWithErrors,
        TerminalOutcome::Failed => RestoreStatus::Failed,
    };
    let mut tx = db.pool.begin().await?;
    let ended = sqlx::query(
        "update restore_runs set status = $2, summary_counts = $3, failure_summary = $4
         where id = $1 and status = 'running'",
    )
    .bind(restore)
    .bind(status.as_str())
    .bind(update.counts.map(Json))
    .bind((!failures.is_empty()).then_some(Json(failures)))
    .execute(&mut *tx)
    .await?
    .rows_affected()
        == 1;
    if ended {
        lease.complete_in(&mut tx, outcome.into(), update).await?;
    }
    Ok(tx.commit().await?)
}
