//! A tenant's policies, as the last syncs found them.

pub mod api;
pub mod inventory_page;
