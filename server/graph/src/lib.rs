//! Microsoft Graph as TenantAtlas uses it: tokens, paging, batches, throttling, and the registry of policy kinds.

mod answer;
mod assign;
mod batch;
mod budget;
mod capture;
mod catalog_names;
mod client;
mod cloud;
mod comparison;
mod content;
mod definition_values;
mod delegated;
mod detail;
mod error;
mod groups;
mod intents;
mod kind;
mod kind_rules;
mod kinds;
mod messages;
mod permissions;
mod person;
mod policies;
mod secrets;
mod send;
mod settings;
mod targets;
mod templates;
mod token;
mod wait;
mod write;

pub use batch::{BatchRequest, BatchResponse};
pub use catalog_names::take_catalog_names;
pub use client::{GraphClient, Organization, TenantConnection, TenantGraph};
pub use cloud::{Cloud, Endpoints};
pub use delegated::{DelegatedToken, SignIn};
pub use error::{GraphError, GraphErrorKind};
pub use groups::{Group, GroupPage, GroupPages};
pub use kinds::{
    ApiVersion, Assign, Create, Detail, FollowUp, Given, Is, Part, PolicyKind, Templates, Update,
};
pub use person::{
    CreatedRoleAssignment, FoundGroups, NewRoleAssignment, PersonGraph, RoleDefinition, RoleScope,
};
pub use policies::{ItemFailure, PolicyPage, PolicyPages};
pub use secrets::{masked_secrets, with_secrets_hidden, with_secrets_masked};
pub use settings::GraphSettings;
pub use targets::{FilterType, Target, TargetKind};
pub use wait::{WaitNotice, WaitObserver, WaitReason};
