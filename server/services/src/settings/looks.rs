//! What a page has to know of its reader before it is written.

use domain::{
    TenantId,
    preferences::{Looks, Theme, Zones},
};

use super::page::preferences;
use crate::{Caller, Db, ServiceError, time_zone};

/// The caller's, from the database.
pub async fn looks(caller: &Caller, db: &Db) -> Result<Looks, ServiceError> {
    let chosen = preferences(caller, db).await?;
    let elsewhere: Vec<(TenantId, String)> = sqlx::query_as(
        "select id, time_zone from tenants where id = any($1) and time_zone <> 'UTC' order by id",
    )
    .bind(caller.tenant_ids())
    .fetch_all(&db.pool)
    .await?;
    let tenants = elsewhere
        .into_iter()
        .filter_map(|(tenant, name)| Some((tenant, time_zone::table(&name)?)))
        .collect();
    Ok(Looks {
        theme: chosen.theme,
        zones: Zones {
            choice: chosen.zone,
            own: chosen.own_zone.as_deref().and_then(time_zone::table),
            tenants,
        },
        shortcuts: chosen.shortcuts,
        run_columns: chosen.run_columns,
        signed_in: true,
    })
}

/// The theme that a cookie names; a stale or foreign word counts as none.
pub fn theme_named(word: Option<&str>) -> Theme {
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}
