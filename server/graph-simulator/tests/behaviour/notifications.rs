//! Notification templates and their messages.

use graph_simulator::TenantSpec;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

const TEMPLATES: &str = "/beta/deviceManagement/notificationMessageTemplates";

fn message(locale: &str, is_default: bool) -> Value {
    json!({"locale": locale, "subject": "S", "messageTemplate": "T", "isDefault": is_default})
}

#[tokio::test]
async fn messages_are_written_below_their_template_one_for_each_language() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    let mut sent = json!({"displayName": "Blocked", "defaultLocale": "en-us"});
    sent["localizedNotificationMessages"] = json!([message("en-us", true)]);
    let made = caller.post(TEMPLATES, sent).await;
    assert_eq!(made.status, 200);
    let item = format!("{TEMPLATES}/{}", made.json()["id"].as_str().unwrap());
    let expanded = || async {
        let path = format!("{item}?$expand=localizedNotificationMessages");
        caller.get(&path).await.json()["localizedNotificationMessages"].clone()
    };
    assert_eq!(expanded().await, json!([]), "a create carries none");
    assert!(
        caller
            .get(&item)
            .await
            .json()
            .get("localizedNotificationMessages")
            .is_none()
    );

    let messages = format!("{item}/localizedNotificationMessages");
    let first = caller.post(&messages, message("en-us", true)).await;
    assert_eq!(first.status, 201);
    assert_eq!(
        caller.post(&messages, message("EN-us", false)).await.status,
        400
    );
    assert_eq!(
        caller
            .post(&messages, json!({"locale": "fr-fr"}))
            .await
            .status,
        400
    );
    let second = caller.post(&messages, message("de-de", true)).await.json();
    let defaults = |all: &Value| {
        let all = all.as_array().unwrap().iter();
        all.map(|one| one["isDefault"] == true).collect::<Vec<_>>()
    };
    assert_eq!(defaults(&expanded().await), [false, true]);

    let one = |id: &Value| format!("{messages}/{}", id.as_str().unwrap());
    let (english, german) = (one(&first.json()["id"]), one(&second["id"]));
    assert_eq!(
        caller.send(Method::DELETE, &german, json!({})).await.status,
        400
    );
    let changed = json!({"subject": "New", "isDefault": true});
    assert_eq!(
        caller.send(Method::PATCH, &english, changed).await.status,
        200
    );
    let moved = json!({"locale": "fr-fr"});
    assert_eq!(
        caller.send(Method::PATCH, &english, moved).await.status,
        400
    );
    assert_eq!(
        caller.send(Method::DELETE, &german, json!({})).await.status,
        204
    );
    let left = expanded().await;
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(
        (&left[0]["subject"], &left[0]["locale"]),
        (&json!("New"), &json!("en-us"))
    );
    let gone = one(&json!("unknown"));
    assert_eq!(
        caller.send(Method::PATCH, &gone, json!({})).await.status,
        404
    );
}

#[tokio::test]
async fn seeded_compliance_policies_name_templates_of_their_tenant() {
    let caller = Caller::new(TenantSpec::new("Contoso").policies(320).groups(20)).await;
    let (templates, _) = caller.all(TEMPLATES).await;
    let policies = "/beta/deviceManagement/deviceCompliancePolicies?$expand=scheduledActionsForRule($expand=scheduledActionConfigurations)";
    let mut named = 0;
    for policy in caller.all(policies).await.0 {
        let actions = policy["scheduledActionsForRule"][0]["scheduledActionConfigurations"].clone();
        for action in actions.as_array().unwrap() {
            let id = &action["notificationTemplateId"];
            if action["actionType"] == "notification" {
                assert!(templates.iter().any(|one| &one["id"] == id), "{id}");
                named += 1;
            }
        }
    }
    assert!(named > 0);
}
