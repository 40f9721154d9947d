//! The runs that match, page by page, for a file: memory is bounded however many there are.

use std::collections::HashMap;

use domain::{
    AuditAction, FailureSummary, RunId, RunPosition, TenantId,
    views::{
        run_batches::MOST_SELECTED,
        run_list::{EXPORTED_AT_MOST, ExportedFailure, ExportedRun},
        runs::{RunQuery, RunRow},
    },
};
use sqlx::{QueryBuilder, types::Json};

use super::{
    list::{as_far_as_searched, push_select, was_cut_off},
    matching::{Matching, Part},
    row::{RunRecord, into_rows},
};
use crate::{
    Caller, Db, ServiceError, access,
    audit::{self, Event},
};

const PAGE: usize = 500;

/// An export under way. What it holds is decided page by page, so a run that ends meanwhile is shown as it is then.
pub struct Export {
    caller: Caller,
    db: Db,
    matching: Matching,
    after: Option<RunPosition>,
    left: usize,
    is_full: bool,
}

impl Export {
    /// Of what matches, or of the chosen runs if there are any. Checks the right.
    pub async fn begin(
        caller: Caller,
        db: Db,
        query: &RunQuery,
        chosen: &[RunId],
    ) -> Result<Self, ServiceError> {
        if chosen.len() > MOST_SELECTED {
            return Err(ServiceError::Invalid(format!(
                "runs: at most {MOST_SELECTED} can be chosen at once"
            )));
        }
        let matching = if chosen.is_empty() {
            as_far_as_searched(&caller, &db, query).await?
        } else {
            Matching::chosen(&caller, chosen)
        };
        // The list's filters may come along with what was chosen; what was chosen is what the file holds.
        let tenants = match query.tenant {
            _ if !chosen.is_empty() => tenants_of(&caller, &db, chosen).await?,
            Some(tenant) => vec![tenant],
            None => caller.roles.tenants().collect(),
        };
        let mut tx = db.pool.begin().await?;
        for tenant in tenants {
            let event = Event::new(AuditAction::ExportDownload)
                .on(tenant)
                .about("runs", None, "Runs");
            audit::done(&mut tx, &caller, event).await?;
        }
        tx.commit().await?;
        Ok(Self {
            caller,
            db,
            matching,
            after: None,
            left: EXPORTED_AT_MOST,
            is_full: false,
        })
    }

    /// The same with room for this many only: a test need not make as many as fit.
    #[cfg(feature = "testing")]
    pub fn with_room_for(mut self, runs: usize) -> Self {
        self.left = runs;
        self
    }

    /// The next runs, newest first; none at the end.
    ///
    /// # Errors
    /// `Forbidden` once the caller's roles are others than at the beginning; `Invalid` for a search that takes too long.
    pub async fn next_page(&mut self) -> Result<Vec<ExportedRun>, ServiceError> {
        // A slow reader takes long, and may have left a tenant meanwhile.
        if access::roles_of(&self.db, self.caller.user_id).await? != self.caller.roles {
            return Err(ServiceError::Forbidden(
                "Your roles have changed meanwhile; export again.".into(),
            ));
        }
        // Without room, one more is looked for: whether there are any tells whether the file is all of them.
        let at_most = PAGE.min(self.left).max(1) as i64;
        let part = match self.after {
            None => Part::Newest(at_most),
            Some(after) => Part::OlderThan(after, at_most),
        };
        let mut sql = QueryBuilder::new("");
        push_select(&mut sql, &self.matching, part);
        let mut tx = self.db.pool.begin().await?;
        sqlx::query("set local statement_timeout = 5000")
            .execute(&mut *tx)
            .await?;
        let found: Result<Vec<RunRecord>, _> = sql
            .build_query_as()
            .persistent(false)
            .fetch_all(&mut *tx)
            .await;
        tx.rollback().await?;
        let found = found.map_err(|error| match was_cut_off(&error) {
            true => ServiceError::Invalid(
                "filters: that would take too long; narrow it by tenant, text or days".into(),
            ),
            false => error.into(),
        })?;
        if self.left == 0 {
            self.is_full = !found.is_empty();
            return Ok(Vec::new());
        }
        let rows = into_rows(found, self.caller.user_id)?;
        self.left -= rows.len();
        if let Some(last) = rows.last() {
            self.after = Some(last.position());
        }
        Ok(exported(&self.db, rows).await?)
    }

    /// Whether the end was reached because no more runs fit, though there are more.
    pub fn is_full(&self) -> bool {
        self.is_full
    }
}

/// Whose runs these are, of those that the caller sees.
async fn tenants_of(
    caller: &Caller,
    db: &Db,
    runs: &[RunId],
) -> Result<Vec<TenantId>, sqlx::Error> {
    sqlx::query_scalar(
        "select distinct tenant_id from operation_runs where id = any($1) and tenant_id = any($2) order by 1",
    )
    .bind(runs)
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await
}

/// These runs with their failures; the right to see them was checked before.
pub(super) async fn exported(db: &Db, rows: Vec<RunRow>) -> Result<Vec<ExportedRun>, sqlx::Error> {
    let runs: Vec<RunId> = rows.iter().map(|row| row.id).collect();
    let tenants: Vec<TenantId> = rows.iter().map(|row| row.tenant_id).collect();
    let found: Vec<(RunId, Json<FailureSummary>)> = sqlx::query_as(
        "select id, failure_summary from operation_runs
         where id = any($1) and tenant_id = any($2) and failure_summary is not null",
    )
    .bind(runs)
    .bind(tenants)
    .fetch_all(&db.pool)
    .await?;
    let mut failures: HashMap<RunId, FailureSummary> = found
        .into_iter()
        .map(|(run, Json(all))| (run, all))
        .collect();
    let with_failures = |row: RunRow| {
        let failures = failures.remove(&row.id);
        one(row, failures)
    };
    Ok(rows.into_iter().map(with_failures).collect())
}

fn one(row: RunRow, failures: Option<FailureSummary>) -> ExportedRun {
    let groups = failures.map(|failures| failures.groups().to_vec());
    let failures = groups.unwrap_or_default().into_iter();
    ExportedRun {
        id: row.id,
        operation: row.operation_label().to_owned(),
        operation_type: row.operation_type,
        tenant_id: row.tenant_id,
        tenant: row.tenant_name,
        status: row.state.status().as_str(),
        outcome: row.state.outcome().as_str(),
        started_by: row.initiator_name,
        created_at: row.created_at,
        started_at: row.state.started_at(),
        completed_at: row.state.completed_at(),
        took_seconds: row.state.took_seconds(),
        total: row.counts.map(|counts| counts.total),
        success: row.counts.map(|counts| counts.success),
        failed: row.counts.map(|counts| counts.failed),
        skipped: row.counts.map(|counts| counts.skipped),
        failures: failures
            .map(|group| ExportedFailure {
                code: group.code.to_string(),
                message: group.message,
                count: group.count,
            })
            .collect(),
    }
}
