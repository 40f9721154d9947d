//! How the program behaves: its pages, workers, listeners and processes, on a real PostgreSQL and a simulated Graph.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod alerts;
mod bulk;
mod commands;
mod drift;
mod imports;
mod links;
mod logging;
mod operations;
mod overview_pages;
mod pages;
mod previews;
mod private_postgres;
mod processes;
mod queue_traps;
mod rbac;
mod refused_starts;
mod repeats;
mod restore_mappings;
mod restores;
mod restores_interrupted;
mod restores_killed;
mod retention;
mod runs_list;
mod secrets;
mod settings_pages;
mod support;
mod tracking;
mod worker;
