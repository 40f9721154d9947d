//! What pages ask the services for: plain, serializable answers without anything that a reader may not see.

pub mod directory;
pub mod inventory;
pub mod notifications;
pub mod runs;
pub mod tenants;
