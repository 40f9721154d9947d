//! What is running, what ran last, and the tenants, at one glance.

pub mod overview_page;
