//! Values that an export shows in plain for people to read, in the form that Graph takes.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::templates::objects;

/// Encodes what was decoded, and takes plain text out of the answer that told it.
pub(super) fn with_encoded(policy: &mut Map<String, Value>) {
    if let Some(payload) = policy.get_mut("payloadJson")
        && (payload.is_object() || payload.is_array())
    {
        *payload = json!(STANDARD.encode(payload.to_string()));
    }
    for setting in objects(policy.get_mut("omaSettings")) {
        let answer = setting.get_mut("value").and_then(Value::as_object_mut);
        if let Some(plain) = answer.and_then(|answer| answer.remove("value")) {
            setting.insert("value".to_owned(), plain);
            // Only an encrypted value is asked for, and nobody is shown such a one.
            setting.insert("isEncrypted".to_owned(), json!(true));
        }
    }
}

#[cfg(test)]
#[path = "tests/decoded.rs"]
mod tests;
