//! Backups of a tenant: sets, the versions of policies in them, and what differs between two versions.

pub mod add_page;
pub mod api;
pub mod assignments;
pub mod backups_page;
pub mod compare_page;
pub mod differences;
pub mod drift_page;
pub mod history;
pub mod import_page;
pub mod imported_files;
pub mod set_page;
pub mod start;
pub mod version_page;
