//! How the client behaves against a simulated Graph.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod budgets;
mod capture;
mod client;
mod delegated;
mod intents;
mod notifications;
mod permissions;
mod round_trip;
mod support;
mod time_limits;
mod writes;
