//! Values that Graph does not show: what of a policy a backup does not hold, and what it holds but nobody is shown.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Paths such as `omaSettings[1].value` of values that Graph masks, so that this capture does not hold
/// them. A restore writes the rest; such a value has to be entered again by hand.
///
/// Asterisks stand for an encrypted OMA value that could not be asked for, number signs for a product
/// key; a settings-catalog secret comes as a token that is good for nothing elsewhere.
pub fn masked_secrets(policy: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(policy, "", &mut found);
    found
}

fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        _ if is_masked(value) => found.push(path.to_owned()),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{path}[{at}]"), found);
            }
        }
        Value::Object(members) => {
            let dot = if path.is_empty() { "" } else { "." };
            if value["valueState"] == "encryptedValueToken" {
                found.push(format!("{path}{dot}value"));
                return;
            }
            for (name, inner) in members {
                walk(inner, &format!("{path}{dot}{name}"), found);
            }
        }
        _ => {}
    }
}

/// The policy as people may see it: each encrypted OMA value whose plain text the capture holds is a text such as
/// `secret 3f9a1c` instead. Equal values are equal texts under one salt; with a new random salt for each call nothing
/// can be guessed from the text later.
pub fn with_secrets_hidden(policy: &Value, salt: &[u8]) -> Value {
    with_secrets(policy, |value| {
        let mut hash = Sha256::new();
        hash.update(salt);
        match value.as_str() {
            Some(text) => hash.update(text.as_bytes()),
            None => hash.update(value.to_string().as_bytes()),
        }
        let start = hash.finalize();
        let digits: String = start
            .iter()
            .take(3)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("secret {digits}")
    })
}

/// The policy without the plain text of encrypted OMA values: masked, as Graph shows them.
pub fn with_secrets_masked(policy: &Value) -> Value {
    with_secrets(policy, |_| "****".to_owned())
}

fn with_secrets(policy: &Value, replaced: impl Fn(&Value) -> String) -> Value {
    let mut policy = policy.clone();
    let settings = policy.get_mut("omaSettings").and_then(Value::as_array_mut);
    for setting in settings.into_iter().flatten() {
        if setting["isEncrypted"] != true {
            continue;
        }
        if let Some(value) = setting.get_mut("value")
            && !value.is_null()
            && *value != ""
            && !is_masked(value)
        {
            *value = Value::String(replaced(value));
        }
    }
    policy
}

pub(crate) fn is_masked(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.starts_with("#####-") || text.len() >= 4 && text.chars().all(|letter| letter == '*')
    })
}

/// The reference under which the plain text of a masked OMA setting is asked for.
pub(crate) fn reference_of(setting: &Value) -> Option<&str> {
    if setting["isEncrypted"] != true {
        return None;
    }
    let reference = setting["secretReferenceValueId"].as_str()?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    (!reference.is_empty() && reference.chars().all(plain)).then_some(reference)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn masked_values_are_named_by_their_path() {
        let policy = json!({
            "productKey": "#####-#####-#####-#####-A1B2C", "wildcard": "*",
            "omaSettings": [{"value": "seen"}, {"value": "****", "isEncrypted": true}],
            "settings": [{"settingInstance": {"simpleSettingValue": {"value": "f0a1", "valueState": "encryptedValueToken"}}}],
        });
        let mut paths = masked_secrets(&policy);
        paths.sort();
        assert_eq!(
            paths,
            [
                "omaSettings[1].value",
                "productKey",
                "settings[0].settingInstance.simpleSettingValue.value",
            ]
        );
    }

    #[test]
    fn an_encrypted_value_is_shown_as_a_text_that_tells_only_whether_it_changed() {
        let policy = |plain: &str| {
            json!({"displayName": "Keys", "omaSettings": [
                {"omaUri": "./a", "isEncrypted": true, "value": plain},
                {"omaUri": "./b", "isEncrypted": true, "value": "****"},
                {"omaUri": "./c", "isEncrypted": false, "value": "open"},
                {"omaUri": "./d", "isEncrypted": true, "value": ""}, {"omaUri": "./e", "isEncrypted": true}]})
        };
        let hidden = |plain: &str, salt: &[u8]| with_secrets_hidden(&policy(plain), salt);
        let shown = hidden("plain", b"one");
        let text = shown["omaSettings"][0]["value"].as_str();
        let digits = text.and_then(|text| text.strip_prefix("secret "));
        assert!(
            digits.is_some_and(|digits| digits.len() == 6
                && digits.chars().all(|letter| letter.is_ascii_hexdigit())),
            "{text:?}"
        );
        assert_eq!(shown, hidden("plain", b"one"));
        assert_ne!(shown, hidden("other", b"one"));
        assert_ne!(shown, hidden("plain", b"two"));
        let masked = with_secrets_masked(&policy("plain"));
        assert_eq!(masked, policy("****"));
        assert_eq!(
            masked_secrets(&masked),
            ["omaSettings[0].value", "omaSettings[1].value"]
        );
        for kept in 1..5 {
            assert_eq!(shown["omaSettings"][kept], masked["omaSettings"][kept]);
        }
    }
}
