//! Writing notifications, in the transaction of the change they report. Runs of the system notify nobody.

use domain::RunId;
use sqlx::PgConnection;

pub(crate) async fn run_queued(tx: &mut PgConnection, run: RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into notifications (user_id, tenant_id, run_id, event)
         select user_id, tenant_id, id, 'queued' from operation_runs where id = $1 and user_id is not null",
    )
    .bind(run)
    .execute(tx)
    .await?;
    Ok(())
}

/// The event of the end is the run's outcome.
pub(crate) async fn run_ended(tx: &mut PgConnection, run: RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into notifications (user_id, tenant_id, run_id, event)
         select user_id, tenant_id, id, outcome from operation_runs where id = $1 and user_id is not null",
    )
    .bind(run)
    .execute(tx)
    .await?;
    Ok(())
}
