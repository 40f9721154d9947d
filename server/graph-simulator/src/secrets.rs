//! Values that Graph takes in plain and does not show again: OMA settings, and secrets of the settings catalog.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::GraphError;

/// Where an object keeps its plain texts, by the reference or token that is shown instead.
pub(crate) const KEPT: &str = "~secrets";
const MASK: &str = "****";
/// Types of OMA settings whose values Intune encrypts, whatever a client says of them.
const ENCRYPTED: [&str; 2] = [
    "#microsoft.graph.omaSettingString",
    "#microsoft.graph.omaSettingStringXml",
];
const TOKEN: &str = "encryptedValueToken";

/// Puts references and tokens in the place of plain texts in what a client sent, and keeps the plain texts aside.
/// `before` is the object that this changes, if there is one.
///
/// # Errors
/// If something is sent back as it was shown: a masked OMA value, a token that the object does not have.
pub(crate) fn seal(
    sent: &mut Map<String, Value>,
    before: Option<&Value>,
) -> Result<(), GraphError> {
    let mut kept = Map::new();
    let settings = sent.get_mut("omaSettings").and_then(Value::as_array_mut);
    for setting in settings.into_iter().flatten() {
        seal_oma(setting, &mut kept)?;
    }
    for name in ["settings", "settingInstance"] {
        if let Some(instances) = sent.get_mut(name) {
            let known = before.and_then(|before| before.get(name));
            seal_catalog(instances, known, before, &mut kept)?;
        }
    }
    if !kept.is_empty() {
        sent.insert(KEPT.to_owned(), Value::Object(kept));
    }
    Ok(())
}

fn seal_oma(setting: &mut Value, kept: &mut Map<String, Value>) -> Result<(), GraphError> {
    if !setting["secretReferenceValueId"].is_null() || setting["value"] == MASK {
        return Err(GraphError::intune(
            400,
            "NotSupported",
            "SecretReferenceValueId invalid for create.",
        ));
    }
    let is_text = setting["@odata.type"]
        .as_str()
        .is_some_and(|name| ENCRYPTED.contains(&name));
    let is_secret = setting["isEncrypted"] == true || is_text;
    let Some(setting) = setting.as_object_mut() else {
        return Ok(());
    };
    setting.insert("isEncrypted".to_owned(), json!(is_secret));
    setting.insert("secretReferenceValueId".to_owned(), Value::Null);
    if is_secret && let Some(plain) = setting.insert("value".to_owned(), json!(MASK)) {
        let reference = Uuid::new_v4().to_string();
        setting.insert("secretReferenceValueId".to_owned(), json!(reference));
        kept.insert(reference, plain);
    }
    Ok(())
}

/// Secrets of the settings catalog at any depth.
fn seal_catalog(
    value: &mut Value,
    known: Option<&Value>,
    before: Option<&Value>,
    kept: &mut Map<String, Value>,
) -> Result<(), GraphError> {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| seal_catalog(item, known, before, kept)),
        Value::Object(object) if is_catalog_secret(object) => {
            let plain = object.get("value").cloned().unwrap_or_default();
            if object.get("valueState") != Some(&json!(TOKEN)) {
                let token = Uuid::new_v4().to_string();
                object.insert("value".to_owned(), json!(token));
                object.insert("valueState".to_owned(), json!(TOKEN));
                kept.insert(token, plain);
                return Ok(());
            }
            let token = plain.as_str().unwrap_or_default();
            if !known.is_some_and(|known| has_token(known, token)) {
                return Err(GraphError::intune(
                    400,
                    "BadRequest",
                    "The token of an encrypted value is not known.",
                ));
            }
            if let Some(plain) = before.and_then(|before| before.get(KEPT)?.get(token)) {
                kept.insert(token.to_owned(), plain.clone());
            }
            Ok(())
        }
        Value::Object(object) => object
            .values_mut()
            .try_for_each(|inner| seal_catalog(inner, known, before, kept)),
        _ => Ok(()),
    }
}

fn is_catalog_secret(object: &Map<String, Value>) -> bool {
    let odata_type = object.get("@odata.type").and_then(Value::as_str);
    odata_type.is_some_and(|name| name.ends_with("ConfigurationSecretSettingValue"))
}

fn has_token(value: &Value, token: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has_token(item, token)),
        Value::Object(object) if is_catalog_secret(object) => {
            object.get("value").and_then(Value::as_str) == Some(token)
        }
        Value::Object(object) => object.values().any(|inner| has_token(inner, token)),
        _ => false,
    }
}
