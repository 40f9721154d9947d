//! Restores of a tenant: the list, the choice of what to restore, and the wizard's further steps on one page.

pub mod api;
pub mod begin_api;
pub mod execution;
pub mod items;
pub mod mapping;
pub mod new_page;
pub mod outcome;
pub mod policy_choice;
pub mod preview;
pub mod restore_page;
pub mod restores_page;
pub mod status;
pub mod steps;
