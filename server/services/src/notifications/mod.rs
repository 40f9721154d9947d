//! Notifications: written with the change they report, to the person who started the run or follows it; and to those who
//! are told of a saved view, soon after.

mod read;
mod write;

pub use read::{
    frame, list, mark_all_read, mark_batch_read, mark_digest_read, mark_run_read, mark_view_read,
};
pub(crate) use write::{run_ended, run_queued, runs_of_view};
