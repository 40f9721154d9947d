//! Assignments of simulated policies: groups, exclusions, everyone, filters.

use serde_json::{Map, Value, json};

use super::Pool;
use crate::actions::assignment;
use crate::kind::Kind;

/// Between none and three assignments, as the kind allows.
pub(crate) fn make(
    pool: &mut Pool,
    kind: &Kind,
    policy: &str,
    object: &Map<String, Value>,
) -> Vec<Value> {
    let is_default = object.get("priority") == Some(&json!(0));
    if is_default || object.get("isGlobalScript") == Some(&json!(true)) || pool.chance.percent(14) {
        return Vec::new();
    }
    let groups_only =
        kind.store.ends_with("managedAppPolicies") || kind.segment() == "roleScopeTags";
    let mut targets: Vec<Value> = Vec::new();
    if !groups_only && (pool.groups.is_empty() || pool.chance.percent(22)) {
        let everyone = if pool.chance.percent(60) {
            "allDevicesAssignmentTarget"
        } else {
            "allLicensedUsersAssignmentTarget"
        };
        targets.push(json!({"@odata.type": format!("#microsoft.graph.{everyone}")}));
    } else {
        for _ in 0..=pool.chance.below(2) {
            targets.extend(group_target(pool, "groupAssignmentTarget"));
        }
    }
    if pool.chance.percent(30) {
        add_filter(pool, &mut targets);
    }
    if pool.chance.percent(25) {
        targets.extend(group_target(pool, "exclusionGroupAssignmentTarget"));
    }
    let mut made: Vec<Value> = Vec::new();
    for target in targets {
        let sent = match kind.segment() {
            "mobileApps" => json!({"target": target, "intent": "available", "settings": null}),
            _ => json!({ "target": target }),
        };
        let Ok(mut complete) = assignment(kind, policy, &sent) else {
            continue;
        };
        if made
            .iter()
            .any(|other| other.get("id") == complete.get("id"))
        {
            continue;
        }
        if let (Some(fields), "deviceHealthScripts") = (complete.as_object_mut(), kind.segment()) {
            fields.insert("runRemediationScript".to_owned(), json!(true));
            fields.insert("runSchedule".to_owned(), json!({
                "@odata.type": "#microsoft.graph.deviceHealthScriptDailySchedule", "interval": 1, "time": "09:00:00", "useUtc": false
            }));
        }
        made.push(complete);
    }
    made
}

/// Assignments favour the well-known groups at the front, as people do.
fn group_target(pool: &mut Pool, target: &str) -> Option<Value> {
    let reach = if pool.chance.percent(70) {
        pool.groups.len().min(40)
    } else {
        pool.groups.len()
    };
    let group = pool.groups.get(pool.chance.below(reach))?;
    Some(json!({"@odata.type": format!("#microsoft.graph.{target}"), "groupId": group}))
}

fn add_filter(pool: &mut Pool, targets: &mut [Value]) {
    let Some(filter) = pool.chance.pick(&pool.filters).cloned() else {
        return;
    };
    let direction = if pool.chance.percent(70) {
        "include"
    } else {
        "exclude"
    };
    if let Some(target) = targets.first_mut().and_then(Value::as_object_mut) {
        target.insert(
            "deviceAndAppManagementAssignmentFilterId".to_owned(),
            json!(filter),
        );
        target.insert(
            "deviceAndAppManagementAssignmentFilterType".to_owned(),
            json!(direction),
        );
    }
}
