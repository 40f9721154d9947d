//! Values that Graph does not show: what of a policy a backup does not hold.

use serde_json::Value;

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
}
