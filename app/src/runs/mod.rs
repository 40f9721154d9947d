//! Operation runs: starting them, watching them.

pub mod api;
pub mod bulk_api;
pub mod bulk_page;
pub mod bulk_report_page;
pub mod chips;
pub mod filter_fields;
pub mod filters;
pub mod run_about;
pub mod run_again;
pub mod run_failures;
pub mod run_identity;
pub mod run_page;
pub mod run_progress;
pub mod run_selection;
pub mod run_table;
pub mod run_timeline;
pub mod runs_page;
pub mod start_answer;
pub mod state_counts;
pub mod views_api;
pub mod views_nav;
pub mod views_page;
