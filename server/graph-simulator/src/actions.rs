//! The actions below one policy: assigning it, scheduling compliance actions, setting ADMX values.

use axum::http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::{Answer, Call, Reply};
use crate::error::GraphError;
use crate::ids::identify_rules;
use crate::kind::Kind;
use crate::seed::bind;
use crate::write::{change, stored};
use crate::{intents, messages, priorities, references, rules};

/// Answers a write to `/{id}/{action}`.
pub(crate) fn answer(
    call: &Call<'_>,
    kind: &'static Kind,
    id: &str,
    action: &str,
    below: &[&str],
) -> Answer {
    match (&call.method, action, below) {
        (&Method::POST, "assign", []) => assign(call, kind, id),
        (&Method::POST, "assignments", []) if kind.assigns_each() => add_assignment(call, kind, id),
        (&Method::DELETE, "assignments", [assignment]) => {
            remove_assignment(call, kind, id, assignment)
        }
        (&Method::POST, "scheduleActionsForRules", []) => {
            schedule(call, kind, id, "deviceComplianceScheduledActionForRules")
        }
        (&Method::POST, "setScheduledActions", []) => schedule(call, kind, id, "scheduledActions"),
        (&Method::POST, "updateDefinitionValues", []) => update_definition_values(call, kind, id),
        (&Method::POST, "setPriority", []) => priorities::set(call, kind, id),
        (&Method::POST, "updateSettings", []) if kind.path == intents::PATH => {
            intents::update_settings(call, kind, id)
        }
        (_, messages::RELATION, below) if kind.relations.contains(&messages::RELATION) => {
            messages::answer(call, kind, id, below)
        }
        (&Method::POST, "targetApps", []) => target_apps(call, kind, id),
        (method, "settings", [_]) => Err(GraphError::new(
            400,
            "No method match route template",
            format!(
                "No OData route exists that match template ~/singleton/navigation/key/navigation/key with http verb \
                 {method} for request /DeviceConfigV2/DCV2GraphService/{}",
                call.path.trim_start_matches('/')
            ),
        )),
        _ => Err(GraphError::unknown_segment(action)),
    }
}

fn list<'a>(body: &'a Map<String, Value>, key: &str) -> Result<&'a Vec<Value>, GraphError> {
    body.get(key).and_then(Value::as_array).ok_or_else(|| {
        GraphError::bad_request(format!(
            "The parameter '{key}' in the request payload is missing or not a collection."
        ))
    })
}

/// `/assign` replaces the whole set.
fn assign(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    let key = kind
        .assign_key
        .ok_or_else(|| GraphError::unknown_segment("assign"))?;
    let body: Map<String, Value> = call.json()?;
    rules::check_assign(kind, &*stored(call, kind, id)?)?;
    let mut assignments = Vec::new();
    for sent in list(&body, key)? {
        assignments.push(checked(call, kind, id, sent)?);
    }
    let shown = assignments.clone();
    change(call, kind, id, |object| {
        object.insert("assignments".to_owned(), Value::Array(assignments));
    })?;
    if kind.assigned == 204 {
        return Ok(Reply::empty(204));
    }
    let context = call.absolute(&format!("$metadata#Collection(microsoft.graph.{key})"));
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": shown}),
    ))
}

fn checked(call: &Call<'_>, kind: &Kind, id: &str, sent: &Value) -> Result<Value, GraphError> {
    let complete = assignment(kind, id, sent)?;
    if let Some(target) = complete.get("target").and_then(Value::as_object) {
        references::check_target(call, target)?;
    }
    Ok(complete)
}

/// Completes one assignment as the server stores it.
pub(crate) fn assignment(kind: &Kind, policy: &str, sent: &Value) -> Result<Value, GraphError> {
    let target = sent
        .get("target")
        .and_then(Value::as_object)
        .ok_or_else(|| {
            GraphError::of(
                kind.area,
                400,
                "BadRequest",
                "An assignment must have a target.",
            )
        })?;
    let kind_of_target = target
        .get("@odata.type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .rsplit('.')
        .next()
        .unwrap_or_default();
    let group = target.get("groupId").and_then(Value::as_str);
    let target_id = match (kind_of_target, group) {
        ("groupAssignmentTarget" | "exclusionGroupAssignmentTarget", Some(group)) => group,
        ("allDevicesAssignmentTarget", _) if !kind.is_view() => {
            "adadadad-808e-44e2-905a-0b7873a8a531"
        }
        ("allLicensedUsersAssignmentTarget", _) if !kind.is_view() => {
            "acacacac-9df4-4c7d-9d50-4ef0226f57a9"
        }
        _ => {
            let sentence =
                format!("The assignment target '{kind_of_target}' is not valid for this policy.");
            return Err(GraphError::of(kind.area, 400, "BadRequest", &sentence));
        }
    };
    let intents = [
        "available",
        "required",
        "uninstall",
        "availableWithoutEnrollment",
    ];
    let intent = sent.get("intent").and_then(Value::as_str);
    if kind.segment() == "mobileApps" && !intent.is_some_and(|intent| intents.contains(&intent)) {
        let sentence = "The assignment of an app must have an intent.";
        return Err(GraphError::of(kind.area, 400, "BadRequest", sentence));
    }
    let mut target = target.clone();
    target
        .entry("deviceAndAppManagementAssignmentFilterId")
        .or_insert(Value::Null);
    target
        .entry("deviceAndAppManagementAssignmentFilterType")
        .or_insert_with(|| json!("none"));
    let mut stored = sent.as_object().cloned().unwrap_or_default();
    stored.retain(|name, _| !name.contains("@odata."));
    stored.insert("id".to_owned(), json!(format!("{policy}_{target_id}")));
    stored.insert("source".to_owned(), json!("direct"));
    stored.insert("sourceId".to_owned(), json!(policy));
    stored.insert("target".to_owned(), Value::Object(target));
    Ok(Value::Object(stored))
}

/// Autopilot profiles take one target per request.
fn add_assignment(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    let added = checked(call, kind, id, &call.json()?)?;
    let shown = added.clone();
    change(call, kind, id, |object| {
        if let Some(all) = object
            .entry("assignments")
            .or_insert_with(|| json!([]))
            .as_array_mut()
        {
            all.retain(|old| old.get("id") != added.get("id"));
            all.push(added);
        }
    })?;
    Ok(Reply::json(201, shown))
}

fn remove_assignment(call: &Call<'_>, kind: &'static Kind, id: &str, assignment: &str) -> Answer {
    change(call, kind, id, |object| {
        if let Some(all) = object.get_mut("assignments").and_then(Value::as_array_mut) {
            all.retain(|old| old.get("id").and_then(Value::as_str) != Some(assignment));
        }
    })?;
    Ok(Reply::empty(204))
}

fn schedule(call: &Call<'_>, kind: &'static Kind, id: &str, key: &str) -> Answer {
    if !kind.relations.contains(&"scheduledActionsForRule") {
        return Err(GraphError::unknown_segment("scheduledActionsForRule"));
    }
    let body: Map<String, Value> = call.json()?;
    let mut rules = list(&body, key)?.clone();
    identify_rules(&mut rules);
    references::check_schedule(call, &Value::Array(rules.clone()))?;
    let shown = rules.clone();
    change(call, kind, id, |object| {
        object.insert("scheduledActionsForRule".to_owned(), Value::Array(rules));
    })?;
    Ok(Reply::json(200, json!({"value": shown})))
}

fn update_definition_values(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    if !kind.relations.contains(&"definitionValues") {
        return Err(GraphError::unknown_segment("updateDefinitionValues"));
    }
    let body: Map<String, Value> = call.json()?;
    let part = |name: &str| {
        body.get(name)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let (added, updated, deleted) = (part("added"), part("updated"), part("deletedIds"));
    change(call, kind, id, |object| {
        let Some(values) = object
            .entry("definitionValues")
            .or_insert_with(|| json!([]))
            .as_array_mut()
        else {
            return;
        };
        values.retain(|old| !deleted.iter().any(|gone| Some(gone) == old.get("id")));
        for mut new in updated {
            if let Some(new) = new.as_object_mut() {
                bind(new);
            }
            if let Some(old) = values.iter_mut().find(|old| old.get("id") == new.get("id"))
                && let (Some(old), Some(new)) = (old.as_object_mut(), new.as_object())
            {
                old.extend(new.clone());
            }
        }
        for mut new in added {
            if let Some(new) = new.as_object_mut() {
                bind(new);
                new.insert("id".to_owned(), json!(Uuid::new_v4().to_string()));
            }
            values.push(new);
        }
    })?;
    Ok(Reply::empty(204))
}

fn target_apps(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    if !kind.is_view() {
        return Err(GraphError::unknown_segment("targetApps"));
    }
    let body: Map<String, Value> = call.json()?;
    let apps = list(&body, "apps")?.clone();
    change(call, kind, id, |object| {
        object.insert("deployedAppCount".to_owned(), json!(apps.len()));
        object.insert("apps".to_owned(), Value::Array(apps));
        if let Some(group) = body.get("appGroupType") {
            object.insert("appGroupType".to_owned(), group.clone());
        }
    })?;
    Ok(Reply::empty(204))
}
