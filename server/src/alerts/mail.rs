//! A mailbox, by way of a mail server.

use domain::sanitize;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox as Address,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use secrecy::{ExposeSecret, SecretString};

use super::{AlertError, LONGEST};

/// How mail gets where it belongs.
pub struct MailRoute {
    /// `smtps://user:password@mail.example.com`, or `smtp://…?tls=required` for a server that begins without TLS.
    pub server: SecretString,
    pub from: String,
    pub to: String,
}

pub(super) struct Mailbox {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    to: Address,
}

impl Mailbox {
    pub fn new(route: &MailRoute) -> Result<Self, AlertError> {
        let server =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(route.server.expose_secret())
                .map_err(|_| AlertError::NoAddress("smtps://user:password@mail.example.com"))?;
        let address = |text: &str| {
            text.parse()
                .map_err(|_| AlertError::NoAddress("Operations <ops@example.com>"))
        };
        Ok(Self {
            server: server.timeout(Some(LONGEST)).build(),
            from: address(&route.from)?,
            to: address(&route.to)?,
        })
    }

    pub async fn tell(&self, subject: &str, words: String) -> Result<(), AlertError> {
        // Nobody's absence is an answer to it.
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        let message = Message::builder()
            .from(self.from.clone())
            .to(self.to.clone())
            .subject(subject)
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(words)
            .map_err(not_mailed)?;
        self.server.send(message).await.map_err(not_mailed)?;
        Ok(())
    }
}

/// A server repeats addresses in its refusals.
fn not_mailed(error: impl std::error::Error) -> AlertError {
    AlertError::NotMailed(sanitize::message(&error.to_string()))
}
