//! The runs that a person started and that have not ended, for the panel on every page.

use domain::views::{notifications::MOST_ACTIVE, runs::RunRow};

use super::row::{RunRecord, into_rows, select_runs};
use crate::{Caller, Db, ServiceError};

/// The caller's own active runs, oldest first, and whether there are more than are given.
pub(crate) async fn active_of_person(
    caller: &Caller,
    db: &Db,
) -> Result<(Vec<RunRow>, bool), ServiceError> {
    // A shadow that waits for somebody to execute its restore would stay here for days; it does nothing meanwhile.
    let mut found: Vec<RunRecord> = sqlx::query_as(select_runs!(
        "where r.user_id = $1 and r.tenant_id = any($2) and r.status in ('queued', 'running')
           and (r.status = 'running' or r.job_id is not null)
         order by r.id limit 9"
    ))
    .bind(caller.user_id)
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > MOST_ACTIVE;
    found.truncate(MOST_ACTIVE);
    Ok((into_rows(found, caller.user_id)?, more))
}
