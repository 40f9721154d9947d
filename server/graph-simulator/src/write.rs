//! Creating, changing and deleting: what the server sets itself, and what it refuses.

use std::sync::Arc;
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
use crate::tenant::Tenant;
use crate::{ids, intents, messages, priorities, references, role_assignments, rules, secrets};

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

/// What the server adds to an object when it is made.
pub(crate) fn complete(kind: &Kind, id: &str, object: &mut Map<String, Value>) {
    let now = timestamp();
    object.insert("id".to_owned(), json!(id));
    object.insert("createdDateTime".to_owned(), json!(now));
    kind.begin(object);
    if kind.area == Area::ConditionalAccess {
        object.insert("modifiedDateTime".to_owned(), Value::Null);
        return;
    }
    object.insert("lastModifiedDateTime".to_owned(), json!(now));
    object
        .entry(kind.scope_tags())
        .or_insert_with(|| json!(["0"]));
    object.entry("description").or_insert(Value::Null);
    if kind.is_versioned() {
        object.insert("version".to_owned(), json!(1));
    }
    if kind.id == IdShape::Enrollment {
        let of_type = json!(ids::enrollment(object).1);
        object
            .entry("deviceEnrollmentConfigurationType")
            .or_insert(of_type);
    }
    count_settings(kind, object);
    for relation in kind.relations {
        object.entry(*relation).or_insert_with(|| json!([]));
    }
    kind.mark_assigned(object);
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
    let mut sent: Map<String, Value> = call.json()?;
    rules::check_owned(call, kind, &sent)?;
    rules::check_new(kind, &sent)?;
    references::check(call, kind, &sent)?;
    if let Some(name) = sent.get(kind.name).and_then(Value::as_str) {
        rules::check_unique(call, kind, name)?;
    }
    let odata_type = sent.get("@odata.type").cloned().or_else(|| {
        kind.types
            .first()
            .map(|name| json!(format!("#microsoft.graph.{name}")))
    });
    if role_assignments::is_one(kind) {
        role_assignments::bind(&mut sent, &read(&call.tenant.data))?;
    }
    let mut object = kind.accepted(sent);
    if let Some(odata_type) = odata_type {
        object.insert("@odata.type".to_owned(), odata_type);
    }
    // Messages are written below their template only.
    object.remove(messages::RELATION);
    secrets::seal(&mut object, None)?;
    if let Some(Value::Array(rules)) = object.get_mut("scheduledActionsForRule") {
        ids::identify_rules(rules);
    }
    let mut data = write(&call.tenant.data);
    let id = ids::new_id(kind, &object, &data);
    complete(kind, &id, &mut object);
    if kind.id == IdShape::Enrollment {
        let last = priorities::of_type(&data, kind, object.get("@odata.type")).len();
        object.insert("priority".to_owned(), json!(last + 1));
    }
    let value = Value::Object(object);
    let shown = entity(call, kind, &value);
    data.collection(kind.store)
        .put(&id, value, Some(Instant::now()));
    let mut reply = Reply::json(kind.created, shown);
    reply
        .headers
        .push(("location", call.absolute(&format!("{}('{id}')", kind.path))));
    Ok(reply)
}

pub(crate) fn patch(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    if kind.update == Update::None {
        return Err(GraphError::method_not_allowed());
    }
    let sent: Map<String, Value> = call.json()?;
    rules::check_owned(call, kind, &sent)?;
    let before = stored(call, kind, id)?;
    rules::check_patch(kind, &sent, &before)?;
    let mut changes = kind.accepted(sent);
    changes.remove("@odata.type");
    secrets::seal(&mut changes, Some(&before))?;
    let value = change(call, kind, id, |object| {
        if changes.contains_key("omaSettings") {
            object.remove(secrets::KEPT);
        }
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
    let sent: Map<String, Value> = call.json()?;
    rules::check_owned(call, kind, &sent)?;
    rules::check_new(kind, &sent)?;
    references::check(call, kind, &sent)?;
    let before = stored(call, kind, id)?;
    let mut replacement = kind.accepted(sent);
    replacement.remove("@odata.type");
    secrets::seal(&mut replacement, Some(&before))?;
    change(call, kind, id, |object| {
        object.retain(|name, _| kind.owns(name) || name == "@odata.type");
        object.extend(replacement);
        count_settings(kind, object);
    })?;
    Ok(Reply::empty(204))
}

/// The object as it is kept.
pub(crate) fn stored(call: &Call<'_>, kind: &Kind, id: &str) -> Result<Arc<Value>, GraphError> {
    let data = read(&call.tenant.data);
    Ok(find(call, kind, &data, id)?.value.clone())
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
        kind.mark_assigned(object);
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
    data.collection(kind.store).put(id, value.clone(), None);
    Ok(value)
}

pub(crate) fn delete(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    let mut data = write(&call.tenant.data);
    let stored = find(call, kind, &data, id)?;
    rules::check_delete(kind, &stored.value)?;
    data.collection(kind.store).remove(id);
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
