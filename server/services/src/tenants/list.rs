//! Tenants as their list and their page show them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    OperationType, Role, TenantId,
    views::{
        runs::RunRow,
        tenants::{TenantDetail, TenantRow},
    },
};
use sqlx::FromRow;

use crate::{Caller, Db, ServiceError, runs};

#[derive(FromRow)]
struct Record {
    id: TenantId,
    name: String,
    directory_id: String,
    cloud: String,
    client_id: String,
    time_zone: String,
    organization_name: Option<String>,
    verified_at: Option<DateTime<Utc>>,
    policies: i64,
    groups: i64,
    active_runs: i64,
    inventory_synced_at: Option<DateTime<Utc>>,
    groups_synced_at: Option<DateTime<Utc>>,
    as_of: DateTime<Utc>,
}

/// The tenants that the caller sees, by name.
pub async fn list(caller: &Caller, db: &Db) -> Result<Vec<TenantRow>, ServiceError> {
    let tenants = caller.tenant_ids();
    let newest = runs::newest_of_each(caller, db, &tenants, 1).await?;
    let mut newest: HashMap<TenantId, RunRow> =
        newest.into_iter().map(|run| (run.tenant_id, run)).collect();
    let records = records(db, &tenants).await?.into_iter();
    records
        .map(|record| {
            let role = caller.role_on(record.id)?;
            let last_run = newest.remove(&record.id);
            Ok(record.into_row(role, last_run))
        })
        .collect()
}

/// The same by name alone: choices cost little however many tenants and runs there are.
pub async fn names(caller: &Caller, db: &Db) -> Result<Vec<(TenantId, String)>, ServiceError> {
    Ok(
        sqlx::query_as("select id, name from tenants where id = any($1) order by lower(name), id")
            .bind(caller.tenant_ids())
            .fetch_all(&db.pool)
            .await?,
    )
}

/// One tenant's page.
pub async fn detail(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
) -> Result<TenantDetail, ServiceError> {
    let role = caller.role_on(tenant)?;
    let record = records(db, &[tenant.0])
        .await?
        .pop()
        .ok_or(ServiceError::NotFound)?;
    let recent_runs = runs::newest_of_each(caller, db, &[tenant.0], 10).await?;
    Ok(TenantDetail {
        cloud: cloud_label(&record.cloud).to_owned(),
        client_id: record.client_id.clone(),
        time_zone: record.time_zone.clone(),
        organization_name: record.organization_name.clone(),
        verified_at: record.verified_at,
        inventory_synced_at: record.inventory_synced_at,
        groups_synced_at: record.groups_synced_at,
        operations: OperationType::OF_TENANT
            .into_iter()
            .map(|operation| (operation, operation.may_be_started_by(role)))
            .collect(),
        as_of: record.as_of,
        tenant: record.into_row(role, recent_runs.first().cloned()),
        recent_runs,
    })
}

async fn records(db: &Db, tenants: &[i64]) -> Result<Vec<Record>, ServiceError> {
    Ok(sqlx::query_as(
        "select t.id, t.name, t.directory_id, t.cloud, t.client_id, t.time_zone, t.organization_name, t.verified_at,
                (select count(*) from inventory_policies p where p.tenant_id = t.id and p.vanished_at is null) as policies,
                (select count(*) from directory_groups g where g.tenant_id = t.id) as groups,
                (select count(*) from operation_runs r
                 where r.tenant_id = t.id and r.status in ('queued', 'running')) as active_runs,
                (select max(k.synced_at) from inventory_kinds k where k.tenant_id = t.id) as inventory_synced_at,
                (select s.synced_at from directory_syncs s where s.tenant_id = t.id) as groups_synced_at,
                now() as as_of
         from tenants t where t.id = any($1) order by lower(t.name), t.id",
    )
    .bind(tenants)
    .fetch_all(&db.pool)
    .await?)
}

impl Record {
    fn into_row(self, role: Role, last_run: Option<RunRow>) -> TenantRow {
        TenantRow {
            id: self.id,
            name: self.name,
            directory_id: self.directory_id,
            role,
            policies: self.policies,
            groups: self.groups,
            active_runs: self.active_runs,
            last_run,
        }
    }
}

fn cloud_label(cloud: &str) -> &str {
    match cloud {
        "global" => "Global",
        "usgov" => "US Government",
        "usgov_dod" => "US Government, Department of Defense",
        "china" => "China",
        "custom" => "Custom address",
        other => other,
    }
}
