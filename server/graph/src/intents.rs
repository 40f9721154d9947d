//! Legacy endpoint security: instances of templates, whose settings have ids of their own in each instance.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    kind::PolicyKind,
    policies::{id_of, segment},
    send::Call,
};

const TEMPLATES: &str = "/deviceManagement/templates";

impl TenantGraph {
    /// Where an instance of the body's template is created. The template is named by the address alone, so it is taken
    /// out of the body; without one the address would be another.
    pub(crate) fn instance_url(
        &self,
        kind: &PolicyKind,
        body: &mut Value,
    ) -> Result<String, GraphError> {
        settings_of(kind, &body["settingsDelta"])?;
        let template = body.as_object_mut().and_then(|it| it.remove("templateId"));
        let template = template.as_ref().and_then(Value::as_str);
        let template = template.and_then(|id| segment(id).ok()).ok_or_else(|| {
            let message = format!("{}: the policy names no template", kind.label);
            GraphError::new(GraphErrorKind::BadRequest, message)
        })?;
        Ok(self.url(
            kind.version,
            &format!("{TEMPLATES}/{template}/createInstance"),
        ))
    }

    /// Gives an existing instance the captured settings. What it sets beyond them is set to null: a setting can't be
    /// taken away.
    pub(crate) async fn set_intent_settings(
        &self,
        kind: &PolicyKind,
        id: &str,
        captured: &Value,
    ) -> Result<(), GraphError> {
        let wanted = settings_of(kind, &captured["settings"])?;
        let url = self.policy_url(kind, id, captured)?;
        let there = Call::new(Method::GET, format!("{url}/settings"));
        let there = self.all_children(self.send(there).await?).await?;
        let of_this = |setting: &Value, text: &Value| {
            json!({
                "@odata.type": setting["@odata.type"], "id": id_of(setting),
                "definitionId": setting["definitionId"], "valueJson": text,
            })
        };
        let known = |one: &&Value| {
            there
                .iter()
                .any(|setting| setting["definitionId"] == one["definitionId"])
        };
        if let Some(unknown) = wanted.iter().find(|one| !known(one)) {
            let message = format!(
                "the policy's template has no setting {}",
                unknown["definitionId"].as_str().unwrap_or("without a name")
            );
            return Err(GraphError::new(GraphErrorKind::BadRequest, message));
        }
        let settings: Vec<Value> = there
            .iter()
            .map(|setting| {
                let same = wanted
                    .iter()
                    .find(|one| one["definitionId"] == setting["definitionId"]);
                match same {
                    Some(one) => of_this(setting, &one["valueJson"]),
                    None => of_this(setting, &json!("null")),
                }
            })
            .collect();
        if settings.is_empty() {
            return Ok(());
        }
        let call = Call::new(Method::POST, format!("{url}/updateSettings"));
        self.send(call.json(json!({ "settings": settings })).repeatable())
            .await
            .map(drop)
    }
}

/// The settings of an instance. Without a list of them it would be created empty, or left as it is, and look restored;
/// an empty list is what somebody wanted.
pub(crate) fn settings_of<'a>(
    kind: &PolicyKind,
    settings: &'a Value,
) -> Result<&'a Vec<Value>, GraphError> {
    settings.as_array().ok_or_else(|| {
        let message = format!("{}: the backup holds no settings of the policy", kind.label);
        GraphError::new(GraphErrorKind::BadRequest, message)
    })
}

/// `value` says again what `valueJson` says.
pub(crate) fn for_writing(settings: &mut Value) {
    let settings = settings.as_array_mut().into_iter().flatten();
    for setting in settings.filter_map(Value::as_object_mut) {
        if setting.contains_key("valueJson") {
            setting.remove("value");
        }
    }
}

/// By their definitions, each with what it is set to; null is as good as nothing. Other settings stay as they are.
pub(crate) fn for_comparing(settings: &mut Value) {
    let Some(all) = settings.as_array() else {
        return;
    };
    let by_definition: Option<Map<String, Value>> = all
        .iter()
        .map(|setting| {
            let text = setting["valueJson"].as_str()?;
            // Whitespace within is no difference. What is no JSON is compared as the text that it is.
            let value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
            Some((setting["definitionId"].as_str()?.to_owned(), value))
        })
        .collect();
    if let Some(by_definition) = by_definition.filter(|all| !all.is_empty()) {
        *settings = Value::Object(by_definition);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn instances_are_compared_by_what_is_set_and_not_by_ids_or_order() {
        let kind = PolicyKind::by_key("endpoint_security").unwrap();
        let setting = |id: &str, name: &str, text: &str| {
            json!({"@odata.type": "#microsoft.graph.deviceManagementComplexSettingInstance", "id": id,
                "definitionId": name, "valueJson": text})
        };
        let policy =
            |settings: Value| kind.comparable(&json!({"displayName": "F", "settings": settings}));
        let one = policy(json!([
            setting("1", "a", "{\"b\": 1}"),
            setting("2", "c", "false")
        ]));
        let same = policy(json!([
            setting("9", "c", "false"),
            setting("8", "d", "null"),
            setting("7", "a", "{\"b\":1}")
        ]));
        assert_eq!(one, same);
        let other = policy(json!([
            setting("1", "a", "{\"b\": 1}"),
            setting("2", "c", "true")
        ]));
        assert_ne!(one, other);
    }

    #[test]
    fn a_create_carries_all_settings_and_an_update_none() {
        let kind = PolicyKind::by_key("endpoint_security").unwrap();
        let captured = json!({"id": "i", "displayName": "F", "templateId": "t", "isAssigned": true,
            "isMigratingToConfigurationPolicy": false,
            "settings": [{"@odata.type": "#s", "id": "1", "definitionId": "a", "valueJson": "null", "value": null}]});
        assert_eq!(
            kind.content_for_create(&captured),
            json!({"displayName": "F", "templateId": "t",
                "settingsDelta": [{"@odata.type": "#s", "definitionId": "a", "valueJson": "null"}]})
        );
        assert_eq!(
            kind.content_for_update(&captured),
            json!({"displayName": "F"})
        );
    }
}
