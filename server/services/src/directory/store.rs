//! Storing what a groups sync reads: pages as they come, removals, and where the next delta goes on.

use domain::{RunId, TenantId};

use crate::{Db, ServiceError};

/// A group as a sync found it.
#[derive(Debug, Clone)]
pub struct FoundGroup {
    pub graph_id: String,
    pub name: String,
    pub description: Option<String>,
    pub group_types: Vec<String>,
    pub security_enabled: bool,
    pub mail_enabled: bool,
    pub membership_rule: Option<String>,
    pub on_premises_sync: bool,
}

/// Where the next delta sync goes on; none before the first full sync.
pub async fn delta_link(db: &Db, tenant: TenantId) -> Result<Option<String>, ServiceError> {
    let link: Option<Option<String>> =
        sqlx::query_scalar("select delta_link from directory_syncs where tenant_id = $1")
            .bind(tenant)
            .fetch_optional(&db.pool)
            .await?;
    Ok(link.flatten())
}

/// After Microsoft has forgotten it: the next sync is a full one, even if this one fails.
pub async fn forget_delta_link(db: &Db, tenant: TenantId) -> Result<(), ServiceError> {
    sqlx::query("update directory_syncs set delta_link = null where tenant_id = $1")
        .bind(tenant)
        .execute(&db.pool)
        .await?;
    Ok(())
}

/// Stores one page in one statement. Delta pages may show a group several times; the last one counts.
pub async fn store_page(
    db: &Db,
    tenant: TenantId,
    run: RunId,
    page: &[FoundGroup],
) -> Result<(), ServiceError> {
    let flags = |flag: fn(&FoundGroup) -> bool| page.iter().map(flag).collect::<Vec<_>>();
    let texts = |text: fn(&FoundGroup) -> Option<String>| page.iter().map(text).collect::<Vec<_>>();
    sqlx::query(
        "insert into directory_groups
             (tenant_id, last_seen_run_id, graph_id, name, description, group_types, security_enabled, mail_enabled,
              membership_rule, on_premises_sync)
         select distinct on (graph_id) $1, $2, graph_id, name, description, string_to_array(group_types, ','),
                security_enabled, mail_enabled, membership_rule, on_premises_sync
         from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::bool[], $9::text[], $10::bool[])
             with ordinality as f (graph_id, name, description, group_types, security_enabled, mail_enabled,
                                   membership_rule, on_premises_sync, position)
         order by graph_id, position desc
         on conflict on constraint directory_groups_once do update
         set last_seen_run_id = excluded.last_seen_run_id, name = excluded.name, description = excluded.description,
             group_types = excluded.group_types, security_enabled = excluded.security_enabled,
             mail_enabled = excluded.mail_enabled, membership_rule = excluded.membership_rule,
             on_premises_sync = excluded.on_premises_sync",
    )
    .bind(tenant)
    .bind(run)
    .bind(texts(|group| Some(group.graph_id.clone())))
    .bind(texts(|group| Some(group.name.replace('\0', "\u{fffd}"))))
    .bind(texts(|group| group.description.as_ref().map(|text| text.replace('\0', "\u{fffd}"))))
    .bind(texts(|group| Some(group.group_types.join(","))))
    .bind(flags(|group| group.security_enabled))
    .bind(flags(|group| group.mail_enabled))
    .bind(texts(|group| group.membership_rule.clone()))
    .bind(flags(|group| group.on_premises_sync))
    .execute(&db.pool)
    .await?;
    Ok(())
}

/// A group's id and name.
pub(crate) type Gone = (String, String);

/// Removes groups that are gone from the directory. Returns those that were cached.
pub async fn remove(
    db: &Db,
    tenant: TenantId,
    graph_ids: &[String],
) -> Result<Vec<Gone>, ServiceError> {
    Ok(sqlx::query_as(
        "delete from directory_groups where tenant_id = $1 and graph_id = any($2) returning graph_id, name",
    )
    .bind(tenant)
    .bind(graph_ids)
    .fetch_all(&db.pool)
    .await?)
}

/// Ends a full sync: what it did not see is gone, and returned.
pub async fn finish_full(
    db: &Db,
    tenant: TenantId,
    run: RunId,
    delta_link: Option<&str>,
) -> Result<Vec<Gone>, ServiceError> {
    let mut tx = db.pool.begin().await?;
    let removed = sqlx::query_as(
        "delete from directory_groups where tenant_id = $1 and last_seen_run_id < $2 returning graph_id, name",
    )
    .bind(tenant)
    .bind(run)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query(
        "insert into directory_syncs (tenant_id, delta_link, synced_at) values ($1, $2, now())
         on conflict (tenant_id) do update set delta_link = excluded.delta_link, synced_at = now()",
    )
    .bind(tenant)
    .bind(delta_link)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(removed)
}

/// Ends a delta sync.
pub async fn finish_delta(
    db: &Db,
    tenant: TenantId,
    delta_link: Option<&str>,
) -> Result<(), ServiceError> {
    sqlx::query(
        "update directory_syncs set delta_link = $2, synced_at = now() where tenant_id = $1",
    )
    .bind(tenant)
    .bind(delta_link)
    .execute(&db.pool)
    .await?;
    Ok(())
}
