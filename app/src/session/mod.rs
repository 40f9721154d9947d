//! Signing in.

pub mod sign_in_page;
