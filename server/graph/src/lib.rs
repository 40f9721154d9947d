//! Microsoft Graph as TenantAtlas uses it: tokens, paging, batches, throttling, and the registry of policy kinds.

mod answer;
mod batch;
mod budget;
mod client;
mod cloud;
mod error;
mod groups;
mod kind_rules;
mod kinds;
mod policies;
mod send;
mod settings;
mod token;
mod wait;

pub use batch::{BatchRequest, BatchResponse};
pub use client::{GraphClient, Organization, TenantConnection, TenantGraph};
pub use cloud::{Cloud, Endpoints};
pub use error::{GraphError, GraphErrorKind};
pub use groups::{Group, GroupPage, GroupPages};
pub use kinds::{ApiVersion, Detail, PolicyKind};
pub use policies::{ItemFailure, PolicyPage, PolicyPages};
pub use settings::GraphSettings;
pub use wait::{WaitNotice, WaitObserver, WaitReason};
