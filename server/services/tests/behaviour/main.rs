//! How the services behave on a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod audit;
mod connections;
mod imports;
mod members;
mod overview;
mod queues;
mod reading;
mod run_leases;
mod run_starts;
mod run_states;
mod schedules;
mod shadows;
