//! A captured policy as it is written again, and as it is compared: without what the service owns.

use serde_json::{Map, Value, json};

use crate::{
    comparison, intents,
    kind::{Create, FollowUp, PolicyKind},
    messages::MESSAGES,
    secrets,
};

/// Members of the policy itself that the service sets or that are written elsewhere, beyond those
/// that [`PolicyKind::content_for_hash`] drops.
const OWNED: [&str; 9] = [
    "id",
    "assignments",
    "isGlobalScript",
    "isReadOnly",
    "token",
    "topicIdentifier",
    "certificate",
    "sourceId",
    "companyCodes",
];

/// Members that the service sets wherever they stand. It refuses a `secretReferenceValueId` that is
/// sent back and encrypts again by itself.
const OWNED_AT_EVERY_DEPTH: [&str; 8] = [
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "modifiedDateTime",
    "supportsScopeTags",
    "secretReferenceValueId",
    "isEncrypted",
    "isReadOnly",
];

/// Objects that are written as a reference, by their id alone.
const REFERENCE: &str = "authenticationStrength";

impl PolicyKind {
    /// The body that creates the captured policy. Administrative templates and app protection need
    /// [`crate::TenantGraph::finish_policy`] afterwards.
    pub fn content_for_create(&self, captured: &Value) -> Value {
        let mut members = self.writable(captured);
        if let FollowUp::ScheduledActions { .. } = self.follow_up {
            let rules = members.remove("scheduledActionsForRule");
            members.insert("scheduledActionsForRule".to_owned(), with_block(rules));
        }
        if self.create == Create::FromTemplate
            && let Some(settings) = members.remove("settings")
        {
            members.insert("settingsDelta".to_owned(), settings);
        }
        Value::Object(members)
    }

    /// The body that gives an existing policy the captured content, with the kind's verb. A masked
    /// value at the top is left out: the policy then keeps the one it has.
    pub fn content_for_update(&self, captured: &Value) -> Value {
        let mut members = self.writable(captured);
        members.retain(|name, value| {
            !self.fixed.contains(&name.as_str())
                && name != "scheduledActionsForRule"
                && !secrets::is_masked(value)
        });
        if self.follow_up == FollowUp::IntentSettings {
            members.remove("settings");
        }
        Value::Object(members)
    }

    /// What differences and content hashes compare: equal results mean policies that do the same.
    ///
    /// Nothing that the service owns, no scope tags, no assignments (those are compared apart), no
    /// empty values, include and exclude lists in order.
    pub fn comparable(&self, captured: &Value) -> Value {
        let mut members = self.own_content(captured);
        members.retain(|name, _| {
            !comparison::NEVER.contains(&name.as_str())
                && !self.not_compared.contains(&name.as_str())
        });
        comparison::canonical(members, captured)
    }

    /// What makes a version of the policy another one, assignments apart: all that people can change, and scope tags.
    pub fn content_of_version(&self, captured: &Value) -> Value {
        Value::Object(self.own_content(captured))
    }

    /// What is written at the policy's own address.
    fn writable(&self, captured: &Value) -> Map<String, Value> {
        let mut members = self.own_content(captured);
        match self.follow_up {
            FollowUp::DefinitionValues => members.remove("definitionValues"),
            FollowUp::TargetApps => members.remove("apps"),
            FollowUp::Messages => members.remove(MESSAGES),
            FollowUp::IntentSettings => {
                if let Some(settings) = members.get_mut("settings") {
                    intents::for_writing(settings);
                }
                None
            }
            FollowUp::ScheduledActions { .. } | FollowUp::Priority | FollowUp::None => None,
        };
        if self.list == "/identity/conditionalAccess/policies" {
            tidy_conditional_access(&mut members);
        }
        members
    }

    fn own_content(&self, captured: &Value) -> Map<String, Value> {
        let Value::Object(members) = self.content_for_hash(captured.clone()) else {
            return Map::new();
        };
        members
            .into_iter()
            .filter(|(name, _)| {
                !OWNED.contains(&name.as_str()) && !self.server_owned.contains(&name.as_str())
            })
            .map(|(name, value)| (name, without_owned(value)))
            .collect()
    }
}

/// Drops server-owned members below the policy's own.
pub(crate) fn without_owned(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_owned).collect(),
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| !OWNED_AT_EVERY_DEPTH.contains(&name.as_str()))
            .map(|(name, value)| match value.get("id") {
                Some(id) if name == REFERENCE => (name, json!({ "id": id })),
                _ => (name, without_owned(value)),
            })
            .collect(),
        other => other,
    }
}

/// Rules with the block action that creating a compliance policy requires.
fn with_block(rules: Option<Value>) -> Value {
    let block = json!({
        "actionType": "block", "gracePeriodHours": 0, "notificationTemplateId": "", "notificationMessageCCList": [],
    });
    let rules = rules.and_then(|rules| rules.as_array().cloned());
    let mut rules = rules.filter(|rules| !rules.is_empty()).unwrap_or_else(|| {
        vec![json!({"ruleName": "PasswordRequired", "scheduledActionConfigurations": []})]
    });
    let actions = rules
        .iter()
        .filter_map(|rule| rule["scheduledActionConfigurations"].as_array())
        .flatten();
    let blocks = actions
        .into_iter()
        .any(|action| action["actionType"] == "block");
    if !blocks && let Some(first) = rules.first_mut() {
        match first["scheduledActionConfigurations"].as_array_mut() {
            Some(actions) => actions.push(block),
            None => first["scheduledActionConfigurations"] = json!([block]),
        }
    }
    Value::Array(rules)
}

/// Conditional access refuses some of what it shows: a strength is referred to and goes with "AND",
/// resilience defaults are disabled or absent, device states are gone.
fn tidy_conditional_access(members: &mut Map<String, Value>) {
    if let Some(grant) = members.get_mut("grantControls")
        && grant[REFERENCE].is_object()
    {
        grant["operator"] = json!("AND");
    }
    if let Some(session) = members.get_mut("sessionControls")
        && session.get("disableResilienceDefaults") == Some(&json!(false))
    {
        session["disableResilienceDefaults"] = Value::Null;
    }
    if let Some(Value::Object(conditions)) = members.get_mut("conditions") {
        conditions.remove("deviceStates");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn kind(key: &str) -> &'static PolicyKind {
        PolicyKind::by_key(key).unwrap()
    }

    #[test]
    fn what_the_service_owns_is_not_sent_at_any_depth() {
        let captured = json!({
            "@odata.type": "#microsoft.graph.windows10CustomConfiguration", "@odata.etag": "1", "id": "a", "version": 3,
            "displayName": "OMA", "createdDateTime": "x", "supportsScopeTags": true, "roleScopeTagIds": ["0"],
            "roleScopeTagIds@odata.type": "#Collection(String)", "#microsoft.graph.assign": {"target": "x"},
            "assignments": [{"id": "1"}], "assignments@odata.context": "c", "privacyAccessControls": [],
            "featureUpdatesPauseStartDate": null,
            "omaSettings": [{"@odata.type": "#microsoft.graph.omaSettingString", "isEncrypted": true, "isReadOnly": false,
                "secretReferenceValueId": "s", "omaUri": "./a", "value": "plain"}],
        });
        let wanted = json!({
            "@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "OMA", "roleScopeTagIds": ["0"],
            "omaSettings": [{"@odata.type": "#microsoft.graph.omaSettingString", "omaUri": "./a", "value": "plain"}],
        });
        let devices = kind("device_configurations");
        assert_eq!(devices.content_for_create(&captured), wanted);
        assert_eq!(devices.content_for_update(&captured), wanted);
    }

    #[test]
    fn creating_compliance_always_blocks_and_updating_leaves_actions_to_their_own_request() {
        let compliance = kind("compliance");
        let bare = json!({"displayName": "A"});
        let made = compliance.content_for_create(&bare);
        let action = &made["scheduledActionsForRule"][0]["scheduledActionConfigurations"][0];
        assert_eq!(action["actionType"], "block");
        let mails = json!({"displayName": "A", "scheduledActionsForRule": [{"id": "r", "ruleName": "Own",
            "scheduledActionConfigurations": [{"id": "c", "actionType": "notification"}]}]});
        let made = compliance.content_for_create(&mails);
        let actions = &made["scheduledActionsForRule"][0]["scheduledActionConfigurations"];
        assert_eq!(actions[0], json!({"actionType": "notification"}));
        assert_eq!(actions[1]["actionType"], "block");
        assert_eq!(
            compliance.content_for_update(&mails),
            json!({"displayName": "A"})
        );
    }

    #[test]
    fn conditional_access_is_written_as_it_accepts_it() {
        let captured = json!({"displayName": "CA", "templateId": "t",
            "grantControls": {"operator": "OR", "authenticationStrength": {"id": "s", "displayName": "MFA", "createdDateTime": "x"}},
            "sessionControls": {"disableResilienceDefaults": false},
            "conditions": {"deviceStates": {}, "users": {"includeUsers": ["All"]}}});
        assert_eq!(
            kind("conditional_access").content_for_create(&captured),
            json!({"displayName": "CA",
                "grantControls": {"operator": "AND", "authenticationStrength": {"id": "s"}},
                "sessionControls": {"disableResilienceDefaults": null},
                "conditions": {"users": {"includeUsers": ["All"]}}})
        );
    }

    #[test]
    fn what_cannot_change_is_created_but_not_updated() {
        let filter = json!({"displayName": "F", "platform": "iOS", "rule": "r", "payloads": []});
        let filters = kind("assignment_filters");
        assert_eq!(filters.content_for_create(&filter)["platform"], "iOS");
        assert_eq!(
            filters.content_for_update(&filter),
            json!({"displayName": "F", "rule": "r"})
        );
        let edition = json!({"displayName": "E", "productKey": "#####-#####-#####-#####-A1B2C"});
        let devices = kind("device_configurations");
        assert_eq!(
            devices.content_for_update(&edition),
            json!({"displayName": "E"})
        );
    }
}
