//! What Microsoft calls the settings of its catalog: learnt whenever policies are read with their definitions.

use domain::diff::{self, CatalogNames};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

use crate::ServiceError;

/// Keeps names; a newer one takes the place of an older one.
pub(crate) async fn learn(
    connection: &mut PgConnection,
    names: &CatalogNames,
) -> Result<(), ServiceError> {
    if names.is_empty() {
        return Ok(());
    }
    let (ids, names): (Vec<&str>, Vec<&str>) = names
        .iter()
        .map(|(id, name)| (id.as_str(), name.as_str()))
        .unzip();
    // Most are known already and not written again. In their order, so that two captures wait and never both.
    sqlx::query(
        "insert into catalog_names (id, name)
         select learnt.id, learnt.name
         from unnest($1::text[], $2::text[]) as learnt (id, name) left join catalog_names known using (id)
         where known.name is distinct from learnt.name
         order by learnt.id
         on conflict on constraint catalog_names_pkey do update set name = excluded.name",
    )
    .bind(ids)
    .bind(names)
    .execute(connection)
    .await?;
    Ok(())
}

/// The names of what these policies hold.
pub(crate) async fn known(
    pool: &PgPool,
    policies: impl IntoIterator<Item = &Value>,
) -> Result<CatalogNames, ServiceError> {
    let ids: Vec<&str> = diff::catalog_ids(policies).into_iter().collect();
    if ids.is_empty() {
        return Ok(CatalogNames::new());
    }
    let found: Vec<(String, String)> =
        sqlx::query_as("select id, name from catalog_names where id = any($1)")
            .bind(ids)
            .fetch_all(pool)
            .await?;
    Ok(found.into_iter().collect())
}
