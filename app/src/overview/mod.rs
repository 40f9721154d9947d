//! Every tenant's operations, what runs, what needs someone, and how the last weeks went, at one glance.

mod acknowledging;
pub mod api;
mod attention;
mod board;
mod chart;
pub mod expectations;
pub mod overview_page;
