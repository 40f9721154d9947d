//! Names that an export carries beside or in the place of ids, in the form in which captures keep them.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::templates::objects;
use crate::backups::store::Names;

const FILTER_ID: &str = "deviceAndAppManagementAssignmentFilterId";

impl Names {
    /// Adds what the other knows and this does not.
    pub(super) fn learn(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.groups, &other.groups),
            (&mut self.filters, &other.filters),
            (&mut self.scope_tags, &other.scope_tags),
        ] {
            for (id, name) in theirs {
                mine.entry(id.clone()).or_insert_with(|| name.clone());
            }
        }
    }

    fn group(&mut self, id: &str, name: &str) {
        // Assignments are read with ids in lower case, conditions as they stand.
        self.groups.insert(id.to_ascii_lowercase(), name.to_owned());
        self.groups.insert(id.to_owned(), name.to_owned());
    }
}

/// Names in a file that is no policy itself: a migration table, or an exported group. Says what the file is.
pub(super) fn of_other_file(
    object: &Map<String, Value>,
    names: &mut Names,
) -> Option<&'static str> {
    if let Some(objects) = object.get("Objects").and_then(Value::as_array) {
        let groups = objects.iter().filter(|one| one["Type"] == "Group");
        for group in groups {
            if let (Some(id), Some(name)) = (group["Id"].as_str(), group["DisplayName"].as_str()) {
                names.group(id, name);
            }
        }
        return Some("A migration table; the names of its groups are kept.");
    }
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let is_group = text("@odata.type") == Some("#microsoft.graph.group")
        || text("@odata.context").is_some_and(|context| context.contains("$metadata#groups"));
    if !is_group {
        return None;
    }
    if let (Some(id), Some(name)) = (text("id"), text("displayName")) {
        names.group(id, name);
    }
    Some("A group; its name is kept.")
}

/// Puts ids in the place of names, and keeps the names under them: some tools leave the ids out. Such an id is made from
/// the name, so it is the same in every import, and none that a tenant has.
pub(super) fn with_ids(policy: &mut Map<String, Value>, names: &mut Names) {
    let assignments = policy.get_mut("assignments").and_then(Value::as_array_mut);
    for assignment in assignments.into_iter().flatten() {
        if let Some(target) = assignment.get_mut("target").and_then(Value::as_object_mut) {
            target_with_ids(target, names);
        }
    }
    for member in ["roleScopeTagIds", "roleScopeTags"] {
        let tags = policy.get_mut(member).and_then(Value::as_array_mut);
        for tag in tags.into_iter().flatten() {
            let Some(name) = tag.as_str().map(str::to_owned) else {
                continue;
            };
            if name == "Default" {
                *tag = json!("0");
            } else if !name.chars().all(|letter| letter.is_ascii_digit()) {
                let id = made_from("scope tag", &name);
                *tag = json!(id);
                names.scope_tags.insert(id, name);
            }
        }
    }
}

fn target_with_ids(target: &mut Map<String, Value>, names: &mut Names) {
    let text = |target: &Map<String, Value>, name: &str| {
        let text = target.get(name)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let name = text(target, "groupName").or_else(|| text(target, "groupDisplayName"));
    if let Some(name) = name {
        let id = text(target, "groupId").unwrap_or_else(|| made_from("group", &name));
        names.group(&id, &name);
        target.insert("groupId".to_owned(), json!(id));
    }
    for added in [
        "groupName",
        "groupDisplayName",
        "groupType",
        "membershipRule",
    ] {
        target.remove(added);
    }
    if let Some(name) = text(target, FILTER_ID)
        && Uuid::parse_str(&name).is_err()
    {
        let id = made_from("filter", &name);
        target.insert(FILTER_ID.to_owned(), json!(id));
        names.filters.insert(id, name);
    }
}

/// Drops names that some tools add beside ids: Graph refuses a policy with members that it does not know.
pub(super) fn without_names(policy: &mut Map<String, Value>) {
    for added in ["deviceComplianceScriptName", "detectionScriptName"] {
        policy.remove(added);
    }
    for rule in objects(policy.get_mut("scheduledActionsForRule")) {
        for action in objects(rule.get_mut("scheduledActionConfigurations")) {
            action.remove("notificationTemplateName");
        }
    }
}

/// Why a policy that names apps in the place of their ids can't be restored, in a sentence. Apps are of no kind, so
/// nothing else tells their ids.
pub(super) fn apps_without_ids(policy: &Map<String, Value>) -> Option<String> {
    let waited_for = || match policy.get("selectedMobileAppIds") {
        None => policy.get("selectedMobileAppNames"),
        Some(_) => None,
    };
    let app = match policy.get("targetedMobileApps").or_else(waited_for)? {
        Value::Null => None,
        Value::Array(apps) => apps.iter().find(|app| !app.is_string()),
        app => Some(app),
    }?;
    let name = ["appName", "name", "displayName"]
        .iter()
        .find_map(|member| app[*member].as_str());
    Some(match name {
        Some(name) => format!("It names the app “{name}” but not its id, so it can't be restored."),
        None => "It does not hold the ids of its apps, so it can't be restored.".to_owned(),
    })
}

/// An id in Microsoft's form for something that comes without one.
pub(super) fn made_from(what: &str, name: &str) -> String {
    let digest = Sha256::digest(format!("{what}\n{name}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

#[cfg(test)]
#[path = "tests/names.rs"]
mod tests;
