//! The overview: what each tenant's operations came to, what runs now, who must act, and how the last weeks went.

mod acknowledge;
mod board;
mod days;
mod expected;
mod trouble;

use domain::views::overview::Overview;

pub use acknowledge::{acknowledge, take_back};
pub use expected::{expect, expectations};

use crate::{Caller, Db, ServiceError, runs};

/// As many active runs as are listed.
const ACTIVE: i64 = 20;

/// Everything of the overview, for the tenants that the caller sees.
pub async fn overview(caller: &Caller, db: &Db) -> Result<Overview, ServiceError> {
    let as_of = db.now().await?;
    let (tenants, mut active, troubles, days) = tokio::try_join!(
        board::tenants(caller, db, as_of),
        runs::active(caller, db, ACTIVE + 1),
        trouble::troubles(caller, db),
        days::last_weeks(caller, db, as_of),
    )?;
    let more_active = active.len() as i64 > ACTIVE;
    active.truncate(ACTIVE as usize);
    Ok(Overview {
        tenants,
        attention: troubles.attention,
        acknowledged: troubles.acknowledged,
        days,
        active,
        more_active,
        as_of,
    })
}
