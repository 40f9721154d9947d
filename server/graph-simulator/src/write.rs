//! Creating, changing and deleting: what the server sets itself, and what it refuses.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::area::Area;
use crate::call::{Answer, Call, Reply};
use crate::collection::Stored;
use crate::error::GraphError;
use crate::guard::{lock, read, write};
use crate::kind::{IdShape, Kind, Update};
use crate::policies::{entity, find};
use crate::tenant::{Data, Tenant};
use crate::{intents, messages, priorities, references, role_assignments, rules};

/// Properties that only the server writes; what a client sends for them is ignored.
const SERVER_OWNED: &[&str] = &[
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "version",
    "assignments",
    "isAssigned",
    "settingCount",
    "isBuiltIn",
    "isBuiltInRoleDefinition",
    "priority",
    "publishingState",
    "uploadState",
    "committedContentVersion",
    "dependentAppCount",
    "supersedingAppCount",
    "supersededAppCount",
    "referencingConfigurationPolicyCount",
    "@odata.type",
];

/// Whether only the server writes the property.
pub(crate) fn is_read_only(name: &str) -> bool {
    name != "@odata.type" && SERVER_OWNED.contains(&name)
}

/// Now, as Intune writes it: seven digits after the second.
pub(crate) fn timestamp() -> String {
    let now = chrono::Utc::now();
    format!(
        "{}.{:07}Z",
        now.format("%Y-%m-%dT%H:%M:%S"),
        now.timestamp_subsec_nanos() % 1_000_000_000 / 100
    )
}

/// Whether a newly created object has arrived everywhere yet.
pub(crate) fn is_visible(tenant: &Tenant, stored: &Stored) -> bool {
    let Some(created) = stored.created else {
        return true;
    };
    let lag = lock(&tenant.faults)
        .faults
        .not_found_after_create_ms
        .map(Duration::from_millis);
    lag.is_none_or(|lag| created.elapsed() >= lag)
}

fn new_id(kind: &Kind, object: &Map<String, Value>, data: &Data) -> String {
    let uuid = Uuid::new_v4();
    match kind.id {
        IdShape::Uuid => uuid.to_string(),
        IdShape::SmallInteger => {
            let taken = data.policies.get(kind.store);
            let highest = taken
                .into_iter()
                .flat_map(|tags| tags.after(0))
                .filter_map(|(_, tag)| tag.id.parse::<u32>().ok())
                .max();
            highest.map_or(1, |highest| highest + 1).to_string()
        }
        IdShape::Enrollment => {
            let odata_type = object
                .get("@odata.type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let suffix = match odata_type.rsplit('.').next().unwrap_or_default() {
                "windows10EnrollmentCompletionPageConfiguration" => {
                    "Windows10EnrollmentCompletionPageConfiguration"
                }
                "deviceEnrollmentLimitConfiguration" => "Limit",
                "deviceEnrollmentWindowsHelloForBusinessConfiguration" => "WindowsHelloForBusiness",
                "deviceEnrollmentPlatformRestrictionConfiguration" => "SinglePlatformRestriction",
                _ => "PlatformRestrictions",
            };
            format!("{uuid}_{suffix}")
        }
        IdShape::AppProtection => {
            let is_configuration = object
                .get("@odata.type")
                .and_then(Value::as_str)
                .is_some_and(|name| name.ends_with("AppConfiguration"));
            format!("{}_{uuid}", if is_configuration { "A" } else { "T" })
        }
    }
}

/// What the server adds to an object when it is made.
pub(crate) fn complete(kind: &Kind, id: &str, object: &mut Map<String, Value>) {
    let now = timestamp();
    object.insert("id".to_owned(), json!(id));
    if kind.area == Area::ConditionalAccess {
        object.insert("createdDateTime".to_owned(), json!(now));
        object.insert("modifiedDateTime".to_owned(), Value::Null);
        return;
    }
    object.insert("createdDateTime".to_owned(), json!(now));
    object.insert("lastModifiedDateTime".to_owned(), json!(now));
    object
        .entry(kind.scope_tags())
        .or_insert_with(|| json!(["0"]));
    object.entry("description").or_insert(Value::Null);
    if kind.is_versioned() {
        object.insert("version".to_owned(), json!(1));
    }
    if ["roleDefinitions", "roleScopeTags"].contains(&kind.segment()) {
        object.entry("isBuiltIn").or_insert(json!(false));
    }
    count_settings(kind, object);
    for relation in kind.relations {
        object.entry(*relation).or_insert_with(|| json!([]));
    }
}

fn count_settings(kind: &Kind, object: &mut Map<String, Value>) {
    if kind.counts_settings()
        && let Some(settings) = object.get_mut("settings").and_then(Value::as_array_mut)
    {
        for (at, setting) in settings.iter_mut().enumerate() {
            if let Some(setting) = setting.as_object_mut() {
                setting.insert("id".to_owned(), json!(at.to_string()));
            }
        }
        let count = settings.len();
        object.insert("settingCount".to_owned(), json!(count));
    }
}

pub(crate) fn create(call: &Call<'_>, kind: &'static Kind) -> Answer {
    if kind.update == Update::None || kind.path == intents::PATH {
        return Err(GraphError::method_not_allowed());
    }
    let mut object: Map<String, Value> = call.json()?;
    rules::check_read_only(call, &object)?;
    rules::check_new(kind, &object)?;
    references::check(call, kind, &object)?;
    if let Some(name) = object.get(kind.name).and_then(Value::as_str) {
        rules::check_unique(call, kind, name)?;
    }
    let odata_type = object.get("@odata.type").cloned().or_else(|| {
        kind.types
            .first()
            .map(|name| json!(format!("#microsoft.graph.{name}")))
    });
    if role_assignments::is_one(kind) {
        role_assignments::bind(&mut object, &read(&call.tenant.data))?;
    }
    object.retain(|name, _| !SERVER_OWNED.contains(&name.as_str()) && !is_annotation(name));
    if let Some(odata_type) = odata_type {
        object.insert("@odata.type".to_owned(), odata_type);
    }
    // Messages are written below their template only.
    object.remove(messages::RELATION);
    rules::hide_secrets(&mut object);
    let mut data = write(&call.tenant.data);
    let id = new_id(kind, &object, &data);
    complete(kind, &id, &mut object);
    if kind.id == IdShape::Enrollment {
        let last = priorities::of_type(&data, kind, object.get("@odata.type")).len();
        object.insert("priority".to_owned(), json!(last + 1));
    }
    let value = Value::Object(object);
    let shown = entity(call, kind, &value);
    data.policies
        .entry(kind.store)
        .or_default()
        .put(&id, value, Some(Instant::now()));
    let mut reply = Reply::json(kind.created, shown);
    reply
        .headers
        .push(("location", call.absolute(&format!("{}('{id}')", kind.path))));
    Ok(reply)
}

fn is_annotation(name: &str) -> bool {
    name.contains("@odata.") || name.starts_with('#')
}

pub(crate) fn patch(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    if kind.update == Update::None {
        return Err(GraphError::method_not_allowed());
    }
    let changes: Map<String, Value> = call.json()?;
    rules::check_read_only(call, &changes)?;
    rules::check_patch(kind, &changes)?;
    let value = change(call, kind, id, |object| {
        let changes = changes
            .into_iter()
            .filter(|(name, _)| !SERVER_OWNED.contains(&name.as_str()) && !is_annotation(name));
        object.extend(changes);
    })?;
    match kind.update {
        Update::Patch200 => Ok(Reply::json(200, entity(call, kind, &value))),
        _ => Ok(Reply::empty(204)),
    }
}

pub(crate) fn put(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    if kind.update != Update::Put204 {
        return Err(GraphError::method_not_allowed());
    }
    let replacement: Map<String, Value> = call.json()?;
    rules::check_read_only(call, &replacement)?;
    rules::check_new(kind, &replacement)?;
    references::check(call, kind, &replacement)?;
    change(call, kind, id, |object| {
        object.retain(|name, _| SERVER_OWNED.contains(&name.as_str()) || name == "creationSource");
        let sent = replacement
            .into_iter()
            .filter(|(name, _)| !SERVER_OWNED.contains(&name.as_str()) && !is_annotation(name));
        object.extend(sent);
        count_settings(kind, object);
    })?;
    Ok(Reply::empty(204))
}

/// Applies a change to one policy and what the server changes with it.
pub(crate) fn change(
    call: &Call<'_>,
    kind: &'static Kind,
    id: &str,
    apply: impl FnOnce(&mut Map<String, Value>),
) -> Result<Value, GraphError> {
    let mut data = write(&call.tenant.data);
    let mut value = (*find(call, kind, &data, id)?.value).clone();
    if let Some(object) = value.as_object_mut() {
        apply(object);
        let modified = if kind.area == Area::ConditionalAccess {
            "modifiedDateTime"
        } else {
            "lastModifiedDateTime"
        };
        object.insert(modified.to_owned(), json!(timestamp()));
        if let Some(version) = object.get("version").and_then(Value::as_u64) {
            object.insert("version".to_owned(), json!(version + 1));
        }
    }
    data.policies
        .entry(kind.store)
        .or_default()
        .put(id, value.clone(), None);
    Ok(value)
}

pub(crate) fn delete(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    let mut data = write(&call.tenant.data);
    let stored = find(call, kind, &data, id)?;
    rules::check_delete(kind, &stored.value)?;
    data.policies.entry(kind.store).or_default().remove(id);
    Ok(Reply::empty(kind.deleted))
}

pub(crate) fn create_group(call: &Call<'_>) -> Answer {
    let mut group: Map<String, Value> = call.json()?;
    if !group.get("displayName").is_some_and(Value::is_string) {
        return Err(GraphError::new(
            400,
            "Request_BadRequest",
            "A value is required for property 'displayName' of resource 'Group'.",
        ));
    }
    let id = Uuid::new_v4().to_string();
    group.insert("id".to_owned(), json!(id));
    group.insert(
        "createdDateTime".to_owned(),
        json!(chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string()),
    );
    group.entry("groupTypes").or_insert_with(|| json!([]));
    let value = Value::Object(group);
    write(&call.tenant.data)
        .groups
        .put(&id, value.clone(), Some(Instant::now()));
    Ok(Reply::json(201, value))
}

pub(crate) fn update_group(call: &Call<'_>, id: &str) -> Answer {
    let changes: Map<String, Value> = call.json()?;
    let mut data = write(&call.tenant.data);
    let stored = data
        .groups
        .collection
        .get(id)
        .ok_or_else(|| GraphError::not_found(Area::Groups, id))?;
    let mut value = (*stored.value).clone();
    if let Some(object) = value.as_object_mut() {
        object.extend(changes.into_iter().filter(|(name, _)| name != "id"));
    }
    data.groups.put(id, value, None);
    Ok(Reply::empty(204))
}

pub(crate) fn delete_group(call: &Call<'_>, id: &str) -> Answer {
    if write(&call.tenant.data).groups.remove(id, false) {
        Ok(Reply::empty(204))
    } else {
        Err(GraphError::not_found(Area::Groups, id))
    }
}
