//! Backup schedules: kept, shown, and started when they are due.

mod cadence;
mod due;
mod keep;
mod list;

pub use cadence::{Cadence, cron_of};
pub use due::{run_now, start_due};
pub use keep::{NewSchedule, create, delete, set_enabled};
pub use list::list;
