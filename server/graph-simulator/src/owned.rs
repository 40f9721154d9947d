//! Properties that only the server writes. What a client sends for them is ignored, or refused where that is switched on.

use exported::minimal;
use serde_json::{Map, Value, json};

use crate::kind::Kind;
use crate::view::SECRET;

/// Owned in objects of every kind; `registry` has what a kind owns beyond them.
const EVERYWHERE: &[&str] = &[
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "modifiedDateTime",
    "lastSyncDateTime",
    "version",
    "assignments",
    "isAssigned",
    "supportsScopeTags",
    "settingCount",
    "creationSource",
    "priorityMetaData",
    "deployedAppCount",
    "isGlobalScript",
    "highestAvailableVersion",
    "isReadOnly",
    "isEncrypted",
    "secretReferenceValueId",
    "sourceId",
    "token",
    "topicIdentifier",
    "certificate",
    "companyCodes",
];

/// What an owned property is in a new object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// Not there, or worked out from something else.
    Absent,
    Null,
    False,
    True,
    Zero,
    Text(&'static str),
}

impl First {
    fn value(self) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Null => Some(Value::Null),
            Self::False => Some(json!(false)),
            Self::True => Some(json!(true)),
            Self::Zero => Some(json!(0)),
            Self::Text(text) => Some(json!(text)),
        }
    }
}

impl Kind {
    /// Whether only the server writes the property.
    pub(crate) fn owns(&self, name: &str) -> bool {
        EVERYWHERE.contains(&name) || self.owned.iter().any(|(owned, _)| *owned == name)
    }

    /// What the server takes of what a client sent. The type is among it only where objects are told apart by it.
    pub(crate) fn accepted(&self, sent: Map<String, Value>) -> Map<String, Value> {
        let mut accepted = minimal(sent);
        accepted.retain(|name, _| !self.owns(name) && !name.starts_with(SECRET));
        accepted
    }

    /// Adds the owned properties of a new object, as far as it has none yet.
    pub(crate) fn begin(&self, object: &mut Map<String, Value>) {
        for (name, first) in self.owned {
            if let Some(value) = first.value() {
                object.entry(*name).or_insert(value);
            }
        }
    }

    /// Says whether the object is assigned, for kinds whose objects say so.
    pub(crate) fn mark_assigned(&self, object: &mut Map<String, Value>) {
        if !self.owned.iter().any(|(name, _)| *name == "isAssigned") {
            return;
        }
        let assignments = object.get("assignments").and_then(Value::as_array);
        let is_assigned = assignments.is_some_and(|all| !all.is_empty());
        object.insert("isAssigned".to_owned(), json!(is_assigned));
    }
}
