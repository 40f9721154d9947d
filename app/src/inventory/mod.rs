//! A tenant's policies, as the last syncs found them, and what can be done with several of them at once.

pub mod api;
pub mod delete_page;
pub mod inventory_page;
mod selection;
