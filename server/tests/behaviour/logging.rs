//! The log takes secrets out of whatever is logged, by whom ever, in both of its formats.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use server::logging::{Format, subscriber};
use tracing::{error, info, warn};

const JWT: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl";

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is in the log after this was logged.
fn logged(format: Format, log: impl FnOnce()) -> String {
    let heard = Heard::default();
    let to = heard.clone();
    let subscriber = subscriber("info", format, move || to.clone());
    tracing::subscriber::with_default(subscriber, log);
    let bytes = heard.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// Five events, each with secrets where events have room for them.
fn careless() {
    let _span = tracing::info_span!("request", user = "ada.lovelace@contoso.example").entered();
    info!("got {JWT} from the login service");
    warn!(
        header = "Authorization: Bearer abcdef0123456789",
        "sent again"
    );
    error!(
        error = ?std::io::Error::other("postgres://app:hunter2@db.internal/app went away"),
        "Server=db;User Id=sa;Password=hunter2;"
    );
    info!(
        body = r#"{"client_secret":"hunter2","n":1}"#,
        password = "hunter2",
        "refused"
    );
    info!(
        answer = "Set-Cookie: session=hunter2",
        "{}\nfaked event",
        "ü".repeat(400)
    );
}

fn assert_nothing_leaked(log: &str) {
    for secret in [
        "eyJ0",
        "abcdef0123456789",
        "hunter2",
        "ada.lovelace",
        "db.internal",
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    assert_eq!(log.lines().count(), 5, "{log}");
    // In full length: what is cut off can't be searched for.
    assert!(log.contains(&"ü".repeat(400)), "{log}");
}

#[test]
fn no_secret_gets_into_the_log_for_people() {
    let log = logged(Format::Text, careless);
    assert_nothing_leaked(&log);
    let lines: Vec<&str> = log.lines().collect();
    for (line, kept) in lines.iter().zip([
        "got [redacted] from the login service",
        "sent again",
        "Server=db;User Id=sa;Password=[redacted];",
        "refused",
        "üüü",
    ]) {
        assert!(line.contains(kept), "{kept} in {line}");
    }
    assert!(!log.contains('\u{1b}'), "no colours: {log}");
}

#[test]
fn no_secret_gets_into_the_log_for_programs_and_each_line_is_json() {
    let log = logged(Format::Json, careless);
    assert_nothing_leaked(&log);
    let events: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let levels: Vec<&str> = events
        .iter()
        .map(|event| event["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["INFO", "WARN", "ERROR", "INFO", "INFO"]);
    let fields = &events[3]["fields"];
    assert_eq!(fields["message"], "refused");
    assert_eq!(fields["password"], "[redacted]");
    assert_eq!(fields["body"], r#"{"client_secret":"[redacted]","n":1}"#);
    assert_eq!(events[0]["span"]["user"], "[address]");
}
