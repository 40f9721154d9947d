//! How the services behave on a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod connections;
mod digests;
mod imports;
mod overview;
mod queues;
mod reading;
mod run_company;
mod run_leases;
mod run_starts;
mod run_states;
mod schedules;
mod settings;
mod shadows;
