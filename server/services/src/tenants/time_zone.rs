//! The time zone that a tenant's people live by.

use domain::TenantId;

use crate::{Caller, Db, ServiceError, time_zone};

/// # Errors
/// `NotFound` for a tenant that the caller does not see, `Forbidden` for who does not own it, `Invalid` for another name
/// than an IANA zone's.
pub async fn set_time_zone(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    name: &str,
) -> Result<(), ServiceError> {
    let role = caller.role_on(tenant)?;
    if !role.may_set_time_zone() {
        return Err(ServiceError::Forbidden(
            "An owner of this tenant can set its time zone.".into(),
        ));
    }
    let zone = time_zone::named("time_zone", name)?;
    sqlx::query("update tenants set time_zone = $2 where id = $1")
        .bind(tenant)
        .bind(zone.name())
        .execute(&db.pool)
        .await?;
    Ok(())
}
