//! Tells places outside of runs that did not succeed: a chat's incoming webhook or a program, and a mailbox.

mod mail;
mod webhook;

use std::time::Duration;

use domain::{Outcome, RunId, views::run_list::ExportedRun};
use secrecy::SecretString;
use serde_json::{Value, json};
use services::{
    Db, ServiceError,
    runs::{self, AlertPlace},
};
use tokio_util::sync::CancellationToken;

pub use mail::MailRoute;
use mail::Mailbox;
use webhook::Webhook;

const EVERY: Duration = Duration::from_secs(3);
/// The longest that telling may take.
const LONGEST: Duration = Duration::from_secs(10);
/// Runs named in the words.
const NAMED: usize = 10;

/// A place that is told of runs, and where links to them lead.
pub struct Alerts {
    place: Place,
    public_url: String,
}

enum Place {
    Web(Webhook),
    Mail(Box<Mailbox>),
}

/// Why nothing was told. No text of it holds an address.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    #[error("use an address like {0}")]
    NoAddress(&'static str),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the address can't be reached: {0}")]
    Unreachable(reqwest::Error),
    #[error("the address answered {0}")]
    Refused(reqwest::StatusCode),
    #[error("the mail server did not take it: {0}")]
    NotMailed(String),
}

impl Alerts {
    /// # Errors
    /// An address that is none.
    pub fn to_web(address: SecretString, public_url: String) -> Result<Self, AlertError> {
        let place = Place::Web(Webhook::new(address)?);
        Ok(Self { place, public_url })
    }

    /// # Errors
    /// A mail server, sender or mailbox whose address is none.
    pub fn to_mailbox(route: &MailRoute, public_url: String) -> Result<Self, AlertError> {
        let place = Place::Mail(Box::new(Mailbox::new(route)?));
        Ok(Self { place, public_url })
    }

    /// Tells of the runs that are to be told now, in one message. Returns how many those were.
    pub async fn tell(&self, db: &Db) -> Result<usize, AlertError> {
        let place = match self.place {
            Place::Web(_) => AlertPlace::Web,
            Place::Mail(_) => AlertPlace::Mail,
        };
        let bad = runs::to_alert(db, place).await?;
        if bad.is_empty() {
            return Ok(0);
        }
        let words = self.words(&bad);
        match &self.place {
            Place::Web(webhook) => webhook.tell(&words, self.with_links(&bad)).await?,
            Place::Mail(mailbox) => mailbox.tell(&subject(&bad), words).await?,
        }
        let told: Vec<RunId> = bad.iter().map(|run| run.id).collect();
        runs::alerted(db, place, &told).await?;
        Ok(told.len())
    }

    fn link(&self, run: &ExportedRun) -> String {
        format!("{}/runs/{}", self.public_url, run.id)
    }

    fn words(&self, bad: &[ExportedRun]) -> String {
        let mut lines = vec![format!("{}.", how_many(bad))];
        for run in bad.iter().take(NAMED) {
            let counts = match (run.failed, run.total) {
                (Some(failed), Some(total)) => format!(", {failed} of {total} failed"),
                _ => String::new(),
            };
            let why = run
                .failures
                .first()
                .map(|one| format!(" {}.", one.message.trim_end_matches('.')));
            lines.push(format!(
                "• {}{counts}.{} {}",
                what(run),
                why.unwrap_or_default(),
                self.link(run)
            ));
        }
        if bad.len() > NAMED {
            let all = format!("{}/runs?outcome=not_succeeded&last=24h", self.public_url);
            lines.push(format!("• and {} more: {all}", bad.len() - NAMED));
        }
        // A name must not call everybody in a chat that takes these for mark-up.
        lines.join("\n").replace('<', "‹").replace('>', "›")
    }

    fn with_links(&self, bad: &[ExportedRun]) -> Vec<Value> {
        let with_link = |run| {
            let mut value = json!(run);
            value["url"] = self.link(run).into();
            value
        };
        bad.iter().map(with_link).collect()
    }
}

/// "Inventory sync for Contoso: failed"
fn what(run: &ExportedRun) -> String {
    let outcome = run.outcome.parse().map_or(run.outcome, Outcome::label);
    format!(
        "{} for {}: {}",
        run.operation,
        run.tenant,
        outcome.to_lowercase()
    )
}

fn how_many(bad: &[ExportedRun]) -> String {
    match bad {
        [_] => "1 run did not succeed".to_owned(),
        several => format!("{} runs did not succeed", several.len()),
    }
}

fn subject(bad: &[ExportedRun]) -> String {
    match bad {
        [one] => what(one),
        several => how_many(several),
    }
}

/// Tells until `shutdown`. Every process that has the address does so; each run is told by one.
pub async fn keep_alerting(alerts: Alerts, db: Db, shutdown: CancellationToken) {
    loop {
        if let Err(error) = alerts.tell(&db).await {
            tracing::warn!(%error, "runs that did not succeed could not be told yet");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}
