//! Notification templates with a message for each language.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};
use crate::messages::RELATION;

pub(crate) fn make(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Device is not compliant",
        "Device will be blocked",
        "Update your device",
    ];
    let (id, written) = (pool.chance.uuid(), pool.chance.moment());
    let message = |locale: &str, subject: &str, text: &str, is_default: bool| {
        json!({
            "id": format!("{id}_{locale}"), "lastModifiedDateTime": written, "locale": locale,
            "subject": subject, "messageTemplate": text, "isDefault": is_default,
        })
    };
    let mut messages = vec![message(
        "en-us",
        "Your device needs attention",
        "Please open Company Portal and follow the steps there.",
        true,
    )];
    if index.is_multiple_of(2) {
        messages.push(message(
            "de-de",
            "Ihr Gerät braucht Aufmerksamkeit",
            "Bitte öffnen Sie das Unternehmensportal und folgen Sie den Schritten dort.",
            false,
        ));
    }
    let mut made = object(json!({
        "@odata.type": "#microsoft.graph.notificationMessageTemplate",
        "id": id, "displayName": name(&names, index), "description": "", "defaultLocale": "en-us",
        "brandingOptions": "includeCompanyLogo,includeCompanyName",
    }));
    made.insert(RELATION.to_owned(), Value::Array(messages));
    made
}
