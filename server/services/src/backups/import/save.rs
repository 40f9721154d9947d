//! Storing what an import read, whole or not at all.

use std::collections::BTreeMap;

use domain::{AuditAction, BackupSetId, TenantId};
use sqlx::PgConnection;

use super::read::Line;
use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
    backups::store::{Captured, store_page},
};

const PAGE: usize = 200;

/// One transaction: a crash leaves no set that looks complete.
pub(super) async fn save(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    name: &str,
    lines: Vec<Line>,
) -> Result<BackupSetId, ServiceError> {
    let mut tx = db.pool.begin().await?;
    let (set, name): (BackupSetId, String) = sqlx::query_as(
        "insert into backup_sets (tenant_id, name, origin, user_id)
         values ($1, coalesce(nullif($2, ''), 'Import of ' || to_char(now() at time zone 'utc', 'YYYY-MM-DD')),
                 'import', $3)
         returning id, name",
    )
    .bind(tenant)
    .bind(name)
    .bind(caller.user_id)
    .fetch_one(&mut *tx)
    .await?;
    // By kind and id: captures insert in this order too, so the two wait for each other and never both.
    let mut kinds: BTreeMap<&str, Vec<&Captured>> = BTreeMap::new();
    for line in &lines {
        if let (Some(kind), Some(policy)) = (line.kind, &line.policy) {
            kinds.entry(kind.key).or_default().push(policy);
        }
    }
    for (kind, mut policies) in kinds {
        policies.sort_by(|one, other| one.graph_id.cmp(&other.graph_id));
        for page in policies.chunks(PAGE) {
            let page: Vec<Captured> = page.iter().map(|one| (*one).clone()).collect();
            store_page(&mut tx, tenant, set, kind, &page).await?;
        }
    }
    save_lines(&mut tx, set, &lines).await?;
    sqlx::query(
        "select pg_notify('tenantatlas_changed', json_build_object('tenant', $1::bigint)::text)",
    )
    .bind(tenant)
    .execute(&mut *tx)
    .await?;
    let event = Event::new(AuditAction::BackupImport)
        .on(tenant)
        .about("backup_set", set.0, name);
    audit::done(&mut tx, caller, event).await?;
    tx.commit().await?;
    Ok(set)
}

async fn save_lines(
    tx: &mut PgConnection,
    set: BackupSetId,
    lines: &[Line],
) -> Result<(), ServiceError> {
    let positions: Vec<i32> = (0..).take(lines.len()).collect();
    let text = |value: fn(&Line) -> Option<&str>| lines.iter().map(value).collect::<Vec<_>>();
    // A version that was there before this transaction began is one that a backup or an import stored earlier.
    sqlx::query(
        "insert into backup_import_files
             (backup_set_id, position, file_name, verdict, kind, policy_name, reason, version_id)
         select $1, f.position, f.file_name, f.verdict, f.kind, f.policy_name,
                coalesce(f.reason, case when v.created_at < now() then 'Equal to a version that was stored before.' end),
                v.id
         from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
             as f (position, file_name, verdict, kind, policy_name, reason, graph_id)
         left join backup_items i on i.backup_set_id = $1 and i.kind = f.kind and i.graph_id = f.graph_id
         left join policy_versions v on v.id = i.version_id",
    )
    .bind(set)
    .bind(&positions)
    .bind(text(|line| Some(line.file.as_str())))
    .bind(text(|line| Some(line.verdict.as_str())))
    .bind(text(|line| line.kind.map(|kind| kind.key)))
    .bind(text(|line| line.name.as_deref()))
    .bind(text(|line| line.reason.as_deref()))
    .bind(text(|line| Some(line.policy.as_ref()?.graph_id.as_str())))
    .execute(tx)
    .await?;
    Ok(())
}
