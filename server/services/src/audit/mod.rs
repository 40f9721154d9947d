//! The audit log: who did what, when, from where, with which result.

mod list;
mod starts;
mod write;

pub use list::{choices, export_page, list, note_export};
pub(crate) use starts::{may_start, run_started};
pub(crate) use write::{By, Event, allowed, done, refused};
