//! Addresses with their filters: reading what stands in the URL, and writing it so that equal views have equal addresses.

use leptos_router::params::ParamsMap;

/// A value of the query; one that a form sent empty counts as absent.
pub fn given(query: &ParamsMap, name: &str) -> Option<String> {
    query.get(name).filter(|value| !value.trim().is_empty())
}

/// `path?name=value&…` with the parts that are there, in the given order.
pub fn with_query(path: &str, parts: &[(&str, Option<String>)]) -> String {
    let query: Vec<_> = parts
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", encode(value.as_deref()?))))
        .collect();
    match query.len() {
        0 => path.to_owned(),
        _ => format!("{path}?{}", query.join("&")),
    }
}

/// Percent-encodes everything but what RFC 3986 calls unreserved.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_only_the_parts_that_are_there() {
        assert_eq!(with_query("/runs", &[("status", None)]), "/runs");
        assert_eq!(
            with_query(
                "/runs",
                &[
                    ("status", Some("failed".into())),
                    ("mine", None),
                    ("q", Some("a&b é".into()))
                ]
            ),
            "/runs?status=failed&q=a%26b%20%C3%A9"
        );
    }
}
