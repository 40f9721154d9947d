//! The groups page: cached groups by name.

use domain::{
    GroupId, TenantId,
    views::directory::{GroupQuery, GroupRow, GroupsPage},
};
use sqlx::FromRow;

use crate::{
    Caller, Db, ServiceError,
    name_cursor::{NameCursor, contains},
};

const PAGE: usize = 100;

#[derive(FromRow)]
struct Record {
    id: GroupId,
    graph_id: String,
    name: String,
    sort_name: String,
    description: Option<String>,
    group_types: Vec<String>,
    security_enabled: bool,
    mail_enabled: bool,
}

/// One page of a tenant's cached groups.
pub async fn list(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    query: &GroupQuery,
) -> Result<GroupsPage, ServiceError> {
    caller.role_on(tenant)?;
    let cursor = query
        .cursor
        .as_deref()
        .map(NameCursor::decode)
        .transpose()?;
    let pattern = query.text.as_deref().map(contains).transpose()?;
    let mut found: Vec<Record> = sqlx::query_as(
        "select id, graph_id, name, lower(name) as sort_name, description, group_types, security_enabled, mail_enabled
         from directory_groups
         where tenant_id = $1
           and ($2::text is null or lower(name) like $2)
           and ($3::text is null or (lower(name), id) > ($3, $4))
         order by lower(name), id limit 101",
    )
    .bind(tenant)
    .bind(pattern)
    .bind(cursor.as_ref().map(|cursor| cursor.name.as_str()))
    .bind(cursor.as_ref().map(|cursor| cursor.id))
    .fetch_all(&db.pool)
    .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| {
        let (name, id) = (last.sort_name.clone(), last.id.0);
        NameCursor { name, id }.encode()
    });
    let (tenant_name, total, synced_at, as_of) = sqlx::query_as(
        "select t.name, (select count(*) from directory_groups g where g.tenant_id = t.id), s.synced_at, now()
         from tenants t left join directory_syncs s on s.tenant_id = t.id where t.id = $1",
    )
    .bind(tenant)
    .fetch_one(&db.pool)
    .await?;
    Ok(GroupsPage {
        tenant_name,
        rows: found.into_iter().map(into_row).collect(),
        next,
        total,
        synced_at,
        as_of,
    })
}

/// What people call a group of these properties: "Security", "Microsoft 365, dynamic", …
pub(crate) fn kind_label(
    group_types: &[String],
    security_enabled: bool,
    mail_enabled: bool,
) -> String {
    let has = |name: &str| group_types.iter().any(|known| known == name);
    let base = match (has("Unified"), security_enabled, mail_enabled) {
        (true, _, _) => "Microsoft 365",
        (_, true, true) => "Mail-enabled security",
        (_, true, false) => "Security",
        (_, false, _) => "Distribution",
    };
    match has("DynamicMembership") {
        true => format!("{base}, dynamic"),
        false => base.to_owned(),
    }
}

fn into_row(record: Record) -> GroupRow {
    GroupRow {
        kind: kind_label(
            &record.group_types,
            record.security_enabled,
            record.mail_enabled,
        ),
        id: record.id,
        graph_id: record.graph_id,
        name: record.name,
        description: record.description,
    }
}
