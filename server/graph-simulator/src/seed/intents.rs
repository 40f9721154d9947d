//! Legacy endpoint security policies, as instances of their templates.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};
use crate::intents::KNOWN;

pub(crate) fn make(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let Some(template) = KNOWN.get(index % KNOWN.len()) else {
        return Map::new();
    };
    let mut settings = template.instance(|| pool.chance.uuid());
    // People change something of what a template proposes.
    for setting in settings.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(number) = setting.get("value").and_then(Value::as_u64) {
            let changed = number + 60 * (1 + pool.chance.below(4)) as u64;
            setting.insert("value".to_owned(), json!(changed));
            setting.insert("valueJson".to_owned(), json!(changed.to_string()));
        }
    }
    object(json!({
        "@odata.type": "#microsoft.graph.deviceManagementIntent",
        "displayName": name(&[template.name], index / KNOWN.len()),
        "description": "Endpoint security from before the settings catalog",
        "isAssigned": false, "isMigratingToConfigurationPolicy": false,
        "templateId": template.id, "settings": settings,
    }))
}
