//! Tells a web address of runs that did not succeed: a chat's incoming webhook, or a program.

use std::time::Duration;

use domain::{Outcome, RunId, views::run_list::ExportedRun};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use services::{Db, ServiceError, runs};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(3);
const LONGEST: Duration = Duration::from_secs(10);
/// Runs named in the words; all are in the data.
const NAMED: usize = 10;

/// Where runs are told, and where links to them lead.
pub struct Alerts {
    http: reqwest::Client,
    /// Whoever knows it may write there, so it is in no log.
    address: SecretString,
    public_url: String,
}

/// Why nothing was told.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    #[error("use an address like https://chat.example.com/hooks/…")]
    NoAddress,
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the address can't be reached: {0}")]
    Unreachable(reqwest::Error),
    #[error("the address answered {0}")]
    Refused(reqwest::StatusCode),
}

impl From<reqwest::Error> for AlertError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}

impl Alerts {
    /// # Errors
    /// An address that is none; the text does not repeat it.
    pub fn new(address: SecretString, public_url: String) -> Result<Self, AlertError> {
        let known: Option<axum::http::Uri> = address.expose_secret().parse().ok();
        let scheme = known.as_ref().and_then(axum::http::Uri::scheme_str);
        if !scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme)) {
            return Err(AlertError::NoAddress);
        }
        let http = reqwest::Client::builder()
            .timeout(LONGEST)
            // What is told is for this address alone.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            address,
            public_url,
        })
    }

    /// Tells of the runs that are to be told now, in one message. Returns how many those were.
    pub async fn tell(&self, db: &Db) -> Result<usize, AlertError> {
        let bad = runs::to_alert(db).await?;
        if bad.is_empty() {
            return Ok(0);
        }
        let message = json!({ "text": self.words(&bad), "runs": self.with_links(&bad) });
        let address = self.address.expose_secret();
        let answer = self.http.post(address).json(&message).send().await?;
        if !answer.status().is_success() {
            return Err(AlertError::Refused(answer.status()));
        }
        let told: Vec<RunId> = bad.iter().map(|run| run.id).collect();
        runs::alerted(db, &told).await?;
        Ok(told.len())
    }

    fn link(&self, run: &ExportedRun) -> String {
        format!("{}/runs/{}", self.public_url, run.id)
    }

    fn words(&self, bad: &[ExportedRun]) -> String {
        let mut lines = vec![match bad {
            [_] => "1 run did not succeed.".to_owned(),
            several => format!("{} runs did not succeed.", several.len()),
        }];
        for run in bad.iter().take(NAMED) {
            let outcome = run.outcome.parse().map_or(run.outcome, Outcome::label);
            let counts = match (run.failed, run.total) {
                (Some(failed), Some(total)) => format!(", {failed} of {total} failed"),
                _ => String::new(),
            };
            let why = run
                .failures
                .first()
                .map(|one| format!(" {}.", one.message.trim_end_matches('.')));
            lines.push(format!(
                "• {} for {}: {}{counts}.{} {}",
                run.operation,
                run.tenant,
                outcome.to_lowercase(),
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
