//! Legacy endpoint security: templates, and the policies that are instances of them.

use std::collections::HashMap;
use std::time::Instant;

use axum::http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::address::Version;
use crate::area::Area;
use crate::call::{Answer, Call, Reply};
use crate::error::GraphError;
use crate::guard::write;
use crate::kind::Kind;
use crate::policies::entity;
use crate::rules;
use crate::write::{change, timestamp};

pub(crate) const PATH: &str = "deviceManagement/intents";
pub(crate) const TEMPLATES: &str = "deviceManagement/templates";

/// A template: what its instances set, each with the value that it has if nobody chooses another.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    subtype: &'static str,
    settings: &'static [Setting],
}

/// Definition, type between `deviceManagement` and `SettingInstance`, and the default as JSON text.
type Setting = (&'static str, &'static str, &'static str);

pub(crate) const KNOWN: &[Template] = &[
    Template {
        id: "c53e5a9f-2eec-4175-98a1-2b3d38084b91",
        name: "Microsoft Defender Firewall",
        subtype: "firewall",
        settings: &[
            (
                "deviceConfiguration--windows10EndpointProtectionConfiguration_firewallProfileDomain",
                "Complex",
                "{\"firewallEnabled\":\"allowed\",\"stealthModeRequired\":true}",
            ),
            (
                "deviceConfiguration--windows10EndpointProtectionConfiguration_firewallIdleTimeoutForSecurityAssociationInSeconds",
                "Integer",
                "300",
            ),
            (
                "deviceConfiguration--windows10EndpointProtectionConfiguration_firewallBlockStatefulFTP",
                "Boolean",
                "true",
            ),
        ],
    },
    Template {
        id: "d1174162-1dd2-4976-affc-6667049ab0ae",
        name: "BitLocker",
        subtype: "diskEncryption",
        settings: &[
            (
                "deviceConfiguration--windows10EndpointProtectionConfiguration_bitLockerEncryptDevice",
                "Boolean",
                "true",
            ),
            (
                "deviceConfiguration--windows10EndpointProtectionConfiguration_bitLockerRecoveryPasswordRotation",
                "String",
                "\"enabledForAzureAd\"",
            ),
            (
                "deviceConfiguration--windows10EndpointProtectionConfiguration_bitLockerMinimumPinLength",
                "Integer",
                "null",
            ),
        ],
    },
    Template {
        id: "804339ad-1553-4478-a742-138fb5807418",
        name: "Microsoft Defender Antivirus",
        subtype: "antivirus",
        settings: &[
            (
                "deviceConfiguration--windows10GeneralConfiguration_defenderFilesAndFoldersToExclude",
                "Collection",
                "[]",
            ),
            (
                "deviceConfiguration--windows10GeneralConfiguration_defenderCloudBlockLevel",
                "String",
                "\"high\"",
            ),
        ],
    },
    Template {
        id: "e44c2ca3-2f9a-400a-a113-6cc88efd773d",
        name: "Endpoint detection and response",
        subtype: "endpointDetectionReponse",
        settings: &[
            (
                "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtectionAutoPopulateOnboardingBlob",
                "Boolean",
                "true",
            ),
            (
                "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_allowSampleSharing",
                "Boolean",
                "true",
            ),
        ],
    },
];

impl Template {
    /// Every setting of a new instance, as the template has it. `id` names the next one.
    pub(crate) fn instance(&self, mut id: impl FnMut() -> String) -> Vec<Value> {
        let settings = self.settings.iter();
        settings
            .map(|(definition, shape, text)| {
                let mut setting = Map::new();
                setting.insert(
                    "@odata.type".to_owned(),
                    json!(format!(
                        "#microsoft.graph.deviceManagement{shape}SettingInstance"
                    )),
                );
                setting.insert("id".to_owned(), json!(id()));
                setting.insert("definitionId".to_owned(), json!(definition));
                set(&mut setting, text);
                Value::Object(setting)
            })
            .collect()
    }

    fn shown(&self) -> Value {
        json!({
            "id": self.id, "displayName": self.name, "description": "", "versionInfo": "",
            "isDeprecated": false, "intentCount": 0, "templateType": "securityTemplate",
            "platformType": "windows10AndLater", "templateSubtype": self.subtype, "publishedDateTime": null,
        })
    }
}

/// A setting has its value twice: as JSON text, and plainly where it is one plain value.
fn set(setting: &mut Map<String, Value>, text: &str) {
    setting.insert("valueJson".to_owned(), json!(text));
    let plain = serde_json::from_str::<Value>(text).ok();
    if let Some(plain) = plain.filter(|value| !value.is_object() && !value.is_array()) {
        setting.insert("value".to_owned(), plain);
    }
}

fn refused(sentence: &str) -> GraphError {
    GraphError::intune(400, "BadRequest", sentence)
}

/// Answers everything below the templates.
pub(crate) fn templates(call: &Call<'_>, rest: &[String]) -> Answer {
    if call.address.version == Version::V1 {
        return Err(GraphError::unknown_segment("templates"));
    }
    let parts: Vec<&str> = rest.iter().map(String::as_str).collect();
    let known = |id: &str| {
        KNOWN
            .iter()
            .find(|template| template.id.eq_ignore_ascii_case(id))
            .ok_or_else(|| GraphError::not_found(Area::Configuration, id))
    };
    match (&call.method, parts.as_slice()) {
        (&Method::GET, []) => {
            let all: Vec<Value> = KNOWN.iter().map(Template::shown).collect();
            let context = call.absolute(&format!("$metadata#{TEMPLATES}"));
            Ok(Reply::json(
                200,
                json!({"@odata.context": context, "value": all}),
            ))
        }
        (&Method::GET, [id]) => Ok(Reply::json(200, known(id)?.shown())),
        (&Method::POST, [id, "createInstance"]) => create_instance(call, known(id)?),
        (_, [] | [_]) => Err(GraphError::method_not_allowed()),
        (_, [_, action, ..]) => Err(GraphError::unknown_segment(action)),
    }
}

/// The only way to a new intent: the template with other values in some of its settings.
fn create_instance(call: &Call<'_>, template: &Template) -> Answer {
    let kind = Kind::at(PATH).ok_or_else(|| GraphError::unknown_segment("intents"))?;
    let body: Map<String, Value> = call.json()?;
    rules::check_owned(call, kind, &body)?;
    let name = body.get("displayName").and_then(Value::as_str);
    let name = name.filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(|| refused("Property 'displayName' is required."))?;
    rules::check_unique(call, kind, name)?;
    let mut settings = template.instance(|| Uuid::new_v4().to_string());
    for sent in body
        .get("settingsDelta")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let (definition, text) = (text(sent, "definitionId")?, text(sent, "valueJson")?);
        let of = settings
            .iter_mut()
            .find(|setting| setting["definitionId"] == definition)
            .and_then(Value::as_object_mut)
            .ok_or_else(|| refused(&format!("The template has no setting '{definition}'.")))?;
        set(of, text);
    }
    let id = Uuid::new_v4().to_string();
    let value = json!({
        "@odata.type": "#microsoft.graph.deviceManagementIntent",
        "id": id,
        "displayName": name,
        "description": body.get("description").cloned().unwrap_or_default(),
        "isAssigned": false,
        "isMigratingToConfigurationPolicy": false,
        "lastModifiedDateTime": timestamp(),
        "templateId": template.id,
        "roleScopeTagIds": body.get("roleScopeTagIds").cloned().unwrap_or_else(|| json!(["0"])),
        "settings": settings,
        "assignments": [],
    });
    let shown = entity(call, kind, &value);
    write(&call.tenant.data)
        .collection(kind.store)
        .put(&id, value, Some(Instant::now()));
    Ok(Reply::json(200, shown))
}

/// Sets settings by their ids. One can be set to null, but not be taken away.
pub(crate) fn update_settings(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    let body: Map<String, Value> = call.json()?;
    let sent = body.get("settings").and_then(Value::as_array);
    let sent = sent.ok_or_else(|| refused("The parameter 'settings' is missing."))?;
    let mut values = HashMap::new();
    for setting in sent {
        values.insert(
            text(setting, "id")?.to_owned(),
            text(setting, "valueJson")?.to_owned(),
        );
    }
    let there = {
        let data = crate::guard::read(&call.tenant.data);
        crate::policies::find(call, kind, &data, id)?.value.clone()
    };
    let known = there.get("settings").and_then(Value::as_array);
    let known = |id: &String| {
        known
            .into_iter()
            .flatten()
            .any(|setting| setting["id"] == id.as_str())
    };
    if let Some(unknown) = values.keys().find(|id| !known(id)) {
        return Err(refused(&format!(
            "The setting '{unknown}' is not of this policy."
        )));
    }
    change(call, kind, id, |object| {
        let settings = object.get_mut("settings").and_then(Value::as_array_mut);
        for setting in settings
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            let id = setting.get("id").and_then(Value::as_str);
            if let Some(text) = id.and_then(|id| values.get(id)).cloned() {
                set(setting, &text);
            }
        }
    })?;
    Ok(Reply::empty(204))
}

fn text<'a>(setting: &'a Value, name: &str) -> Result<&'a str, GraphError> {
    setting
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| refused(&format!("A setting needs '{name}'.")))
}
