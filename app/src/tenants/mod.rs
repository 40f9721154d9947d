//! Tenants under management, and the start surfaces on each one's page.

pub mod api;
pub mod client_secret;
pub mod crumbs;
pub mod start_surface;
pub mod tenant_facts;
pub mod tenant_page;
pub mod tenants_page;
pub mod time_zone;
