//! The OData query options of a request, read and written.

use crate::error::GraphError;

/// The query string of a request as decoded pairs, in the order sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn parse(raw: &str) -> Self {
        let pairs = raw
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (key, value) = part.split_once('=').unwrap_or((part, ""));
                (
                    decode(&key.replace('+', " ")),
                    decode(&value.replace('+', " ")),
                )
            })
            .collect();
        Self { pairs }
    }

    /// The value of an option; Graph takes names in any case and, on beta, without the `$`.
    pub(crate) fn get(&self, option: &str) -> Option<&str> {
        let bare = option.trim_start_matches('$');
        self.pairs
            .iter()
            .find(|(key, _)| key.trim_start_matches('$').eq_ignore_ascii_case(bare))
            .map(|(_, value)| value.as_str())
    }

    /// `$top`, at least 1.
    pub(crate) fn top(&self) -> Result<Option<usize>, GraphError> {
        self.number("$top").and_then(|top| match top {
            Some(0) => Err(GraphError::bad_request(
                "Invalid value '0' for $top query option found.",
            )),
            other => Ok(other),
        })
    }

    pub(crate) fn number(&self, option: &str) -> Result<Option<usize>, GraphError> {
        self.get(option)
            .map(|text| {
                text.parse().map_err(|_| {
                    GraphError::bad_request(format!(
                        "Invalid value '{text}' for {option} query option found. The {option} query option requires a \
                         non-negative integer value."
                    ))
                })
            })
            .transpose()
    }

    /// The names in `$select`; `None` selects everything.
    pub(crate) fn select(&self) -> Option<Vec<&str>> {
        let names: Vec<&str> = self
            .get("$select")?
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        (!names.is_empty()).then_some(names)
    }

    pub(crate) fn wants_count(&self) -> bool {
        self.get("$count")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// `path` with this query behind it, readable.
    pub(crate) fn text(&self, path: &str) -> String {
        let parts: Vec<String> = self
            .pairs
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        if parts.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", parts.join("&"))
        }
    }

    /// The query of the following page: the same options, with `option` set to `token`.
    pub(crate) fn continued(&self, option: &str, token: &str) -> String {
        let mut parts: Vec<String> = self
            .pairs
            .iter()
            .filter(|(key, _)| {
                !["$skiptoken", "$skip", "$deltatoken"]
                    .iter()
                    .any(|old| key.eq_ignore_ascii_case(old))
            })
            .map(|(key, value)| format!("{}={}", encode(key), encode(value)))
            .collect();
        parts.push(format!("{}={}", encode(option), encode(token)));
        parts.join("&")
    }
}

/// Reads percent-encoding; bytes that are no UTF-8 become replacement characters.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Writes percent-encoding; `$` stays readable, as in Graph's own links.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
