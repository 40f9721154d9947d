//! The log: lines on standard error, filtered by the setting `log`. Whatever is logged, no secret gets into it.

use std::io::Write;

use clap::ValueEnum;
use domain::sanitize;
use serde_json::Value;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, util::SubscriberInitExt};

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object a line, for programs
    Json,
}

/// A filter that can be understood.
pub(crate) fn checked(filter: &str) -> Result<String, String> {
    match EnvFilter::try_new(filter) {
        Ok(_) => Ok(filter.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Starts logging; `otherwise` filters if nothing is set.
pub fn start(filter: Option<&str>, format: Format, otherwise: &str) {
    let filter = filter.unwrap_or(otherwise);
    let _already_started = subscriber(filter, format, std::io::stderr).try_init();
}

/// What takes in all events and writes them out sanitized, each as one line.
pub fn subscriber<M>(filter: &str, format: Format, to: M) -> Box<dyn Subscriber + Send + Sync>
where
    M: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        // Colours would stand between a secret's name and its value and hide both.
        .with_ansi(false)
        .with_writer(Sanitized { to, format });
    match format {
        Format::Text => Box::new(lines.finish()),
        Format::Json => Box::new(lines.json().finish()),
    }
}

/// Sanitizes what goes through it. Callers sanitize too; this holds for what they and other crates forget.
struct Sanitized<M> {
    to: M,
    format: Format,
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Sanitized<M> {
    type Writer = Event<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Event {
            to: self.to.make_writer(),
            format: self.format,
            text: Vec::new(),
        }
    }
}

/// One event: tracing makes a writer for each. Kept until it is whole, as a secret may come in two writes.
struct Event<W: Write> {
    to: W,
    format: Format,
    text: Vec<u8>,
}

impl<W: Write> Write for Event<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Drop for Event<W> {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text);
        let line = sanitized(text.trim_end(), self.format);
        // There is nowhere left to tell that standard error is gone.
        let _closed = writeln!(self.to, "{line}");
    }
}

fn sanitized(event: &str, format: Format) -> String {
    let json = match format {
        Format::Text => None,
        // Value by value, for a pattern that runs to the end of a line would run over the closing quotes.
        Format::Json => serde_json::from_str::<Value>(event).ok(),
    };
    match json {
        Some(event) => sanitize::json_in_full(event).to_string(),
        // A line break in a value must not look like another event.
        None => sanitize::text(event).replace(char::is_control, " "),
    }
}
