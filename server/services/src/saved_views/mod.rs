//! Filters of the runs list under a name: kept by one person, offered to the team where they want it.

mod keep;
mod read;

pub use keep::{Change, change, delete, save};
pub use read::{list, to_open};
