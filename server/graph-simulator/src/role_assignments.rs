//! What Intune checks when a role is assigned: the role has to exist, somebody gets it, and it reaches something.

use serde_json::{Map, Value, json};

use crate::error::GraphError;
use crate::kind::Kind;
use crate::tenant::Data;

const BIND: &str = "roleDefinition@odata.bind";

pub(crate) fn is_one(kind: &Kind) -> bool {
    kind.segment() == "roleAssignments"
}

/// Replaces the link to the role by the role, and refuses what Intune refuses.
pub(crate) fn bind(object: &mut Map<String, Value>, data: &Data) -> Result<(), GraphError> {
    let filled = |object: &Map<String, Value>, name: &str| {
        let items = object.get(name).and_then(Value::as_array);
        items.is_some_and(|items| !items.is_empty())
    };
    let link = object.remove(BIND).unwrap_or_default();
    let role = link
        .as_str()
        .and_then(id_in)
        .and_then(|id| {
            data.policies
                .get("deviceManagement/roleDefinitions")?
                .get(id)
        })
        .ok_or_else(|| refused("The role definition was not found."))?;
    let role = json!({"id": role.id, "displayName": role.value.get("displayName")});
    if !filled(object, "members") {
        return Err(refused("A role assignment must have at least one member."));
    }
    let scope = object
        .get("scopeType")
        .and_then(Value::as_str)
        .unwrap_or("resourceScope");
    let reaches = match scope {
        "resourceScope" => filled(object, "resourceScopes"),
        "allDevices" | "allLicensedUsers" | "allDevicesAndLicensedUsers" => true,
        _ => false,
    };
    if !reaches {
        return Err(refused("A role assignment must have a scope."));
    }
    object.insert("roleDefinition".to_owned(), role);
    Ok(())
}

fn refused(sentence: &str) -> GraphError {
    GraphError::intune(400, "BadRequest", sentence)
}

/// The id in `…/roleDefinitions('id')` or `…/roleDefinitions/id`.
fn id_in(link: &str) -> Option<&str> {
    let (_, rest) = link.rsplit_once("roleDefinitions")?;
    Some(rest.trim_matches(['/', '(', ')', '\'']))
}
