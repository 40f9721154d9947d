//! The queue, its workers, and the tenants that wait.

pub mod api;
pub mod queues_page;
mod workers;
