//! Tenants under management and their connections.

mod client_secret;
mod connection;
mod list;
mod sealing;
mod time_zone;

pub use client_secret::replace_client_secret;
pub use connection::{
    ConnectionError, NewEndpoints, NewTenant, connection, login_origin, note_verified, save,
};
pub use list::{detail, list, names};
pub use sealing::SecretKey;
pub use time_zone::set_time_zone;
