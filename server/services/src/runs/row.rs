//! A run as the database returns it, made into what readers get.

use chrono::{DateTime, Utc};
use domain::{
    RunId, RunState, SummaryCounts, TenantId, UserId,
    views::runs::{Parts, RunRow},
};
use sqlx::{FromRow, types::Json};

use crate::ServiceError;

/// A select of [`RunRecord`]s with the given rest of the statement; `r` is the run, `t` its tenant.
macro_rules! select_runs {
    ($($rest:tt)*) => {
        concat!(
            "select r.id, r.tenant_id, t.name as tenant_name, r.type as operation_type, r.initiator_name, r.user_id,
                    r.status, r.outcome, r.started_at, r.completed_at, r.summary_counts, r.created_at, r.updated_at,
                    r.dry_run,
                    case when r.outcome in ('failed', 'partially_succeeded') then
                        (select again.id from operation_runs again
                         where again.repeats_run_id = r.id and again.outcome = 'succeeded'
                         order by again.id limit 1) end as put_right_by,
                    -- Another try comes to its parts anew.
                    jsonb_array_length(r.steps) - case when jsonb_typeof(r.context -> 'parts_from') = 'number'
                        then (r.context ->> 'parts_from')::numeric::integer else 0 end as steps_begun,
                    case when jsonb_typeof(r.context -> 'parts') = 'number'
                         then (r.context ->> 'parts')::numeric::integer end as parts
             from operation_runs r join tenants t on t.id = r.tenant_id ",
            $($rest)*
        )
    };
}
pub(crate) use select_runs;

#[derive(Debug, FromRow)]
pub(crate) struct RunRecord {
    pub id: RunId,
    pub tenant_id: TenantId,
    pub tenant_name: String,
    pub operation_type: String,
    pub initiator_name: String,
    pub user_id: Option<UserId>,
    pub status: String,
    pub outcome: String,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub summary_counts: Option<Json<SummaryCounts>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub dry_run: bool,
    pub put_right_by: Option<RunId>,
    pub steps_begun: i32,
    pub parts: Option<i32>,
}

impl RunRecord {
    /// The run as `reader` sees it.
    pub fn into_row(self, reader: Option<UserId>) -> Result<RunRow, ServiceError> {
        let state = RunState::from_columns(
            &self.status,
            &self.outcome,
            self.started_at,
            self.completed_at,
        )
        .map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok(RunRow {
            id: self.id,
            tenant_id: self.tenant_id,
            tenant_name: self.tenant_name,
            operation_type: self.operation_type,
            dry_run: self.dry_run,
            put_right_by: self.put_right_by,
            initiator_name: self.initiator_name,
            mine: reader.is_some() && self.user_id == reader,
            state,
            counts: self
                .summary_counts
                .map(|counts| counts.0.with_consistent_total()),
            parts: self.parts.map(|total| Parts {
                begun: self.steps_begun.min(total),
                total,
            }),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

pub(crate) fn into_rows(
    records: Vec<RunRecord>,
    reader: UserId,
) -> Result<Vec<RunRow>, ServiceError> {
    records
        .into_iter()
        .map(|record| record.into_row(Some(reader)))
        .collect()
}
