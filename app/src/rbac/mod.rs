//! A tenant's access setup: searching groups and assigning roles as the person who is signed in to Microsoft.

mod access;
mod answer;
pub mod api;
mod choosing;
mod failure;
pub mod rbac_page;
mod review;
mod search;
