//! What pages ask the services for: plain, serializable answers without anything that a reader may not see.

pub mod audit;
pub mod backups;
pub mod directory;
pub mod drift;
pub mod handovers;
pub mod imports;
pub mod inventory;
pub mod members;
pub mod notifications;
pub mod overview;
pub mod queues;
pub mod rbac;
pub mod restores;
pub mod run_batches;
pub mod run_list;
pub mod runs;
pub mod saved_views;
pub mod schedules;
pub mod settings;
pub mod tenants;
