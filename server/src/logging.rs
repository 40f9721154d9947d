//! The log: lines on standard error, filtered by the setting `log`.

use tracing_subscriber::EnvFilter;

/// A filter that can be understood.
pub(crate) fn checked(filter: &str) -> Result<String, String> {
    match EnvFilter::try_new(filter) {
        Ok(_) => Ok(filter.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Starts logging; `otherwise` filters if nothing is set.
pub fn start(filter: Option<&str>, otherwise: &str) {
    let filter = EnvFilter::new(filter.unwrap_or(otherwise));
    let _already_started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
