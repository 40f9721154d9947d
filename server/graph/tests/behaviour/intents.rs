//! Legacy endpoint security: created from a template, changed by the ids of its own settings.

use crate::support::{Simulated, kind};
use graph::GraphErrorKind;
use graph_simulator::TenantSpec;
use serde_json::{Value, json};

async fn simulated() -> Simulated {
    let spec = TenantSpec::new("Contoso").policies(8).groups(10);
    Simulated::new(spec.kinds(&["intents"])).await
}

#[tokio::test]
async fn an_instance_gets_the_settings_of_another_and_null_for_what_that_lacks() {
    let at = simulated().await;
    let intents = kind("endpoint_security");
    let all = at.captured(intents).await;
    let (one, mut other) = (all[0].clone(), all[4].clone());
    assert_eq!(one["templateId"], other["templateId"]);
    assert_ne!(one["settings"][0]["id"], other["settings"][0]["id"]);
    let lacking = other["settings"].as_array_mut().unwrap().remove(2);
    other["settings"][1]["valueJson"] = json!("77");
    let id = one["id"].as_str().unwrap();
    at.graph.update_policy(intents, id, &other).await.unwrap();
    let now = at.one(intents, id).await;
    assert_eq!(intents.comparable(&now), intents.comparable(&other));
    let of = |name: &Value| {
        let settings = now["settings"].as_array().unwrap();
        settings
            .iter()
            .find(|one| &one["definitionId"] == name)
            .unwrap()["valueJson"]
            .clone()
    };
    assert_eq!(of(&other["settings"][1]["definitionId"]), "77");
    assert_eq!(of(&lacking["definitionId"]), "null");
    assert_eq!(now["assignments"], one["assignments"]);
    other["settings"][0]["definitionId"] = json!("of_another_template");
    let refused = at
        .graph
        .update_policy(intents, id, &other)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, GraphErrorKind::BadRequest);
    assert!(refused.message.contains("of_another_template"));
}

#[tokio::test]
async fn an_instance_is_created_at_its_template_and_nowhere_without_one() {
    let at = simulated().await;
    let intents = kind("endpoint_security");
    let captured = at.captured(intents).await.swap_remove(1);
    let mut body = intents.content_for_create(&captured);
    let made = at.graph.create_policy(intents, body.clone()).await.unwrap();
    let copy = at.one(intents, made["id"].as_str().unwrap()).await;
    assert_eq!(intents.comparable(&copy), intents.comparable(&captured));
    assert_eq!(at.sent("POST", "/templates/{id}/createInstance"), 1);
    for nothing in [json!(""), Value::Null, json!("../groups")] {
        body["templateId"] = nothing;
        let refused = at
            .graph
            .create_policy(intents, body.clone())
            .await
            .unwrap_err();
        assert_eq!(refused.kind, GraphErrorKind::BadRequest);
        assert!(!refused.outcome_unknown());
    }
    assert_eq!(at.sent("POST", "/createInstance"), 1, "nothing was sent");
}

#[tokio::test]
async fn an_instance_without_a_list_of_settings_is_neither_created_nor_changed() {
    let at = simulated().await;
    let intents = kind("endpoint_security");
    let captured = at.captured(intents).await.swap_remove(1);
    let id = captured["id"].as_str().unwrap();
    for nothing in [None, Some(Value::Null), Some(json!({}))] {
        let mut bare = captured.clone();
        bare["displayName"] = json!("Another name");
        match nothing {
            Some(nothing) => bare["settings"] = nothing,
            None => drop(bare.as_object_mut().unwrap().remove("settings")),
        }
        let changed = at.graph.update_policy(intents, id, &bare).await;
        let body = intents.content_for_create(&bare);
        let made = at.graph.create_policy(intents, body).await;
        for refused in [changed.unwrap_err(), made.unwrap_err()] {
            assert_eq!(refused.kind, GraphErrorKind::BadRequest);
            assert!(refused.message.contains("no settings"), "{refused}");
        }
    }
    for (method, end) in [
        ("POST", "/createInstance"),
        ("PATCH", "/intents/{id}"),
        ("POST", "/updateSettings"),
    ] {
        assert_eq!(at.sent(method, end), 0, "{method} {end}");
    }
    let mut empty = captured.clone();
    empty["settings"] = json!([]);
    at.graph.update_policy(intents, id, &empty).await.unwrap();
    for (method, end) in [("PATCH", "/intents/{id}"), ("POST", "/updateSettings")] {
        assert_eq!(at.sent(method, end), 1, "{method} {end}");
    }
}
