//! What a person may choose for themselves.

pub mod api;
mod browser_notifications;
mod choices;
mod look;
mod sessions;
pub mod settings_page;
