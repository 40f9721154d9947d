//! How the services behave on a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod acknowledgements;
mod audit;
mod bounded;
mod connections;
mod digests;
mod imports;
mod members;
mod overview;
mod queues;
mod reading;
mod run_batches;
mod run_company;
mod run_leases;
mod run_starts;
mod run_states;
mod runs_list;
mod saved_views;
mod schedules;
mod settings;
mod shadows;
mod told_views;
