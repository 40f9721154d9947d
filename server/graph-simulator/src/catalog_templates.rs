//! Templates of the settings catalog, from which endpoint security policies are made. Their versions come and go.

use axum::http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::address::Version;
use crate::area::Area;
use crate::call::{Answer, Call, Reply};
use crate::error::GraphError;
use crate::guard::{lock, read};

const POLICIES: &str = "deviceManagement/configurationPolicies";
pub(crate) const PATH: &str = "deviceManagement/configurationPolicyTemplates";

/// Answers one template. Microsoft has the same ones for every tenant, and their list is not known here: any id of the
/// right shape is one.
pub(crate) fn answer(call: &Call<'_>, rest: &[String]) -> Answer {
    if call.address.version == Version::V1 {
        return Err(GraphError::unknown_segment("configurationPolicyTemplates"));
    }
    match (&call.method, rest) {
        (&Method::GET, [id]) => shown(call, id)
            .map(|template| Reply::json(200, template))
            .ok_or_else(|| GraphError::not_found(Area::Configuration, id)),
        (_, [_, action, ..]) => Err(GraphError::unknown_segment(action)),
        _ => Err(GraphError::method_not_allowed()),
    }
}

/// `{base}_{version}`: the version counts up from 1.
fn shown(call: &Call<'_>, id: &str) -> Option<Value> {
    let (base, version) = id.rsplit_once('_')?;
    let version: u32 = version.parse().ok()?;
    Uuid::parse_str(base).ok()?;
    let superseded = lock(&call.tenant.faults).supersedes(id);
    let data = read(&call.tenant.data);
    let policies = data.policies.get(POLICIES);
    let made_from_it = policies
        .into_iter()
        .flat_map(|all| all.after(0))
        .map(|(_, policy)| &policy.value["templateReference"])
        .find(|reference| reference["templateId"] == id);
    let family = made_from_it.map_or("none", |one| {
        one["templateFamily"].as_str().unwrap_or_default()
    });
    let name = made_from_it.and_then(|one| one["templateDisplayName"].as_str());
    Some(json!({
        "id": id, "baseId": base, "version": version,
        "displayName": name.unwrap_or("Endpoint security"), "displayVersion": format!("Version {version}"),
        "description": "", "templateFamily": family, "platforms": "windows10", "technologies": "mdm",
        "allowUnmanagedSettings": false, "settingTemplateCount": 0,
        "lifecycleState": if superseded { "superseded" } else { "active" },
    }))
}

/// Refuses a policy made from a template that a newer version supersedes.
pub(crate) fn check(call: &Call<'_>, object: &Map<String, Value>) -> Result<(), GraphError> {
    let id = object
        .get("templateReference")
        .and_then(|reference| reference["templateId"].as_str())
        .unwrap_or_default();
    if !lock(&call.tenant.faults).supersedes(id) {
        return Ok(());
    }
    Err(GraphError::intune(
        400,
        "BadRequest",
        &format!("The template {id} is superseded: policies can't be created from it."),
    ))
}
