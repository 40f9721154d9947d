//! Takes secrets and personal addresses out of text before it is stored, logged or shown.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

use crate::failures::{FailureGroup, MAX_MESSAGE_CHARS};

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

static SECRETS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        // JSON web tokens, cut-off ones too
        (r"eyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*){0,4}", REDACTED),
        (r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}", "$1 [redacted]"),
        (r"(?i)\b((?:set-)?cookie)\s*:\s*[^\r\n]+", "$1: [redacted]"),
        (r"(?i)\b(authorization)\s*:\s*[^\r\n,]+", "$1: [redacted]"),
        // user:password@ in any URL or connection string
        (r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]*@\S*", "$1[redacted]"),
        // name=value, name: value and "name":"value", with the names of secrets; also where the quotes are escaped
        (
            r#"(?i)\b(client[_-]?secret|client[_-]?assertion|access[_-]?token|refresh[_-]?token|id[_-]?token|api[_-]?key|account[_-]?key|shared[_-]?access[_-]?key|password|passwd|pwd|secret|sig|code[_-]?verifier)(\\*"?\s*[=:]\s*\\*"?)(?:[^\s"\\&;,}]|\\[^"])+"#,
            "$1$2[redacted]",
        ),
        // client secrets as Entra ID makes them
        (r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,}", REDACTED),
        // guests are named ada_example.com#EXT#@contoso.onmicrosoft.com
        (r"[\p{L}\p{N}._%+'#!$&*/=?^`{|}~-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+", "[address]"),
    ]
    .into_iter()
    .filter_map(|(pattern, with)| Regex::new(pattern).ok().map(|regex| (regex, with)))
    .collect()
});

static SECRET_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(secret|password|passwd|token|cookie|authorization|assertion|api_?key|connection_?string)").ok()
});

/// The same text without secrets, in full length.
pub fn text(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, with) in SECRETS.iter() {
        if let Cow::Owned(redacted) = pattern.replace_all(&text, *with) {
            text = redacted;
        }
    }
    text
}

/// One line of at most 200 characters without secrets.
pub fn message(message: &str) -> String {
    message_ending(message, "")
}

/// The same with these words at its end, which are never cut off.
pub fn message_ending(message: &str, ending: &str) -> String {
    let most = MAX_MESSAGE_CHARS.saturating_sub(ending.chars().count());
    let line = text(message)
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let line = match line.char_indices().nth(most) {
        None => line,
        Some(_) => line
            .chars()
            .take(most.saturating_sub(1))
            .chain(['…'])
            .collect(),
    };
    line + ending
}

/// The same failure with a sanitized message.
pub fn failure(failure: FailureGroup) -> FailureGroup {
    FailureGroup {
        message: message(&failure.message),
        ..failure
    }
}

/// A JSON value without secrets, at any depth: members named like secrets lose their value, texts become messages.
pub fn json(value: Value) -> Value {
    without_secrets(value, message)
}

/// The same with texts in full length.
pub fn json_in_full(value: Value) -> Value {
    without_secrets(value, text)
}

fn without_secrets(value: Value, sanitized: fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(sanitized(&text)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| without_secrets(item, sanitized))
            .collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| {
                let is_secret = SECRET_KEY
                    .as_ref()
                    .is_some_and(|names| names.is_match(&key));
                let value = match value {
                    Value::String(_) | Value::Array(_) | Value::Object(_) if is_secret => {
                        REDACTED.into()
                    }
                    other => without_secrets(other, sanitized),
                };
                (key, value)
            })
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_compile() {
        assert_eq!(SECRETS.len(), 8);
        assert!(SECRET_KEY.is_some());
    }

    #[test]
    fn no_secret_survives() {
        let jwt = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl";
        for (text, secret) in [
            (format!("token {jwt} expired"), "eyJ0"),
            (format!("Authorization: Bearer {jwt}"), "eyJ0"),
            ("sent Bearer abcdef0123456789".into(), "abcdef0123456789"),
            ("client_secret=abc~DEF.123&grant_type=x".into(), "abc~DEF"),
            (r#"{"client_secret":"hunter2hunter2"}"#.into(), "hunter2"),
            (r#"{"password": "hunter2"}"#.into(), "hunter2"),
            (r#"{\"password\": \"hunter2\"}"#.into(), "hunter2"),
            (r"password=hun\ter2".into(), "ter2"),
            ("Server=db;User Id=sa;Password=hunter2;".into(), "hunter2"),
            (
                "postgres://app:hunter2@db.internal/app failed".into(),
                "hunter2",
            ),
            ("Cookie: session=hunter2; other=1".into(), "hunter2"),
            ("Set-Cookie: a=hunter2".into(), "hunter2"),
            (
                "secret is xYz8Q~abcdefghijklmnopqrstuvwxyz0123456 ok".into(),
                "abcdefghijkl",
            ),
            (
                "user ada.lovelace@contoso.example not found".into(),
                "ada.lovelace",
            ),
            ("user ada@contoso.onmicrosoft.com".into(), "contoso"),
            ("guest ada_x.com#EXT#@y.onmicrosoft.com".into(), "ada_x"),
            ("user jürgen.groß@contoso.example".into(), "jürgen"),
        ] {
            let clean = message(&text);
            assert!(!clean.contains(secret), "{clean}");
        }
    }

    #[test]
    fn ordinary_words_stay() {
        for text in [
            "Application is not authorized to perform this operation.",
            "Permission missing: DeviceManagementScripts.Read.All",
            "Request id 7b1c3c1e-3f4e-4a4e-9a43-2b0f4c8f9d10",
        ] {
            assert_eq!(message(text), text);
        }
    }

    #[test]
    fn a_message_is_one_line_of_at_most_200_characters() {
        let clean = message(&format!("first\r\nsecond\tthird {}", "ü".repeat(500)));
        assert!(clean.starts_with("first second third ü"));
        assert_eq!(clean.chars().count(), 200);
        assert!(clean.ends_with('…'));
        assert_eq!(message(&"x".repeat(200)).chars().count(), 200);
    }

    #[test]
    fn the_end_of_a_message_is_not_cut_off_by_its_length() {
        assert_eq!(
            message_ending("no route", " (retrying)"),
            "no route (retrying)"
        );
        let long = message_ending(&"no route ".repeat(40), " (retrying)");
        assert_eq!(long.chars().count(), 200);
        assert!(long.ends_with("… (retrying)"), "{long}");
        assert_eq!(message(&long), long);
    }

    #[test]
    fn a_text_keeps_its_length_and_lines_and_an_escaped_quote_stays_escaped() {
        let long = format!("first\nsecond {}", "ü".repeat(500));
        assert_eq!(text(&long), long);
        assert_eq!(
            text(r#"{\"password\":\"hunter2\",\"n\":1}"#),
            r#"{\"password\":\"[redacted]\",\"n\":1}"#
        );
        let full = json_in_full(serde_json::json!({ "note": long, "token": "opaque" }));
        assert_eq!(full["note"], long);
        assert_eq!(full["token"], REDACTED);
    }

    #[test]
    fn json_loses_secrets_at_any_depth_and_keeps_the_rest() {
        let clean = json(serde_json::json!({
            "kinds": ["settings_catalog"],
            "nested": [{"client_secret": "hunter2", "n": 3, "note": "Bearer abcdefgh12"}],
            "tokens": ["opaque-value-1"], "password": {"value": "opaque-value-2"},
        }));
        let text = clean.to_string();
        assert!(
            !text.contains("hunter2") && !text.contains("abcdefgh12") && !text.contains("opaque"),
            "{text}"
        );
        assert_eq!(clean["kinds"][0], "settings_catalog");
        assert_eq!(clean["nested"][0]["n"], 3);
    }
}
