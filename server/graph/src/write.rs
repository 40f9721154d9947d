//! Creating, changing and deleting policies, and finding the one that a captured policy once was.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::TenantGraph,
    content::without_owned,
    error::{GraphError, GraphErrorKind},
    intents::settings_of,
    kind::{Assign, Create, FollowUp, PolicyKind, Update},
    policies::{id_of, segment},
    send::Call,
    wait::{WaitReason, Waits, backoff},
};

impl TenantGraph {
    /// Creates a policy from a body that [`PolicyKind::content_for_create`] made, and returns it with its id.
    ///
    /// Intune allows two policies of one name, so a create is sent once: again only when it was throttled
    /// or never left this machine. When [`GraphError::outcome_unknown`], it may be there: look
    /// with [`Self::ids_by_key`] before creating it again.
    ///
    /// Note its id, then call [`Self::finish_policy`], then [`Self::assign`].
    pub async fn create_policy(
        &self,
        kind: &PolicyKind,
        mut body: Value,
    ) -> Result<Value, GraphError> {
        let url = match kind.create {
            Create::Collection => self.collection_url(kind, &body)?,
            Create::FromTemplate => self.instance_url(kind, &mut body)?,
        };
        let created = self.send(Call::new(Method::POST, url).json(body)).await?;
        if id_of(&created).is_empty() {
            return Err(GraphError::protocol("the created policy has no id").of_single_write());
        }
        Ok(created)
    }

    /// Finishes a created policy: waits until it can be read (a new one may be unknown for a while), then writes what a
    /// create can't carry: the values of an administrative template, the apps of an app protection policy, the messages
    /// of a notification template, the place of an enrollment configuration. May be repeated.
    pub async fn finish_policy(
        &self,
        kind: &PolicyKind,
        id: &str,
        captured: &Value,
    ) -> Result<(), GraphError> {
        let settings = &self.shared.settings;
        let url = self.policy_url(kind, id, captured)?;
        let mut waits = Waits::new(settings, self.observer.as_ref());
        for attempt in 1..=settings.max_attempts {
            match self.send(Call::new(Method::GET, url.clone())).await {
                Err(error)
                    if error.kind == GraphErrorKind::NotFound
                        && attempt < settings.max_attempts =>
                {
                    let wait = backoff(settings, attempt);
                    let waited = waits.wait(wait, WaitReason::ServiceUnavailable).await;
                    waited.map_err(|_| error)?;
                }
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        match kind.follow_up {
            FollowUp::Priority => self.set_priority(kind, id, captured).await,
            // The create carried them.
            FollowUp::IntentSettings => Ok(()),
            _ => self.follow_up(kind, id, captured).await,
        }
    }

    /// Puts a new configuration where it was, as far as there are as many before it.
    async fn set_priority(
        &self,
        kind: &PolicyKind,
        id: &str,
        captured: &Value,
    ) -> Result<(), GraphError> {
        let Some(priority) = captured["priority"].as_u64().filter(|place| *place > 0) else {
            return Ok(());
        };
        let url = self.policy_url(kind, id, captured)?;
        let call = Call::new(Method::POST, format!("{url}/setPriority"));
        self.send(call.json(json!({ "priority": priority })).repeatable())
            .await
            .map(drop)
    }

    async fn follow_up(
        &self,
        kind: &PolicyKind,
        id: &str,
        captured: &Value,
    ) -> Result<(), GraphError> {
        match kind.follow_up {
            FollowUp::None | FollowUp::ScheduledActions { .. } | FollowUp::Priority => Ok(()),
            FollowUp::DefinitionValues => self.set_definition_values(kind, id, captured).await,
            FollowUp::TargetApps => self.target_apps(kind, id, captured).await,
            FollowUp::Messages => self.set_messages(kind, id, captured).await,
            FollowUp::IntentSettings => self.set_intent_settings(kind, id, captured).await,
        }
    }

    /// Gives an existing policy the captured content; its assignments stay. May be repeated.
    pub async fn update_policy(
        &self,
        kind: &PolicyKind,
        id: &str,
        captured: &Value,
    ) -> Result<(), GraphError> {
        if kind.follow_up == FollowUp::IntentSettings {
            // Before anything is written.
            settings_of(kind, &captured["settings"])?;
        }
        let url = self.policy_url(kind, id, captured)?;
        let method = match kind.update {
            Update::Patch => Method::PATCH,
            Update::Put => Method::PUT,
        };
        let body = kind.content_for_update(captured);
        self.send(Call::new(method, url.clone()).json(body)).await?;
        if let FollowUp::ScheduledActions { action, body } = kind.follow_up
            && captured["scheduledActionsForRule"].is_array()
        {
            // The form of a create, so that an update blocks as well.
            let mut content = kind.content_for_create(captured);
            let rules = content["scheduledActionsForRule"].take();
            let call = Call::new(Method::POST, format!("{url}/{action}"));
            self.send(call.json(json!({ body: rules })).repeatable())
                .await?;
        }
        self.follow_up(kind, id, captured).await
    }

    /// Deletes a policy; one that is not there any more is deleted. `policy` is what is known of it, or its type.
    pub async fn delete_policy(
        &self,
        kind: &PolicyKind,
        id: &str,
        policy: &Value,
    ) -> Result<(), GraphError> {
        let url = self.policy_url(kind, id, policy)?;
        let deleted = async {
            if kind.assign == Assign::EachTarget {
                // Such a profile is refused while it is assigned.
                self.assign(kind, id, policy, &[]).await?;
            }
            self.send(Call::new(Method::DELETE, url)).await
        };
        match deleted.await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == GraphErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The ids of all policies of the kind, by [`PolicyKind::same_policy_key`].
    pub async fn ids_by_key(
        &self,
        kind: &PolicyKind,
    ) -> Result<BTreeMap<String, Vec<String>>, GraphError> {
        let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let first = self.url(kind.version, &format!("{}{}", kind.list, kind.query));
        self.each_page(Some(Ok(first)), |listed| {
            for one in listed {
                let same = ids.entry(kind.same_policy_key(&one)).or_default();
                same.push(id_of(&one).to_owned());
            }
        })
        .await?;
        Ok(ids)
    }

    async fn target_apps(
        &self,
        kind: &PolicyKind,
        id: &str,
        captured: &Value,
    ) -> Result<(), GraphError> {
        let Some(apps) = captured["apps"].as_array() else {
            return Ok(());
        };
        let apps: Vec<Value> = apps
            .iter()
            .map(|app| json!({ "mobileAppIdentifier": without_owned(app["mobileAppIdentifier"].clone()) }))
            .collect();
        let mut body = json!({ "apps": apps });
        if let Some(group) = captured
            .get("appGroupType")
            .filter(|group| !group.is_null())
        {
            body["appGroupType"] = group.clone();
        }
        let url = self.policy_url(kind, id, captured)?;
        let call = Call::new(Method::POST, format!("{url}/targetApps"));
        self.send(call.json(body).repeatable()).await.map(drop)
    }

    /// The address of the collection that takes policies of this type.
    pub(crate) fn collection_url(
        &self,
        kind: &PolicyKind,
        policy: &Value,
    ) -> Result<String, GraphError> {
        let collection = kind.collection_of(policy).ok_or_else(|| {
            let message = format!("{}: policies of this type can't be written", kind.label);
            GraphError::new(GraphErrorKind::BadRequest, message)
        })?;
        Ok(self.url(kind.version, collection))
    }

    pub(crate) fn policy_url(
        &self,
        kind: &PolicyKind,
        id: &str,
        policy: &Value,
    ) -> Result<String, GraphError> {
        let collection = self.collection_url(kind, policy)?;
        Ok(format!("{collection}/{}", segment(id)?))
    }
}

impl PolicyKind {
    /// Equal for policies that people would call the same: the name, exactly, and what else tells policies of one name
    /// apart (the type; for the settings catalog technologies and template). Ids differ from tenant to tenant.
    pub fn same_policy_key(&self, policy: &Value) -> String {
        let mut parts = vec![json!(self.key), json!(self.name_of(policy))];
        parts.extend(self.same_by.iter().map(|pointer| {
            let found = policy.pointer(pointer).and_then(Value::as_str);
            json!(found.unwrap_or_default())
        }));
        Value::Array(parts).to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_same_policy_has_the_same_exact_name_and_kind_of_content() {
        let catalog = PolicyKind::by_key("settings_catalog").unwrap();
        let policy = |name: &str, template: Value| {
            catalog.same_policy_key(&json!({"id": name, "name": name, "technologies": "mdm",
                "templateReference": {"templateId": template}}))
        };
        assert_eq!(policy("A", json!("")), policy("A", Value::Null));
        assert_ne!(policy("A", json!("")), policy("A", json!("t_1")));
        assert_ne!(policy("A", json!("")), policy("A ", json!("")));
        let devices = PolicyKind::by_key("device_configurations").unwrap();
        let typed =
            |name: &str| devices.same_policy_key(&json!({"displayName": "A", "@odata.type": name}));
        assert_ne!(typed("#a"), typed("#b"));
    }

    #[test]
    fn what_nobody_can_create_says_why() {
        let reason =
            |key: &str, policy: Value| PolicyKind::by_key(key).unwrap().not_restorable(&policy);
        for (key, given, own) in [
            ("enrollment", json!({"priority": 0}), json!({"priority": 1})),
            ("scope_tags", json!({"id": "0"}), json!({"id": "10"})),
            (
                "remediation_scripts",
                json!({"isGlobalScript": true}),
                json!({"isGlobalScript": false}),
            ),
            (
                "endpoint_security",
                json!({"templateId": "e44c2ca3-2f9a-400a-a113-6cc88efd773d"}),
                json!({"templateId": "c53e5a9f-2eec-4175-98a1-2b3d38084b91"}),
            ),
            (
                "role_definitions",
                json!({"isBuiltIn": true}),
                json!({"isBuiltIn": false}),
            ),
            (
                "app_protection",
                json!({"@odata.type": "#microsoft.graph.defaultManagedAppProtection"}),
                json!({"@odata.type": "#microsoft.graph.iosManagedAppProtection"}),
            ),
        ] {
            assert!(
                reason(key, given).is_some_and(|text| text.ends_with('.')),
                "{key}"
            );
            assert_eq!(reason(key, own), None, "{key}");
        }
    }

    #[test]
    fn what_can_t_be_created_can_be_deleted_if_a_tenant_need_not_have_it() {
        let stays = |key: &str, policy: Value| {
            let kind = PolicyKind::by_key(key).unwrap();
            kind.not_deletable(&policy).is_some()
        };
        assert!(stays("scope_tags", json!({"id": "0"})));
        let onboarding = json!({"templateId": "e44c2ca3-2f9a-400a-a113-6cc88efd773d"});
        assert!(!stays("endpoint_security", onboarding));
    }
}
