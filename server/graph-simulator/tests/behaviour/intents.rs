//! Legacy endpoint security: instances of templates.

use graph_simulator::TenantSpec;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

const INTENTS: &str = "/beta/deviceManagement/intents";
const TEMPLATES: &str = "/beta/deviceManagement/templates";
const FIREWALL: &str = "c53e5a9f-2eec-4175-98a1-2b3d38084b91";

async fn caller() -> Caller {
    let spec = TenantSpec::new("Contoso").policies(5).kinds(&["intents"]);
    Caller::new(spec.groups(5)).await
}

#[tokio::test]
async fn an_intent_is_created_from_its_template_only() {
    let caller = caller().await;
    let body = json!({"displayName": "Firewall", "templateId": FIREWALL});
    assert_eq!(caller.post(INTENTS, body).await.status, 405);
    let create = format!("{TEMPLATES}/{FIREWALL}/createInstance");
    let timeout = "deviceConfiguration--windows10EndpointProtectionConfiguration_firewallIdleTimeoutForSecurityAssociationInSeconds";
    let delta = |definition: &str| {
        json!({"displayName": "Firewall", "settingsDelta": [{
        "@odata.type": "#microsoft.graph.deviceManagementIntegerSettingInstance", "definitionId": definition, "valueJson": "900"}]})
    };
    let made = caller.post(&create, delta(timeout)).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json();
    assert_eq!(
        (&made["templateId"], &made["roleScopeTagIds"]),
        (&json!(FIREWALL), &json!(["0"]))
    );
    assert!(made.get("settings").is_none());
    let settings = format!("{INTENTS}/{}/settings", made["id"].as_str().unwrap());
    let settings = caller.get(&settings).await.value();
    assert_eq!(settings.len(), 3, "what the template sets is there too");
    let of = settings.iter().find(|one| one["definitionId"] == timeout);
    assert_eq!(of.unwrap()["valueJson"], "900");

    assert_eq!(caller.post(&create, delta("unknown")).await.status, 400);
    let nameless = caller.post(&create, json!({"settingsDelta": []})).await;
    assert_eq!(nameless.status, 400);
    let nowhere = format!("{TEMPLATES}//createInstance");
    assert_ne!(caller.post(&nowhere, delta(timeout)).await.status, 200);
    let unknown = format!("{TEMPLATES}/00000000-0000-0000-0000-00000000dead/createInstance");
    assert_eq!(caller.post(&unknown, delta(timeout)).await.status, 404);
    let known = caller.get(TEMPLATES).await.value();
    assert!(known.iter().any(|one| one["id"] == FIREWALL));
    let old = format!("/v1.0/deviceManagement/templates/{FIREWALL}");
    assert_eq!(caller.get(&old).await.status, 400);
}

#[tokio::test]
async fn settings_of_an_intent_are_changed_by_their_ids_in_it_and_never_taken_away() {
    let caller = caller().await;
    let id = caller.get(INTENTS).await.value()[0]["id"].clone();
    let item = format!("{INTENTS}/{}", id.as_str().unwrap());
    let settings = || async { caller.get(&format!("{item}/settings")).await.value() };
    let before = settings().await;
    let update = |id: &Value, text: &str| {
        let body = json!({"settings": [{"id": id, "definitionId": "any", "valueJson": text}]});
        caller.post_owned(format!("{item}/updateSettings"), body)
    };
    assert_eq!(update(&before[1]["id"], "null").await.status, 204);
    assert_eq!(update(&json!("of another"), "1").await.status, 400);
    let after = settings().await;
    assert_eq!(after.len(), before.len());
    assert_eq!(
        (&after[1]["valueJson"], &after[1]["value"]),
        (&json!("null"), &Value::Null)
    );
    assert_eq!(after[0], before[0]);
    let patched = caller.send(Method::PATCH, &item, json!({"settings": []}));
    assert_eq!(patched.await.status, 400);
    let other = json!({"templateId": "d1174162-1dd2-4976-affc-6667049ab0ae"});
    assert_eq!(caller.send(Method::PATCH, &item, other).await.status, 400);
    let renamed = json!({"displayName": "Renamed"});
    assert_eq!(caller.send(Method::PATCH, &item, renamed).await.status, 200);
}

#[tokio::test]
async fn assigning_an_intent_is_answered_without_content() {
    let caller = caller().await;
    let id = caller.get(INTENTS).await.value()[0]["id"].clone();
    let item = format!("{INTENTS}/{}", id.as_str().unwrap());
    let everyone = json!({"assignments": [{"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]});
    let assigned = caller.post(&format!("{item}/assign"), everyone).await;
    assert_eq!((assigned.status, assigned.text.as_str()), (204, ""));
    let there = caller.get(&format!("{item}/assignments")).await.value();
    assert_eq!(there.len(), 1);
    assert_eq!(caller.get(&item).await.json()["isAssigned"], true);
    let log = caller.simulator().request_log();
    let assign = log.iter().find(|one| one.status == 204).unwrap();
    assert_eq!(assign.template, format!("{INTENTS}/{{id}}/assign"));
}
