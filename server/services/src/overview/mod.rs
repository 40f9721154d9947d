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
    let expected = expected::of_tenants(caller, db).await?;
    let mut active = runs::active(caller, db, ACTIVE + 1).await?;
    let more_active = active.len() as i64 > ACTIVE;
    active.truncate(ACTIVE as usize);
    let troubles = trouble::troubles(caller, db).await?;
    Ok(Overview {
        tenants: board::tenants(caller, db, &expected, as_of).await?,
        attention: troubles.attention,
        acknowledged: troubles.acknowledged,
        days: days::last_weeks(caller, db, as_of).await?,
        active,
        more_active,
        as_of,
    })
}
