//! A tenant's backup schedules.

pub mod api;
mod new_schedule;
pub mod schedules_page;
