//! What follows changes in the database, whoever makes them.

mod sync_restore_run;

pub use sync_restore_run::sync_restore_runs;
