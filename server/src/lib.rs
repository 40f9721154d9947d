//! The program around the services: settings, web server, worker, private database, commands.

pub mod alerts;
pub mod commands;
pub mod config;
mod dev;
pub mod failure;
pub mod housekeeping;
pub mod http;
pub mod listeners;
pub mod logging;
pub mod perform;
pub mod private_postgres;
mod serve;
mod shutdown;
pub mod track_operation_run;
pub mod worker;
