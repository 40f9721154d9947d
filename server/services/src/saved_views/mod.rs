//! Filters of the runs list under a name: kept by one person, offered to the team where they want it.

mod keep;
mod read;
mod subscribe;
mod tell;

pub use keep::{Change, change, delete, save};
pub use read::{list, to_open};
pub use subscribe::{ReadFilters, subscribe, unsubscribe};
pub use tell::{TELL_EVERY, tell};
