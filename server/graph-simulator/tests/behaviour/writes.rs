//! Creating, changing, assigning and deleting policies, and what Intune refuses.

use graph_simulator::TenantSpec;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

const CATALOG: &str = "/beta/deviceManagement/configurationPolicies";

async fn caller() -> Caller {
    Caller::new(TenantSpec::new("Contoso").policies(100).groups(20)).await
}

fn catalog_policy(name: &str, settings: usize) -> Value {
    let setting = json!({"settingInstance": {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
        "settingDefinitionId": "device_vendor_msft_policy_config_test_value",
        "simpleSettingValue": {"@odata.type": "#microsoft.graph.deviceManagementConfigurationIntegerSettingValue", "value": 0},
    }});
    json!({"name": name, "platforms": "windows10", "technologies": "mdm", "settings": vec![setting; settings]})
}

fn inner_message(text: &str) -> String {
    let inner: Value = serde_json::from_str(text).unwrap();
    inner["Message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_server_sets_id_times_count_and_scope_tag_of_a_new_policy() {
    let caller = caller().await;
    let mut sent = catalog_policy("Made by a client", 2);
    sent["id"] = json!("chosen-by-the-client");
    sent["settingCount"] = json!(99);
    let made = caller.post(CATALOG, sent).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_ne!(made["id"], "chosen-by-the-client");
    assert_eq!(
        (&made["settingCount"], &made["roleScopeTagIds"]),
        (&json!(2), &json!(["0"]))
    );
    let created = made["createdDateTime"].as_str().unwrap();
    assert!(
        created.ends_with('Z') && created.split('.').nth(1).unwrap().len() == 8,
        "{created}"
    );
    let read = caller
        .get(&format!(
            "{CATALOG}/{}?$expand=settings,assignments",
            made["id"].as_str().unwrap()
        ))
        .await
        .json();
    assert_eq!(
        read["settings"][1]["settingInstance"]["simpleSettingValue"]["value"],
        0
    );
    assert_eq!(read["assignments"], json!([]));
}

#[tokio::test]
async fn two_policies_may_have_one_name() {
    let caller = caller().await;
    for _ in 0..2 {
        assert_eq!(
            caller
                .post(CATALOG, catalog_policy("Twice", 1))
                .await
                .status,
            201
        );
    }
    assert_eq!(
        caller
            .get(&format!("{CATALOG}?$filter=name eq 'Twice'"))
            .await
            .value()
            .len(),
        2
    );
}

#[tokio::test]
async fn settings_are_replaced_by_put_and_refused_by_patch() {
    let caller = caller().await;
    let made = caller
        .post(CATALOG, catalog_policy("Before", 3))
        .await
        .json();
    let path = format!("{CATALOG}/{}", made["id"].as_str().unwrap());
    let patched = caller
        .send(Method::PATCH, &path, catalog_policy("After", 1))
        .await;
    assert_eq!(patched.status, 400);
    assert!(
        inner_message(&patched.message())
            .starts_with("Cannot apply PATCH to navigation property 'settings'")
    );
    let single = caller
        .send(Method::PATCH, &format!("{path}/settings/0"), json!({}))
        .await;
    assert_eq!(single.code(), "No method match route template");
    assert_eq!(
        caller
            .send(Method::PUT, &path, catalog_policy("After", 0))
            .await
            .status,
        400
    );
    assert_eq!(
        caller
            .send(Method::PUT, &path, catalog_policy("After", 1))
            .await
            .status,
        204
    );
    let read = caller.get(&path).await.json();
    assert_eq!(
        (&read["name"], &read["settingCount"]),
        (&json!("After"), &json!(1))
    );
    assert_eq!(read["createdDateTime"], made["createdDateTime"]);
}

#[tokio::test]
async fn types_are_required_known_and_in_their_place() {
    let caller = caller().await;
    let path = "/beta/deviceManagement/deviceConfigurations";
    let missing = caller.post(path, json!({"displayName": "x"})).await;
    assert_eq!(missing.code(), "ModelValidationFailure");
    let unknown = caller
        .post(
            path,
            json!({"@odata.type": "#microsoft.graph.noSuchThing", "displayName": "x"}),
        )
        .await;
    assert_eq!(unknown.code(), "ModelValidationFailure");
    let said = inner_message(&unknown.message());
    assert!(said.contains("'microsoft.graph.noSuchThing' could not be resolved by the model"));
    let misplaced = caller.post(path, json!({"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "displayName": "x"})).await;
    assert!(
        inner_message(&misplaced.message()).contains("it is not assignable to the expected type")
    );
    let encrypted = json!({
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "x",
        "omaSettings": [{"isEncrypted": true, "secretReferenceValueId": "abc", "value": "****"}],
    });
    assert_eq!(caller.post(path, encrypted).await.code(), "NotSupported");
}

#[tokio::test]
async fn an_update_names_the_type_that_the_policy_has_or_none() {
    let caller = caller().await;
    let path = "/beta/deviceManagement/deviceConfigurations";
    let policy =
        json!({"@odata.type": "#microsoft.graph.iosCustomConfiguration", "displayName": "Typed"});
    let made = caller.post(path, policy.clone()).await.json();
    let item = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(caller.send(Method::PATCH, &item, policy).await.status, 204);
    for other in ["macOSCustomConfiguration", "windows10CompliancePolicy"] {
        let body =
            json!({"@odata.type": format!("#microsoft.graph.{other}"), "displayName": "Other"});
        let refused = caller.send(Method::PATCH, &item, body).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "ModelValidationFailure")
        );
    }
    assert_eq!(caller.get(&item).await.json()["displayName"], "Typed");
}

#[tokio::test]
async fn ids_and_answers_of_creation_follow_the_kind() {
    let caller = caller().await;
    let tag = caller
        .post(
            "/beta/deviceManagement/roleScopeTags",
            json!({"displayName": "Asia"}),
        )
        .await;
    assert_eq!(tag.status, 200);
    assert!(tag.json()["id"].as_str().unwrap().parse::<u32>().unwrap() > 0);
    let page = json!({"@odata.type": "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration", "displayName": "Status"});
    let page = caller
        .post(
            "/beta/deviceManagement/deviceEnrollmentConfigurations",
            page,
        )
        .await
        .json();
    assert!(
        page["id"]
            .as_str()
            .unwrap()
            .ends_with("_Windows10EnrollmentCompletionPageConfiguration")
    );
    let app = caller
        .post(
            "/beta/deviceAppManagement/iosManagedAppProtections",
            json!({"displayName": "Apps"}),
        )
        .await
        .json();
    assert!(app["id"].as_str().unwrap().starts_with("T_"));
    assert!(app.get("@odata.type").is_none());
    let (common, _) = caller
        .all("/beta/deviceAppManagement/managedAppPolicies")
        .await;
    assert!(common.iter().any(|policy| policy["id"] == app["id"]
        && policy["@odata.type"] == "#microsoft.graph.iosManagedAppProtection"));
}

#[tokio::test]
async fn a_deleted_policy_is_gone_and_defaults_stay() {
    let caller = caller().await;
    let made = caller
        .post(CATALOG, catalog_policy("Short-lived", 1))
        .await
        .json();
    let path = format!("{CATALOG}('{}')", made["id"].as_str().unwrap());
    assert_eq!(
        caller.send(Method::DELETE, &path, json!({})).await.status,
        200
    );
    assert_eq!(
        caller.send(Method::DELETE, &path, json!({})).await.status,
        404
    );
    assert_eq!(
        caller
            .send(
                Method::DELETE,
                "/beta/deviceManagement/roleScopeTags/0",
                json!({})
            )
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_role_that_a_client_creates_is_not_built_in_whatever_it_says() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    let path = "/beta/deviceManagement/roleDefinitions";
    let made = caller
        .post(
            path,
            json!({"@odata.type": "#microsoft.graph.deviceAndAppManagementRoleDefinition", "displayName": "Kiosk operator", "isBuiltIn": true}),
        )
        .await;
    assert_eq!(made.status, 200);
    let own = caller
        .get(&format!("{path}?$filter=isBuiltIn%20eq%20false"))
        .await;
    assert_eq!(own.value()[0]["id"], made.json()["id"]);
}
