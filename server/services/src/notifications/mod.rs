//! Notifications: written with the change they report, to the person who started the run.

mod read;
mod write;

pub use read::{frame, list, mark_all_read, mark_batch_read, mark_run_read};
pub(crate) use write::{run_ended, run_queued};
