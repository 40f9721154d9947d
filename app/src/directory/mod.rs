//! The directory cache: a tenant's groups by name.

pub mod api;
pub mod groups_page;
