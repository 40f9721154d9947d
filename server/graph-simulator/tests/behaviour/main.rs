//! How the simulated Graph behaves, seen over HTTP as any client sees it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod actions;
mod batches;
mod caller;
mod control;
mod delegated;
mod demonstration;
mod directory;
mod encrypted;
mod exports;
mod faults;
mod intents;
mod login;
mod mobile_apps;
mod notifications;
mod owned;
mod policies;
mod priorities;
mod relations;
mod reusable;
mod writes;
