//! Writing notifications, in the transaction of the change they report. Runs of the system notify nobody who did not ask.

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

/// Tells who started it, and who asked to be told too and still sees the tenant. The event is the run's outcome.
pub(crate) async fn run_ended(tx: &mut PgConnection, run: RunId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into notifications (user_id, tenant_id, run_id, event)
         select told.user_id, r.tenant_id, r.id, r.outcome
         from operation_runs r, lateral (
             select r.user_id where r.user_id is not null
             union
             select f.user_id from operation_run_followers f join memberships m using (user_id)
             where f.run_id = r.id and m.tenant_id = r.tenant_id
         ) as told
         where r.id = $1",
    )
    .bind(run)
    .execute(tx)
    .await?;
    Ok(())
}
