//! A faithful local Microsoft Graph for development, demonstrations and tests.
//!
//! One address serves Graph (`/v1.0`, `/beta`), the login endpoint (`/{directory_id}/oauth2/v2.0`) and control
//! endpoints (`/_control`). Tenants are synthetic or filled from exported policies; see [`Simulator`].

mod actions;
mod address;
mod area;
mod authorize;
mod batch;
mod bearer;
mod call;
mod catalog_templates;
mod collection;
mod control;
mod delegated;
mod delta;
mod directory;
mod error;
mod expand;
mod exported;
mod faults;
mod filter;
mod groups;
mod guard;
mod http;
mod ids;
mod intents;
mod kind;
mod load;
mod messages;
mod owned;
mod page;
mod policies;
mod priorities;
mod query;
mod record;
mod references;
mod registry;
mod role_assignments;
mod rules;
mod secrets;
mod seed;
mod server;
mod settings;
mod simulator;
mod spec;
mod tampering;
mod tenant;
mod throttle;
mod token;
mod view;
mod wire;
mod write;

pub use delegated::IssuedSecret;
pub use faults::Faults;
pub use load::{LoadError, LoadProblem, LoadReport};
pub use record::{RequestCounts, RequestEntry, RequestFilter};
pub use simulator::{RunningSimulator, Simulator};
pub use spec::{SimulatedTenant, TenantSpec};
pub use tampering::{ControlError, Listed};
