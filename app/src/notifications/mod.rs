//! The bell and the list behind it.

pub mod api;
pub mod notifications_page;
