//! The steps of a restore that queue work: its preview and its execution; and calling it off.

use domain::{
    AuditAction, FailureCode, FailureGroup, Inputs, OperationType, RestoreId, RestoreStatus, RunId,
    TenantId, UserId, sanitize, views::runs::StartAnswer,
};
use serde_json::{Map, json};
use sqlx::{FromRow, PgConnection, types::Json};

use super::{
    audited::{may, tell},
    items, mapping, shadow,
};
use crate::{
    Caller, Db, ServiceError, audit,
    runs::{self, Belongs, Ensured, Initiator, NewRun},
};

#[derive(FromRow)]
struct Locked {
    status: String,
    revision: i32,
    dry_run: bool,
    shadow_run_id: Option<RunId>,
    preview_run_id: Option<RunId>,
    user_id: Option<UserId>,
    tenant_name: String,
    overwrites: i64,
    policies: i64,
}

impl Locked {
    fn status(&self) -> Result<RestoreStatus, ServiceError> {
        self.status
            .parse()
            .map_err(|_| ServiceError::Internal("a restore has an unknown status".into()))
    }
}

async fn locked(
    tx: &mut PgConnection,
    tenant: TenantId,
    restore: RestoreId,
) -> Result<Locked, ServiceError> {
    sqlx::query_as(
        "select r.status, r.revision, r.dry_run, r.shadow_run_id, r.preview_run_id, r.user_id, t.name as tenant_name,
                (select count(*) from restore_items i where i.restore_run_id = r.id and i.action = 'update') as overwrites,
                (select count(*) from restore_items i where i.restore_run_id = r.id) as policies
         from restore_runs r join tenants t on t.id = r.tenant_id
         where r.id = $1 and r.tenant_id = $2 for update of r",
    )
    .bind(restore)
    .bind(tenant)
    .fetch_optional(tx)
    .await?
    .ok_or(ServiceError::NotFound)
}

/// Asks for a preview. While one is under way, answers with that one.
pub async fn start_preview(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
) -> Result<StartAnswer, ServiceError> {
    audit::may_start(caller, db, tenant, OperationType::RestorePreview).await?;
    let mut tx = db.pool.begin().await?;
    let found = locked(&mut tx, tenant, restore).await?;
    let status = found.status()?;
    if let (RestoreStatus::PreviewQueued, Some(run_id)) = (status, found.preview_run_id) {
        let created = false;
        tx.rollback().await?;
        return runs::answer(caller, db, Ensured { run_id, created }).await;
    }
    if !status.may_be_previewed() {
        return Err(ServiceError::Invalid(format!(
            "This restore is {}; a preview is made before it is executed.",
            status.label().to_lowercase()
        )));
    }
    if found.policies == 0 {
        return Err(ServiceError::Invalid(
            "policies: choose at least one".into(),
        ));
    }
    let revision = found.revision + 1;
    sqlx::query("update restore_runs set status = 'preview_queued', revision = $2 where id = $1")
        .bind(restore)
        .bind(revision)
        .execute(&mut *tx)
        .await?;
    shadow::mirror_in(&mut tx, restore).await?;
    let inputs = Inputs::from_iter([
        ("restore_run_id".to_owned(), json!(restore)),
        ("revision".to_owned(), json!(revision)),
    ]);
    let context = Map::from_iter([("restore_run_id".to_owned(), json!(restore))]);
    let new = NewRun {
        tenant,
        operation: OperationType::RestorePreview,
        inputs: &inputs,
        initiator: &Initiator::of(caller),
        context,
        belongs: Belongs::default(),
    };
    let run_id = runs::create_in(&mut tx, &new)
        .await?
        .ok_or_else(|| ServiceError::Internal("a revision is previewed once".into()))?;
    sqlx::query("update restore_runs set preview_run_id = $2 where id = $1")
        .bind(restore)
        .bind(run_id)
        .execute(&mut *tx)
        .await?;
    runs::dispatch_in(&mut tx, run_id).await?;
    tx.commit().await?;
    let created = true;
    runs::answer(caller, db, Ensured { run_id, created }).await
}

/// Asks for execution, or for a dry run that writes nothing. While it is under way, answers with its run.
///
/// `confirmation` must be the tenant's name if policies that are there would be overwritten.
pub async fn execute(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
    dry_run: bool,
    confirmation: &str,
) -> Result<StartAnswer, ServiceError> {
    let action = match dry_run {
        true => AuditAction::RestoreDryRun,
        false => AuditAction::RestoreExecute,
    };
    may(caller, db, tenant, action, Some(restore)).await?;
    let mut tx = db.pool.begin().await?;
    let found = locked(&mut tx, tenant, restore).await?;
    let status = found.status()?;
    let under_way = matches!(status, RestoreStatus::Queued | RestoreStatus::Running);
    if let (true, Some(run_id)) = (under_way, found.shadow_run_id) {
        let created = false;
        tx.rollback().await?;
        return runs::answer(caller, db, Ensured { run_id, created }).await;
    }
    let after_a_dry_run = status.has_ended() && found.dry_run;
    if !status.may_be_executed() && !after_a_dry_run {
        return Err(ServiceError::Invalid(format!(
            "This restore is {}; only one that has been previewed can be executed.",
            status.label().to_lowercase()
        )));
    }
    let undecided = mapping::undecided(&mut tx, restore).await?;
    if undecided > 0 {
        return Err(ServiceError::Invalid(format!(
            "mapping: {undecided} still undecided; choose for each what it becomes, or leave it out"
        )));
    }
    if !dry_run && found.overwrites > 0 && confirmation.trim() != found.tenant_name {
        return Err(ServiceError::Invalid(format!(
            "confirmation: type the tenant's name, {}, to overwrite {} policies",
            found.tenant_name, found.overwrites
        )));
    }
    sqlx::query(
        "update restore_items set state = 'pending', result_graph_id = null, failure_code = null,
                failure_message = null, finished_at = null
         where restore_run_id = $1",
    )
    .bind(restore)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update restore_runs set status = 'queued', dry_run = $2, user_id = $3, initiator_name = $4 where id = $1",
    )
    .bind(restore)
    .bind(dry_run)
    .bind(caller.user_id)
    .bind(&caller.name)
    .execute(&mut *tx)
    .await?;
    // A run is of whoever started it: that of the preview's person gives way to one of this person's own.
    if let Some(run) = found.shadow_run_id
        && status == RestoreStatus::Previewed
        && found.user_id != Some(caller.user_id)
    {
        shadow::withdraw(&mut tx, restore, run).await?;
    }
    let run_id = shadow::mirror_in(&mut tx, restore)
        .await?
        .ok_or_else(|| ServiceError::Internal("a queued restore has a shadow".into()))?;
    if dry_run {
        sqlx::query(
            r#"update operation_runs set context = context || '{"dry_run": true}' where id = $1"#,
        )
        .bind(run_id)
        .execute(&mut *tx)
        .await?;
    }
    runs::dispatch_in(&mut tx, run_id).await?;
    tell(&mut tx, caller, tenant, action, restore).await?;
    tx.commit().await?;
    let created = true;
    runs::answer(caller, db, Ensured { run_id, created }).await
}

/// Calls a restore off. What was written stays; what was not begun is not begun any more.
pub async fn abort(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    restore: RestoreId,
) -> Result<(), ServiceError> {
    let action = AuditAction::RestoreAbort;
    may(caller, db, tenant, action, Some(restore)).await?;
    let mut tx = db.pool.begin().await?;
    let found = locked(&mut tx, tenant, restore).await?;
    let status = found.status()?;
    if status.has_ended() {
        return Err(ServiceError::Invalid(format!(
            "This restore has ended already ({}).",
            status.label().to_lowercase()
        )));
    }
    // From here on no policy of it ends any more: what is said now is said for good.
    let counts = items::counted(&mut tx, restore).await?;
    let left = counts.total.saturating_sub(counts.done());
    let called_off = FailureGroup::new(
        FailureCode::RestoreAborted,
        format!(
            "Called off by {}. Policies that were not restored: {left}.",
            caller.name
        ),
    );
    let failures = items::failures(&mut tx, restore).await?;
    let failures = failures.with([sanitize::failure(called_off)]);
    sqlx::query(
        "update restore_runs set status = 'aborted', summary_counts = $2, failure_summary = $3 where id = $1",
    )
    .bind(restore)
    .bind(Json(counts))
    .bind(Json(failures))
    .execute(&mut *tx)
    .await?;
    if let Some(run) = shadow::mirror_in(&mut tx, restore).await? {
        runs::of_restore(&mut tx, run).await?;
    }
    tell(&mut tx, caller, tenant, action, restore).await?;
    tx.commit().await?;
    Ok(())
}
