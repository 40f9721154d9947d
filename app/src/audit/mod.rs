//! The audit log: who did what, when, from where, with which result.

pub mod api;
pub mod audit_page;
pub mod filters;
