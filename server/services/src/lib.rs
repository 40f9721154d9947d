//! What the system does. The only crate with SQL; one folder a feature, one file a verb.

pub mod access;
pub mod audit;
pub mod backups;
pub mod changes;
pub mod db;
pub mod directory;
pub mod error;
mod hearing;
pub mod inventory;
mod name_cursor;
pub mod notifications;
pub mod operations;
pub mod overview;
pub mod queues;
pub mod rbac;
pub mod restores;
pub mod runs;
pub mod saved_views;
pub mod schedules;
pub mod settings;
pub mod tenants;
#[cfg(feature = "testing")]
pub mod testing;
mod time_zone;

pub use access::Caller;
pub use db::Db;
pub use error::ServiceError;
