//! How the simulated Graph behaves, seen over HTTP as any client sees it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod actions;
mod batches;
mod caller;
mod control;
mod delegated;
mod demonstration;
mod directory;
mod exports;
mod faults;
mod login;
mod policies;
mod relations;
mod writes;
