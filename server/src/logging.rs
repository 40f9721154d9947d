//! The log: lines on standard error, filtered by `TENANTATLAS_LOG`.

use tracing_subscriber::EnvFilter;

/// Starts logging; `otherwise` filters if the variable is not set.
pub fn start(otherwise: &str) {
    let filter =
        EnvFilter::try_from_env("TENANTATLAS_LOG").unwrap_or_else(|_| EnvFilter::new(otherwise));
    let _already_started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
