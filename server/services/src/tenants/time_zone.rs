//! The time zone that a tenant's people live by.

use domain::{AuditAction, TenantId};

use crate::{
    Caller, Db, ServiceError,
    audit::{self, Event},
    time_zone,
};

/// # Errors
/// `NotFound` for a tenant that the caller does not see, `Forbidden` for who does not own it, `Invalid` for another name
/// than an IANA zone's.
pub async fn set_time_zone(
    caller: &Caller,
    db: &Db,
    tenant: TenantId,
    name: &str,
) -> Result<(), ServiceError> {
    let event = Event::new(AuditAction::TenantTimeZone).on(tenant);
    let right = match caller.role_on(tenant)?.may_set_time_zone() {
        true => Ok(()),
        false => Err(ServiceError::Forbidden(
            "An owner of this tenant can set its time zone.".into(),
        )),
    };
    audit::allowed(caller, db, event.clone(), right).await?;
    let zone = time_zone::named("time_zone", name)?;
    let mut tx = db.pool.begin().await?;
    sqlx::query("update tenants set time_zone = $2 where id = $1")
        .bind(tenant)
        .bind(zone.name())
        .execute(&mut *tx)
        .await?;
    audit::done(&mut tx, caller, event.about("time zone", None, zone.name())).await?;
    tx.commit().await?;
    Ok(())
}
