//! How the program behaves: its pages, workers, listeners and processes, on a real PostgreSQL and a simulated Graph.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bulk;
mod imports;
mod operations;
mod pages;
mod private_postgres;
mod processes;
mod rbac;
mod restores;
mod restores_killed;
mod support;
mod tracking;
mod worker;
