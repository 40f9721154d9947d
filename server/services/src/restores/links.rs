//! Policies that a policy names in its content: the notification template that compliance sends, the reusable settings
//! that a rule refers to, the named locations of conditional access. They have other ids in another tenant, and after
//! they were created anew.

use std::collections::{BTreeMap, BTreeSet};

use domain::{RestoreId, TenantId};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Db, ServiceError};

/// The kind's key, and the id in the backup.
pub(crate) type Link = (&'static str, String);

const NOTHING: &str = "00000000-0000-0000-0000-000000000000";

/// Where conditional access names locations, and words such as `All`.
const LOCATIONS_WITHIN: [&str; 2] = [
    "/conditions/locations/includeLocations",
    "/conditions/locations/excludeLocations",
];

/// All policies that this content names.
pub(crate) fn links(content: &Value) -> BTreeSet<Link> {
    let mut found = BTreeSet::new();
    collect(content, &mut found);
    for pointer in LOCATIONS_WITHIN {
        let named = content.pointer(pointer).and_then(Value::as_array);
        found.extend(named.into_iter().flatten().filter_map(location));
    }
    found
}

/// A location by its id. The id of zeros stands for the trusted addresses of per-user MFA: no policy, in no tenant.
fn location(named: &Value) -> Option<Link> {
    let id = named.as_str()?;
    let is_an_id = id != NOTHING && Uuid::parse_str(id).is_ok();
    is_an_id.then(|| ("named_locations", id.to_owned()))
}

fn collect(value: &Value, found: &mut BTreeSet<Link>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            if let Some((kind, member)) = link_in(members)
                && let Some(id) = members[member].as_str()
            {
                found.insert((kind, id.to_owned()));
            }
            members.values().for_each(|inner| collect(inner, found));
        }
        _ => {}
    }
}

/// The content with these ids in the place of those that it has.
pub(crate) fn relinked(mut content: Value, ids: &BTreeMap<Link, String>) -> Value {
    replace(&mut content, ids);
    for pointer in LOCATIONS_WITHIN {
        let named = content.pointer_mut(pointer).and_then(Value::as_array_mut);
        for one in named.into_iter().flatten() {
            if let Some(other) = location(one).and_then(|link| ids.get(&link)) {
                *one = Value::String(other.clone());
            }
        }
    }
    content
}

fn replace(value: &mut Value, ids: &BTreeMap<Link, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, ids)),
        Value::Object(members) => {
            if let Some((kind, member)) = link_in(members)
                && let Some(id) = members[member].as_str()
                && let Some(other) = ids.get(&(kind, id.to_owned()))
            {
                members.insert(member.to_owned(), Value::String(other.clone()));
            }
            members.values_mut().for_each(|inner| replace(inner, ids));
        }
        _ => {}
    }
}

/// The kind that the object itself names a policy of, and the member that does.
fn link_in(members: &Map<String, Value>) -> Option<(&'static str, &'static str)> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let Some(template) = text("notificationTemplateId") {
        let named = !template.is_empty() && template != NOTHING;
        return named.then_some(("notification_templates", "notificationTemplateId"));
    }
    let is_reference =
        text("@odata.type")?.ends_with("deviceManagementConfigurationReferenceSettingValue");
    (is_reference && text("value").is_some()).then_some(("reusable_settings", "value"))
}

/// What this restore brings of a kind: the id in the backup, and the one in the tenant once it is known.
pub(crate) async fn brought(
    db: &Db,
    restore: RestoreId,
    kind: &str,
) -> Result<BTreeMap<String, Option<String>>, ServiceError> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "select v.graph_id, coalesce(i.result_graph_id, i.target_graph_id)
         from restore_items i join policy_versions v on v.id = i.version_id
         where i.restore_run_id = $1 and v.kind = $2 order by v.id",
    )
    .bind(restore)
    .bind(kind)
    .fetch_all(&db.pool)
    .await?;
    Ok(rows.into_iter().collect())
}

/// What policies of a tenant are called, or were when they were last backed up.
pub(crate) async fn names_of(
    db: &Db,
    tenant: TenantId,
    kind: &str,
    ids: &[&str],
) -> Result<BTreeMap<String, String>, ServiceError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select distinct on (graph_id) graph_id, name
         from (select graph_id, name, 0 as place, id from policy_versions
               where tenant_id = $1 and kind = $2 and graph_id = any($3)
               union all
               select graph_id, name, 1, id from inventory_policies
               where tenant_id = $1 and kind = $2 and graph_id = any($3)) known
         order by graph_id, place, id desc",
    )
    .bind(tenant)
    .bind(kind)
    .bind(ids)
    .fetch_all(&db.pool)
    .await?;
    Ok(rows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_policy_names_is_found_at_any_depth_and_replaced_where_it_stands() {
        let policy = json!({"id": "t1", "scheduledActionsForRule": [{"scheduledActionConfigurations": [
                {"actionType": "block", "notificationTemplateId": NOTHING},
                {"actionType": "retire", "notificationTemplateId": ""},
                {"actionType": "notification", "notificationTemplateId": "t1"}]}],
            "settings": [{"settingInstance": {"simpleSettingCollectionValue": [
                {"@odata.type": "#microsoft.graph.deviceManagementConfigurationReferenceSettingValue", "value": "r1"},
                {"@odata.type": "#microsoft.graph.deviceManagementConfigurationStringSettingValue", "value": "r1"}]}}]});
        let (template, setting) = (
            ("notification_templates", "t1".to_owned()),
            ("reusable_settings", "r1".to_owned()),
        );
        assert_eq!(
            links(&policy),
            BTreeSet::from([template.clone(), setting.clone()])
        );
        let ids = BTreeMap::from([(template, "T1".to_owned()), (setting, "R1".to_owned())]);
        let new = relinked(policy, &ids);
        let actions = &new["scheduledActionsForRule"][0]["scheduledActionConfigurations"];
        assert_eq!(
            (
                &actions[0]["notificationTemplateId"],
                &actions[2]["notificationTemplateId"]
            ),
            (&json!(NOTHING), &json!("T1"))
        );
        let values = &new["settings"][0]["settingInstance"]["simpleSettingCollectionValue"];
        assert_eq!(
            (&values[0]["value"], &values[1]["value"]),
            (&json!("R1"), &json!("r1"))
        );
        assert_eq!(new["id"], "t1", "an id elsewhere is another thing");
    }

    #[test]
    fn locations_are_replaced_and_words_in_their_place_are_not() {
        let (own, other) = (
            "5d1f0a7e-3c0b-4e0e-8a52-0f2a6b9c7d01",
            "9e4b2c11-7f2d-4c39-b6a8-1d3e5f7a9b02",
        );
        let policy = json!({"displayName": "CA", "conditions": {
            "locations": {"includeLocations": ["All", "AllTrusted", NOTHING], "excludeLocations": [own]},
            "users": {"includeGroups": [own]}}});
        let link = ("named_locations", own.to_owned());
        assert_eq!(links(&policy), BTreeSet::from([link.clone()]));
        let new = relinked(policy, &BTreeMap::from([(link, other.to_owned())]));
        assert_eq!(
            new["conditions"],
            json!({
                "locations": {"includeLocations": ["All", "AllTrusted", NOTHING], "excludeLocations": [other]},
                "users": {"includeGroups": [own]}})
        );
        assert!(links(&json!({"conditions": {"locations": null}})).is_empty());
    }
}
