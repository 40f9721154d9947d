//! What a policy's JSON tells: its platform, its last change, and what of it the service changes by itself.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::kinds::PolicyKind;

/// Members that the service sets, so that a change in them is nobody's change of the policy.
const SERVER_OWNED: [&str; 22] = [
    "createdDateTime",
    "lastModifiedDateTime",
    "modifiedDateTime",
    "lastSyncDateTime",
    "version",
    "supportsScopeTags",
    "isAssigned",
    "settingCount",
    "creationSource",
    "priorityMetaData",
    "deployedAppCount",
    "highestAvailableVersion",
    "deployableContentDisplayName",
    "endOfSupportDate",
    "releaseDateDisplayName",
    "inventorySyncStatus",
    "newUpdates",
    "deviceReporting",
    "featureUpdatesWillBeRolledBack",
    "qualityUpdatesWillBeRolledBack",
    "featureUpdatesPauseStartDate",
    "qualityUpdatesPauseStartDate",
];

impl PolicyKind {
    /// "Windows", "macOS", "iOS/iPadOS", "Android", "Linux", several of them, or none for a kind without a platform.
    pub fn platform_of(&self, policy: &Value) -> Option<String> {
        if let Some(platform) = self.platform {
            return Some(platform.to_owned());
        }
        let said = ["platforms", "platform", "platformType", "@odata.type"]
            .iter()
            .filter_map(|member| policy[member].as_str())
            .find(|text| !platforms_in(text).is_empty())?;
        Some(platforms_in(said).join(", "))
    }

    pub fn last_modified_of(&self, policy: &Value) -> Option<DateTime<Utc>> {
        [
            "lastModifiedDateTime",
            "modifiedDateTime",
            "createdDateTime",
        ]
        .iter()
        .filter_map(|member| policy[member].as_str())
        .find_map(|text| text.parse().ok())
    }

    /// The policy without what the service changes by itself: equal results mean an unchanged policy.
    pub fn content_for_hash(&self, policy: Value) -> Value {
        let Value::Object(mut members) = policy else {
            return policy;
        };
        members.retain(|name, _| !SERVER_OWNED.contains(&name.as_str()));
        without_annotations(Value::Object(members))
    }
}

/// Names of platforms that a service's word contains, once each.
fn platforms_in(text: &str) -> Vec<&'static str> {
    let text = text.to_ascii_lowercase();
    let names = [
        ("windows", "Windows"),
        ("macos", "macOS"),
        ("ios", "iOS/iPadOS"),
        ("android", "Android"),
        ("aosp", "Android"),
        ("linux", "Linux"),
    ];
    let mut found: Vec<&str> = names
        .iter()
        .filter(|(word, _)| text.contains(word))
        .map(|(_, name)| *name)
        .collect();
    found.dedup();
    found
}

/// Drops annotations and advertised actions at every depth; `@odata.type` says what an object is and stays.
fn without_annotations(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_annotations).collect(),
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| {
                name == "@odata.type" || !(name.contains("@odata.") || name.starts_with('#'))
            })
            .map(|(name, value)| (name, without_annotations(value)))
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn keys_and_collections_are_unique() {
        let keys: HashSet<_> = PolicyKind::all().iter().map(|kind| kind.key).collect();
        let lists: HashSet<_> = PolicyKind::all().iter().map(|kind| kind.list).collect();
        assert_eq!(
            (keys.len(), lists.len()),
            (PolicyKind::all().len(), PolicyKind::all().len())
        );
    }

    #[test]
    fn platforms_are_read_from_wherever_the_kind_says_them() {
        let catalog = PolicyKind::by_key("settings_catalog").unwrap();
        assert_eq!(
            catalog
                .platform_of(&json!({"platforms": "windows10"}))
                .as_deref(),
            Some("Windows")
        );
        assert_eq!(
            catalog
                .platform_of(&json!({"platforms": "iOS,macOS"}))
                .as_deref(),
            Some("macOS, iOS/iPadOS")
        );
        assert_eq!(catalog.platform_of(&json!({"platforms": "none"})), None);
        let device = PolicyKind::by_key("device_configurations").unwrap();
        let ring = json!({"@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration"});
        assert_eq!(device.platform_of(&ring).as_deref(), Some("Windows"));
        let shell = PolicyKind::by_key("shell_scripts").unwrap();
        assert_eq!(shell.platform_of(&json!({})).as_deref(), Some("macOS"));
    }

    #[test]
    fn only_what_people_change_counts_as_a_change() {
        let kind = PolicyKind::by_key("settings_catalog").unwrap();
        let before = json!({"name": "A", "version": 1, "lastModifiedDateTime": "x", "@odata.etag": "1",
            "settings": [{"id": "0", "settingInstance": {"@odata.type": "#t", "value@odata.type": "#y", "n": 0}}]});
        let mut after = before.clone();
        after["version"] = json!(2);
        after["lastModifiedDateTime"] = json!("y");
        after["@odata.etag"] = json!("2");
        assert_eq!(
            kind.content_for_hash(before.clone()),
            kind.content_for_hash(after.clone())
        );
        after["settings"][0]["settingInstance"]["n"] = json!(1);
        assert_ne!(
            kind.content_for_hash(before.clone()),
            kind.content_for_hash(after)
        );
        let mut retyped = before.clone();
        retyped["settings"][0]["settingInstance"]["@odata.type"] = json!("#other");
        assert_ne!(
            kind.content_for_hash(before),
            kind.content_for_hash(retyped)
        );
    }
}
