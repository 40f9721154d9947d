//! Operation runs: starting them, watching them.

pub mod api;
pub mod filters;
pub mod handover_page;
pub mod run_about;
pub mod run_actions;
pub mod run_failures;
pub mod run_handover;
pub mod run_identity;
pub mod run_items;
pub mod run_page;
pub mod run_progress;
pub mod run_related;
pub mod run_table;
pub mod run_timeline;
pub mod runs_page;
pub mod start_answer;
pub mod ticket;
