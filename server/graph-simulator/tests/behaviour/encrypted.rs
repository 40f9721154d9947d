//! Values that are written in plain and never shown again.

use graph_simulator::TenantSpec;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

const DEVICES: &str = "/beta/deviceManagement/deviceConfigurations";
const CATALOG: &str = "/beta/deviceManagement/configurationPolicies";

fn oma(kind: &str, uri: &str, value: Value) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.omaSetting{kind}"), "displayName": uri, "omaUri": uri, "value": value})
}

fn custom(settings: Vec<Value>) -> Value {
    json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Keys", "omaSettings": settings})
}

async fn made(caller: &Caller, path: &str, object: Value) -> String {
    let made = caller.post(path, object).await;
    assert_eq!(made.status, 201, "{}", made.text);
    format!("{path}/{}", made.json()["id"].as_str().unwrap())
}

/// What is behind the masked value of a setting, if its reference is known.
async fn plain(caller: &Caller, item: &str, setting: &Value) -> Option<Value> {
    assert_eq!(
        (&setting["value"], &setting["isEncrypted"]),
        (&json!("****"), &json!(true))
    );
    let reference = setting["secretReferenceValueId"].as_str().unwrap();
    let ask = format!("{item}/getOmaSettingPlainTextValue(secretReferenceValueId='{reference}')");
    let answer = caller.get(&ask).await;
    (answer.status == 200).then(|| answer.json()["value"].take())
}

#[tokio::test]
async fn text_in_an_oma_setting_is_encrypted_by_a_create_and_by_an_update() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    let first = vec![
        oma("String", "./a", json!("alpha")),
        oma("Integer", "./n", json!(3)),
    ];
    let item = made(&caller, DEVICES, custom(first)).await;
    let before = caller.get(&item).await.json()["omaSettings"].take();
    assert_eq!(
        plain(&caller, &item, &before[0]).await,
        Some(json!("alpha"))
    );
    let number = (&before[1]["value"], &before[1]["isEncrypted"]);
    assert_eq!(number, (&json!(3), &json!(false)));

    // Other properties leave secrets as they are.
    let renamed = caller.send(Method::PATCH, &item, json!({"displayName": "Renamed"}));
    assert_eq!(renamed.await.status, 204);
    assert_eq!(
        plain(&caller, &item, &before[0]).await,
        Some(json!("alpha"))
    );

    let mut sent = custom(vec![
        oma("StringXml", "./x", json!("b21lZ2E=")),
        json!({"omaUri": "./flag", "isEncrypted": true, "value": "psi"}),
    ]);
    assert_eq!(
        caller.send(Method::PATCH, &item, sent.clone()).await.status,
        204
    );
    let after = caller.get(&item).await.json();
    let text = after.to_string();
    assert!(!text.contains("b21lZ2E") && !text.contains("psi"), "{text}");
    let after = &after["omaSettings"];
    assert_eq!(
        plain(&caller, &item, &after[0]).await,
        Some(json!("b21lZ2E="))
    );
    assert_eq!(plain(&caller, &item, &after[1]).await, Some(json!("psi")));
    assert_eq!(plain(&caller, &item, &before[0]).await, None, "replaced");
    sent["omaSettings"] = json!([]);
    assert_eq!(caller.send(Method::PATCH, &item, sent).await.status, 204);
    assert_eq!(plain(&caller, &item, &after[0]).await, None, "taken away");
}

#[tokio::test]
async fn a_masked_value_is_taken_neither_by_a_create_nor_by_an_update() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    let item = made(
        &caller,
        DEVICES,
        custom(vec![oma("String", "./a", json!("alpha"))]),
    )
    .await;
    let shown = caller.get(&item).await.json()["omaSettings"].take();
    let mut without_reference = shown[0].clone();
    without_reference["secretReferenceValueId"] = Value::Null;
    let mut with_reference = shown[0].clone();
    with_reference["value"] = json!("other");
    for setting in [shown[0].clone(), without_reference, with_reference] {
        let body = custom(vec![setting]);
        for (method, path) in [(Method::POST, DEVICES), (Method::PATCH, item.as_str())] {
            let refused = caller.send(method, path, body.clone()).await;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (400, "NotSupported")
            );
            let inner: Value = serde_json::from_str(&refused.message()).unwrap();
            let sentence = inner["Message"].as_str().unwrap();
            assert!(sentence.starts_with("SecretReferenceValueId invalid for create."));
        }
    }
    assert_eq!(plain(&caller, &item, &shown[0]).await, Some(json!("alpha")));
}

fn secret(value: &str, state: &str) -> Value {
    let text = json!({"@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
        "value": value, "valueState": state});
    json!({"name": "Password", "settings": [{"settingInstance": {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationGroupSettingCollectionInstance",
        "settingDefinitionId": "group",
        "groupSettingCollectionValue": [{"children": [{
            "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
            "settingDefinitionId": "password", "simpleSettingValue": text}]}],
    }}]})
}

#[tokio::test]
async fn a_secret_of_the_settings_catalog_becomes_a_token_that_is_good_in_its_policy_only() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    let item = made(&caller, CATALOG, secret("alpha", "notEncrypted")).await;
    let shown = || async {
        let settings = caller.get(&format!("{item}/settings")).await.value();
        let group = &settings[0]["settingInstance"]["groupSettingCollectionValue"];
        let value = group[0]["children"][0]["simpleSettingValue"].clone();
        assert_eq!(value["valueState"], "encryptedValueToken");
        value["value"].as_str().unwrap().to_owned()
    };
    let token = shown().await;
    assert_ne!(token, "alpha");
    let back = secret(&token, "encryptedValueToken");
    assert_eq!(
        caller.send(Method::PUT, &item, back.clone()).await.status,
        204
    );
    assert_eq!(shown().await, token);
    assert_eq!(caller.post(CATALOG, back.clone()).await.status, 400);
    let new = secret("omega", "notEncrypted");
    assert_eq!(caller.send(Method::PUT, &item, new).await.status, 204);
    assert_ne!(shown().await, token);
    assert_eq!(caller.send(Method::PUT, &item, back).await.status, 400);
    let id = item.rsplit('/').next().unwrap();
    let stored = caller.simulator().policy(&caller.tenant.directory_id, id);
    let stored = stored.unwrap().to_string();
    assert!(stored.contains("omega") && !stored.contains("alpha"));
}
