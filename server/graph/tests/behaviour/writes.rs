//! What particular kinds demand of a write, and what becomes of a write whose answer is lost.

use std::time::{Duration, Instant};

use crate::support::{Simulated, connection, hurried, kind};
use axum::{
    Json, Router, extract::Request, http::StatusCode, response::IntoResponse, routing::post,
};
use graph::{GraphClient, GraphErrorKind, GraphSettings, Target, TargetKind};
use graph_simulator::{Faults, TenantSpec};
use serde_json::{Value, json};

async fn one_kind(segment: &str) -> Simulated {
    Simulated::new(
        TenantSpec::new("Contoso")
            .policies(6)
            .kinds(&[segment])
            .groups(30),
    )
    .await
}

#[tokio::test]
async fn the_settings_catalog_is_put_as_a_whole() {
    let at = one_kind("configurationPolicies").await;
    let catalog = kind("settings_catalog");
    let mut policy = at.captured(catalog).await.swap_remove(0);
    let id = policy["id"].as_str().unwrap().to_owned();
    policy["settings"].as_array_mut().unwrap().truncate(1);
    at.graph.update_policy(catalog, &id, &policy).await.unwrap();
    let now = at.one(catalog, &id).await;
    assert_eq!(
        (&now["settingCount"], &now["assignments"]),
        (&json!(1), &policy["assignments"])
    );
    assert_eq!((at.sent("PUT", "/{id}"), at.sent("PATCH", "/{id}")), (1, 0));
}

#[tokio::test]
async fn compliance_without_a_block_action_is_created_with_one() {
    let at = one_kind("deviceCompliancePolicies").await;
    let compliance = kind("compliance");
    let bare =
        json!({"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "displayName": "Bare"});
    let refused = at
        .graph
        .create_policy(compliance, bare.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.kind, GraphErrorKind::BadRequest);
    assert!(!refused.outcome_unknown());
    let body = compliance.content_for_create(&bare);
    let made = at.graph.create_policy(compliance, body).await.unwrap();
    let mut there = at.one(compliance, made["id"].as_str().unwrap()).await;
    let action = &mut there["scheduledActionsForRule"][0]["scheduledActionConfigurations"][0];
    assert_eq!(
        (&action["actionType"], &action["gracePeriodHours"]),
        (&json!("block"), &json!(0))
    );
    action["gracePeriodHours"] = json!(48);
    let id = there["id"].as_str().unwrap();
    at.graph
        .update_policy(compliance, id, &there)
        .await
        .unwrap();
    let now = at.one(compliance, id).await;
    assert_eq!(compliance.comparable(&now), compliance.comparable(&there));
    assert_eq!(at.sent("POST", "/scheduleActionsForRules"), 1);
}

#[tokio::test]
async fn an_autopilot_profile_is_assigned_target_by_target_and_only_where_it_differs() {
    let at = one_kind("windowsAutopilotDeploymentProfiles").await;
    let (autopilot, groups) = (kind("autopilot_profiles"), at.groups());
    let profile = at.captured(autopilot).await.swap_remove(0);
    let id = profile["id"].as_str().unwrap();
    let group = |at: usize| Target::new(TargetKind::Group, Some(groups[at].clone()));
    at.graph
        .assign(autopilot, id, &profile, &[group(20), group(21)])
        .await
        .unwrap();
    at.running.simulator.reset_requests();
    at.graph
        .assign(autopilot, id, &profile, &[group(21), group(22)])
        .await
        .unwrap();
    let sent = (
        at.sent("POST", "/assignments"),
        at.sent("DELETE", "/assignments/{id}"),
        at.sent("POST", "/assign"),
    );
    assert_eq!(sent, (1, 1, 0));
    let mut wanted = [groups[21].clone(), groups[22].clone()];
    wanted.sort();
    let now = autopilot.assignments(&at.one(autopilot, id).await);
    assert_eq!(
        now.iter()
            .filter_map(|one| one.group_id.clone())
            .collect::<Vec<_>>(),
        wanted
    );
}

#[tokio::test]
async fn an_enrollment_default_is_updated_but_neither_created_nor_assigned() {
    let at = one_kind("deviceEnrollmentConfigurations").await;
    let enrollment = kind("enrollment");
    let all = at.captured(enrollment).await;
    let default = all.iter().find(|one| one["priority"] == 0).unwrap();
    assert!(enrollment.not_restorable(default).is_some());
    let id = default["id"].as_str().unwrap();
    let mut wanted = default.clone();
    wanted["description"] = json!("As agreed");
    at.graph
        .update_policy(enrollment, id, &wanted)
        .await
        .unwrap();
    assert_eq!(at.one(enrollment, id).await["description"], "As agreed");
    at.graph.assign(enrollment, id, default, &[]).await.unwrap();
    let group = [Target::new(TargetKind::Group, Some(at.groups()[0].clone()))];
    let refused = at
        .graph
        .assign(enrollment, id, default, &group)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, GraphErrorKind::BadRequest);
    assert_eq!(at.sent("POST", "/assign"), 0);
}

#[tokio::test]
async fn a_created_enrollment_configuration_gets_its_place_and_an_updated_one_keeps_it() {
    let at = one_kind("deviceEnrollmentConfigurations").await;
    let enrollment = kind("enrollment");
    let all = at.captured(enrollment).await;
    let first = all.iter().find(|one| one["priority"] == 1).unwrap();
    let mut wanted = first.clone();
    wanted["displayName"] = json!("Before the others");
    let body = enrollment.content_for_create(&wanted);
    let made = at.graph.create_policy(enrollment, body).await.unwrap();
    let id = made["id"].as_str().unwrap();
    assert_eq!(at.one(enrollment, id).await["priority"], 2);
    for _ in 0..2 {
        at.graph
            .finish_policy(enrollment, id, &wanted)
            .await
            .unwrap();
        assert_eq!(at.one(enrollment, id).await["priority"], 1);
    }
    let pushed = at.one(enrollment, first["id"].as_str().unwrap()).await;
    assert_eq!(pushed["priority"], 2);
    at.graph
        .update_policy(enrollment, pushed["id"].as_str().unwrap(), first)
        .await
        .unwrap();
    assert_eq!(at.one(enrollment, id).await["priority"], 1);
    assert_eq!(at.sent("POST", "/setPriority"), 2);
}

#[tokio::test]
async fn an_app_configuration_is_assigned_by_the_action_of_its_type_and_keeps_its_apps() {
    let at = one_kind("mobileAppConfigurations").await;
    let configurations = kind("app_configurations");
    let all = at.captured(configurations).await;
    let id = all[0]["id"].as_str().unwrap();
    let mut wanted = all[0].clone();
    wanted["description"] = json!("As agreed");
    wanted["targetedMobileApps"] = json!([]);
    at.graph
        .update_policy(configurations, id, &wanted)
        .await
        .unwrap();
    let now = at.one(configurations, id).await;
    assert_eq!(
        (&now["description"], &now["targetedMobileApps"]),
        (&json!("As agreed"), &all[0]["targetedMobileApps"])
    );
    at.graph
        .assign(configurations, id, &now, &[])
        .await
        .unwrap();
    let log = at.running.simulator.request_log();
    let assign = log.iter().find(|one| one.template.ends_with("/assign"));
    let action = "microsoft.graph.managedDeviceMobileAppConfiguration/assign";
    assert!(assign.unwrap().target.ends_with(action));
}

#[tokio::test]
async fn a_timeout_at_the_gateway_leaves_a_create_open_and_repeats_an_update() {
    let at = one_kind("deviceManagementScripts").await;
    let scripts = kind("platform_scripts");
    let mut wanted = at.captured(scripts).await.swap_remove(0);
    let id = wanted["id"].as_str().unwrap().to_owned();
    wanted["displayName"] = json!("Once");
    let gateway = || {
        let faults = Faults {
            gateway_timeouts: Some(1),
            ..Faults::default()
        };
        let simulator = &at.running.simulator;
        simulator.set_faults(&at.tenant.directory_id, faults);
    };
    gateway();
    let body = scripts.content_for_create(&wanted);
    let error = at.graph.create_policy(scripts, body).await.unwrap_err();
    assert!(error.outcome_unknown(), "{error:?}");
    assert_eq!(at.sent("POST", "/deviceManagementScripts"), 1);
    assert_eq!(at.same(scripts, &wanted).await.len(), 1);
    gateway();
    at.graph.update_policy(scripts, &id, &wanted).await.unwrap();
    assert_eq!(at.sent("PATCH", "/deviceManagementScripts/{id}"), 2);
}

#[tokio::test]
async fn app_protection_gets_its_apps_and_everyone_as_a_group() {
    let at = one_kind("managedAppPolicies").await;
    let apps = kind("app_protection");
    let captured = at.captured(apps).await.swap_remove(0);
    let made = at
        .graph
        .create_policy(apps, apps.content_for_create(&captured))
        .await
        .unwrap();
    let id = made["id"].as_str().unwrap();
    at.graph.finish_policy(apps, id, &captured).await.unwrap();
    let everyone = [Target::new(TargetKind::AllUsers, None)];
    // The type alone is enough to know the address.
    at.graph
        .assign(apps, id, &captured["@odata.type"], &everyone)
        .await
        .unwrap();
    let copy = at.one(apps, id).await;
    let names = |policy: &Value| -> Vec<Value> {
        let all = policy["apps"].as_array().unwrap();
        all.iter()
            .map(|app| app["mobileAppIdentifier"].clone())
            .collect()
    };
    assert_eq!(names(&copy), names(&captured));
    assert_eq!(copy["appGroupType"], captured["appGroupType"]);
    assert_eq!(
        copy["assignments"][0]["target"]["@odata.type"],
        "#microsoft.graph.groupAssignmentTarget"
    );
    assert_eq!(apps.assignments(&copy), everyone);
}

#[tokio::test]
async fn the_values_of_an_administrative_template_are_replaced() {
    let at = one_kind("groupPolicyConfigurations").await;
    let templates = kind("administrative_templates");
    let captured = at.captured(templates).await;
    let id = captured[0]["id"].as_str().unwrap();
    let mut wanted = captured[1].clone();
    let first = &mut wanted["definitionValues"][0];
    first["enabled"] = json!(first["enabled"] != true);
    for _ in 0..2 {
        at.graph
            .update_policy(templates, id, &wanted)
            .await
            .unwrap();
        let now = at.one(templates, id).await;
        assert_eq!(templates.comparable(&now), templates.comparable(&wanted));
    }
    wanted["definitionValues"] = json!([]);
    at.graph
        .update_policy(templates, id, &wanted)
        .await
        .unwrap();
    assert_eq!(at.one(templates, id).await["definitionValues"], json!([]));
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_not_sent_again_and_can_be_found() {
    let at = one_kind("configurationPolicies").await;
    let catalog = kind("settings_catalog");
    let mut wanted = at.captured(catalog).await.swap_remove(0);
    wanted["name"] = json!("Restored once");
    let lost = Faults {
        reset_connections: Some(1),
        ..Faults::default()
    };
    at.running
        .simulator
        .set_faults(&at.tenant.directory_id, lost);
    let body = catalog.content_for_create(&wanted);
    let error = at.graph.create_policy(catalog, body).await.unwrap_err();
    assert!(error.outcome_unknown(), "{error:?}");
    assert_eq!(at.sent("POST", "/configurationPolicies"), 1);
    assert_eq!(at.same(catalog, &wanted).await.len(), 1);
}

#[tokio::test]
async fn an_update_whose_answer_is_lost_is_sent_again() {
    let at = one_kind("configurationPolicies").await;
    let catalog = kind("settings_catalog");
    let policy = at.captured(catalog).await.swap_remove(0);
    let lost = Faults {
        reset_connections: Some(1),
        ..Faults::default()
    };
    at.running
        .simulator
        .set_faults(&at.tenant.directory_id, lost);
    let id = policy["id"].as_str().unwrap();
    at.graph.update_policy(catalog, id, &policy).await.unwrap();
    assert_eq!(at.sent("PUT", "/{id}"), 2);
}

#[tokio::test]
async fn a_throttled_create_is_sent_again_and_an_unavailable_one_is_not() {
    let at = one_kind("deviceManagementScripts").await;
    let scripts = kind("platform_scripts");
    let body = scripts.content_for_create(&at.captured(scripts).await[0]);
    let throttled = Faults {
        throttle_every: Some(1),
        ..Faults::default()
    };
    let simulator = at.running.simulator.clone();
    simulator.set_faults(&at.tenant.directory_id, throttled);
    let (graph, sent) = (at.graph.clone(), body.clone());
    let creating = tokio::spawn(async move { graph.create_policy(scripts, sent).await });
    while at.sent("POST", "/deviceManagementScripts") == 0 {
        tokio::task::yield_now().await;
    }
    simulator.set_faults(&at.tenant.directory_id, Faults::default());
    creating.await.unwrap().unwrap();
    let unavailable = Faults {
        unavailable: Some(1),
        ..Faults::default()
    };
    simulator.set_faults(&at.tenant.directory_id, unavailable);
    let before = at.sent("POST", "/deviceManagementScripts");
    let error = at.graph.create_policy(scripts, body).await.unwrap_err();
    assert!(
        error.outcome_unknown() && error.kind == GraphErrorKind::Unavailable,
        "{error:?}"
    );
    assert_eq!(at.sent("POST", "/deviceManagementScripts"), before + 1);
}

#[tokio::test]
async fn a_policy_that_cannot_be_seen_yet_is_waited_for() {
    let at = one_kind("managedAppPolicies").await;
    let apps = kind("app_protection");
    let captured = at.captured(apps).await.swap_remove(0);
    let slow = Faults {
        not_found_after_create_ms: Some(150),
        ..Faults::default()
    };
    at.running
        .simulator
        .set_faults(&at.tenant.directory_id, slow);
    let made = at
        .graph
        .create_policy(apps, apps.content_for_create(&captured))
        .await
        .unwrap();
    let id = made["id"].as_str().unwrap();
    at.graph.finish_policy(apps, id, &captured).await.unwrap();
    assert_eq!(
        at.one(apps, id).await["deployedAppCount"],
        captured["deployedAppCount"]
    );
}

#[tokio::test]
async fn nothing_that_was_sent_leaves_the_outcome_open_when_nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let settings = GraphSettings {
        max_attempts: 2,
        ..hurried()
    };
    let graph = GraphClient::new(settings).unwrap();
    let graph = graph.tenant(connection(&base, "directory", "client", "secret"));
    let error = graph
        .create_policy(kind("shell_scripts"), json!({}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.outcome_unknown()),
        (GraphErrorKind::Network, false)
    );
}

#[tokio::test]
async fn writes_keep_the_pace_and_reads_do_not_wait_for_them() {
    let token = || async { Json(json!({"access_token": "opaque", "expires_in": 3600})) };
    let answer = |request: Request| async move {
        match request.method().as_str() {
            "GET" => Json(json!({"value": []})).into_response(),
            _ => StatusCode::NO_CONTENT.into_response(),
        }
    };
    let routes = Router::new()
        .route("/directory/oauth2/v2.0/token", post(token))
        .fallback(answer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let window = Duration::from_millis(700);
    let settings = GraphSettings {
        intune_writes: 5,
        intune_write_window: window,
        ..hurried()
    };
    let graph = GraphClient::new(settings).unwrap();
    let graph = graph.tenant(connection(&base, "directory", "client", "secret"));
    let start = Instant::now();
    let writing = graph.clone();
    let writes = tokio::spawn(async move {
        let ids = ["a", "b", "c", "d", "e", "f"];
        let policy = json!({"displayName": "A"});
        let scripts = kind("shell_scripts");
        let all = ids.map(|id| writing.update_policy(scripts, id, &policy));
        futures::future::try_join_all(all).await.unwrap();
    });
    while start.elapsed() < window / 3 {
        graph.ids_by_key(kind("shell_scripts")).await.unwrap();
    }
    assert!(!writes.is_finished(), "the sixth write has to wait");
    writes.await.unwrap();
    assert!(start.elapsed() >= window);
}
