//! How the program behaves: its pages, workers, listeners and processes, on a real PostgreSQL and a simulated Graph.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bulk;
mod imports;
mod links;
mod operations;
mod pages;
mod private_postgres;
mod processes;
mod rbac;
mod restores;
mod support;
mod tracking;
mod worker;
