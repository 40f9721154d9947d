//! Tenants under management and their connections.

mod connection;
mod list;
mod sealing;
mod time_zone;

pub use connection::{
    ConnectionError, NewEndpoints, NewTenant, connection, login_origin, note_verified, save,
};
pub use list::{detail, list, names};
pub use sealing::SecretKey;
pub use time_zone::set_time_zone;
