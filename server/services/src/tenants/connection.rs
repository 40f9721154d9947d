//! A tenant's connection to Microsoft Graph: stored with its secret sealed, opened only for an operation.

use std::str::FromStr;

use domain::{AuditAction, TenantId};
use graph::{Cloud, Endpoints, TenantConnection};
use secrecy::{ExposeSecret, SecretString};

use super::sealing::{SecretKey, Unreadable};
use crate::{
    Caller, Db, ServiceError,
    audit::{self, By, Event},
};

/// A tenant to look after.
#[derive(Debug)]
pub struct NewTenant {
    pub name: String,
    /// The directory's id at Microsoft.
    pub directory_id: String,
    pub endpoints: NewEndpoints,
    pub client_id: String,
    pub client_secret: SecretString,
}

/// Where a tenant's Microsoft Graph is.
#[derive(Debug, Clone)]
pub enum NewEndpoints {
    Cloud(Cloud),
    /// Base addresses of sign-in and Graph, without a trailing slash.
    Custom {
        login: String,
        graph: String,
    },
}

/// Why a tenant's connection can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    #[error("the tenant does not exist any more")]
    NoTenant,
    #[error("the tenant's addresses can't be used")]
    BadEndpoints,
    #[error(transparent)]
    Secret(#[from] Unreadable),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

/// Stores a tenant, or new connection data for a known one (recognised by its directory id).
pub async fn save(db: &Db, key: &SecretKey, tenant: NewTenant) -> Result<TenantId, ServiceError> {
    for (field, value) in [
        ("name", &tenant.name),
        ("directory id", &tenant.directory_id),
        ("client id", &tenant.client_id),
    ] {
        if value.trim().is_empty() {
            return Err(ServiceError::Invalid(format!("{field}: must not be empty")));
        }
    }
    if tenant.client_secret.expose_secret().is_empty() {
        return Err(ServiceError::Invalid(
            "client secret: must not be empty".into(),
        ));
    }
    let (cloud, login, graph) = match &tenant.endpoints {
        NewEndpoints::Cloud(cloud) => (cloud.as_str(), None, None),
        NewEndpoints::Custom { login, graph } => {
            Endpoints::custom(login, graph)
                .map_err(|error| ServiceError::Invalid(format!("addresses: {error}")))?;
            ("custom", Some(login), Some(graph))
        }
    };
    let sealed = key
        .seal(&tenant.directory_id, &tenant.client_secret)
        .map_err(|error| ServiceError::Internal(error.to_string()))?;
    let mut tx = db.pool.begin().await?;
    // A delta link is good for one address only; at another one the next sync has to be a full one.
    sqlx::query(
        "update directory_syncs s set delta_link = null from tenants t
         where t.id = s.tenant_id and t.directory_id = $1
           and (t.cloud, t.login_url, t.graph_url, t.client_id) is distinct from ($2, $3, $4, $5)",
    )
    .bind(tenant.directory_id.trim())
    .bind(cloud)
    .bind(login)
    .bind(graph)
    .bind(tenant.client_id.trim())
    .execute(&mut *tx)
    .await?;
    let id: TenantId = sqlx::query_scalar(
        "insert into tenants (name, directory_id, cloud, login_url, graph_url, client_id, client_secret_sealed)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict on constraint tenants_directory_unique do update
         set name = excluded.name, cloud = excluded.cloud, login_url = excluded.login_url,
             graph_url = excluded.graph_url, client_id = excluded.client_id,
             client_secret_sealed = excluded.client_secret_sealed
         returning id",
    )
    .bind(tenant.name.trim())
    .bind(tenant.directory_id.trim())
    .bind(cloud)
    .bind(login)
    .bind(graph)
    .bind(tenant.client_id.trim())
    .bind(sealed)
    .fetch_one(&mut *tx)
    .await?;
    let event =
        Event::new(AuditAction::TenantSave)
            .on(id)
            .about("tenant", id.0, tenant.name.trim());
    audit::done(&mut tx, By::command(), event).await?;
    tx.commit().await?;
    Ok(id)
}

type Stored = (
    String,
    String,
    Option<String>,
    Option<String>,
    String,
    Vec<u8>,
);

/// The connection with its secret opened. For operations only; nothing of it goes to a page.
pub async fn connection(
    db: &Db,
    key: &SecretKey,
    tenant: TenantId,
) -> Result<TenantConnection, ConnectionError> {
    let stored: Option<Stored> = sqlx::query_as(
        "select directory_id, cloud, login_url, graph_url, client_id, client_secret_sealed
         from tenants where id = $1",
    )
    .bind(tenant)
    .fetch_optional(&db.pool)
    .await?;
    let (directory_id, cloud, login, graph, client_id, sealed) =
        stored.ok_or(ConnectionError::NoTenant)?;
    let endpoints = match (login, graph) {
        (Some(login), Some(graph)) => {
            Endpoints::custom(&login, &graph).map_err(|_| ConnectionError::BadEndpoints)?
        }
        _ => Cloud::from_str(&cloud)
            .map(Endpoints::of_cloud)
            .map_err(|_| ConnectionError::BadEndpoints)?,
    };
    Ok(TenantConnection {
        tenant_key: tenant.0,
        client_secret: key.open(&directory_id, &sealed)?,
        directory_id,
        endpoints,
        client_id,
    })
}

/// The origin of the tenant's login service, for instance `https://login.microsoftonline.com`. Needs no key.
pub async fn login_origin(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
) -> Result<Option<String>, ServiceError> {
    caller.role_on(tenant)?;
    let (cloud, login): (String, Option<String>) =
        sqlx::query_as("select cloud, login_url from tenants where id = $1")
            .bind(tenant)
            .fetch_optional(&db.pool)
            .await?
            .ok_or(ServiceError::NotFound)?;
    let login = match login {
        Some(login) => Some(login),
        None => Cloud::from_str(&cloud)
            .ok()
            .map(|cloud| Endpoints::of_cloud(cloud).login),
    };
    Ok(login.and_then(|login| Endpoints::origin_of(&login)))
}

/// Notes that the connection works and what Microsoft calls the organization.
pub async fn note_verified(
    db: &Db,
    tenant: TenantId,
    organization_name: &str,
) -> Result<(), ServiceError> {
    sqlx::query("update tenants set verified_at = now(), organization_name = $2 where id = $1")
        .bind(tenant)
        .bind(organization_name)
        .execute(&db.pool)
        .await?;
    Ok(())
}
