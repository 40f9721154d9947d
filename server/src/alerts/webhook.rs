//! A chat's incoming webhook, or a program.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{AlertError, LONGEST};

pub(super) struct Webhook {
    http: reqwest::Client,
    /// Whoever knows it may write there, so it is in no log.
    address: SecretString,
}

impl From<reqwest::Error> for AlertError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}

impl Webhook {
    pub fn new(address: SecretString) -> Result<Self, AlertError> {
        let known: Option<axum::http::Uri> = address.expose_secret().parse().ok();
        let scheme = known.as_ref().and_then(axum::http::Uri::scheme_str);
        if !scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme)) {
            return Err(AlertError::NoAddress("https://chat.example.com/hooks/…"));
        }
        let http = reqwest::Client::builder()
            .timeout(LONGEST)
            // What is told is for this address alone.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, address })
    }

    pub async fn tell(&self, words: &str, runs: Vec<Value>) -> Result<(), AlertError> {
        let message = json!({ "text": words, "runs": runs });
        let address = self.address.expose_secret();
        let answer = self.http.post(address).json(&message).send().await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(AlertError::Refused(status)),
        }
    }
}
