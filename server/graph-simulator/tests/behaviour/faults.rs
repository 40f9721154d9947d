//! Faults on demand and Graph's published limits.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use graph_simulator::{Faults, RequestFilter, TenantSpec};
use reqwest::Method;
use serde_json::json;

use crate::caller::Caller;

const ORGANIZATION: &str = "/v1.0/organization";

async fn caller(faults: Faults) -> Caller {
    let caller = Caller::new(TenantSpec::new("Contoso").policies(60).groups(10)).await;
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, faults);
    caller
}

#[tokio::test]
async fn every_nth_request_is_throttled() {
    let caller = caller(Faults {
        throttle_every: Some(3),
        retry_after_seconds: Some(7),
        ..Faults::default()
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = caller.get(ORGANIZATION).await;
        assert_eq!(
            answer.header("retry-after"),
            (answer.status == 429).then_some("7")
        );
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 200, 429, 200, 200, 429]);
    caller.simulator().set_faults(
        &caller.tenant.directory_id,
        Faults {
            throttle_every: Some(1),
            ..Faults::default()
        },
    );
    let answer = caller.get(ORGANIZATION).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, None));
}

#[tokio::test]
async fn an_outage_ends_by_count_or_by_time() {
    let caller = caller(Faults {
        unavailable: Some(2),
        ..Faults::default()
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(caller.get(ORGANIZATION).await.status);
    }
    assert_eq!(statuses, [503, 503, 200]);
    let minute = Faults {
        unavailable_for_ms: Some(60_000),
        ..Faults::default()
    };
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, minute);
    assert_eq!(caller.get(ORGANIZATION).await.code(), "ServiceUnavailable");
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, Faults::default());
    assert_eq!(caller.get(ORGANIZATION).await.status, 200);
}

#[tokio::test]
async fn a_forbidden_kind_leaves_the_others_open() {
    let forbidden_kinds = vec![
        "deviceManagementScripts".to_owned(),
        "conditionalAccess/policies".to_owned(),
        "groups".to_owned(),
    ];
    let caller = caller(Faults {
        forbidden_kinds,
        ..Faults::default()
    })
    .await;
    assert_eq!(
        caller
            .get("/beta/deviceManagement/deviceManagementScripts")
            .await
            .code(),
        "Forbidden"
    );
    assert_eq!(
        caller
            .get("/v1.0/identity/conditionalAccess/policies")
            .await
            .code(),
        "Authorization_RequestDenied"
    );
    assert_eq!(
        caller.get("/v1.0/groups").await.code(),
        "Authorization_RequestDenied"
    );
    assert_eq!(
        caller
            .get("/v1.0/identity/conditionalAccess/namedLocations")
            .await
            .status,
        200
    );
    assert_eq!(
        caller
            .get("/beta/deviceManagement/deviceHealthScripts")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_delay_holds_the_answer_back() {
    let caller = caller(Faults {
        delay_ms: Some(120),
        ..Faults::default()
    })
    .await;
    let before = Instant::now();
    assert_eq!(caller.get(ORGANIZATION).await.status, 200);
    assert!(before.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn an_answer_is_held_back_until_other_faults_are_set() {
    let caller = caller(Faults {
        delay_ms: Some(3_600_000),
        ..Faults::default()
    })
    .await;
    let simulator = caller.simulator();
    let mut held = pin!(caller.get(ORGANIZATION));
    let early = tokio::time::timeout(Duration::from_millis(100), &mut held);
    assert!(early.await.is_err());
    simulator.set_faults(&caller.tenant.directory_id, Faults::default());
    assert_eq!(held.await.status, 200);
}

#[tokio::test]
async fn a_broken_connection_loses_the_answer_but_not_the_work() {
    let caller = caller(Faults {
        reset_connections: Some(1),
        ..Faults::default()
    })
    .await;
    let script = json!({"displayName": "Lost answer", "scriptContent": "ZWNobw==", "fileName": "a.ps1", "runAsAccount": "system"});
    let path = "/beta/deviceManagement/deviceManagementScripts";
    let lost = caller
        .try_send(reqwest::Method::POST, path, Some(&script), &[])
        .await;
    assert!(lost.is_err(), "{lost:?}");
    let (scripts, _) = caller.all(path).await;
    assert_eq!(
        scripts
            .iter()
            .filter(|script| script["displayName"] == "Lost answer")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_new_object_is_hidden_for_a_while() {
    let caller = caller(Faults {
        not_found_after_create_ms: Some(60_000),
        ..Faults::default()
    })
    .await;
    let script = json!({"displayName": "Late", "scriptContent": "ZWNobw=="});
    let path = "/beta/deviceManagement/deviceManagementScripts";
    let made = caller.post(path, script).await;
    assert_eq!(made.status, 201);
    let item = format!("{path}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(caller.get(&item).await.code(), "ResourceNotFound");
    // Listings and groups lag the same way.
    let group = json!({"displayName": "Late", "mailEnabled": false, "securityEnabled": true});
    assert_eq!(caller.post("/v1.0/groups", group).await.status, 201);
    let late = || async {
        let mut found = Vec::new();
        for path in [path, "/v1.0/groups"] {
            let (all, _) = caller.all(path).await;
            found.push(all.iter().any(|one| one["displayName"] == "Late"));
        }
        found
    };
    assert_eq!(late().await, [false, false]);
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, Faults::default());
    assert_eq!(caller.get(&item).await.status, 200);
    assert_eq!(late().await, [true, true]);
}

#[tokio::test]
async fn listings_go_on_showing_what_was_for_a_while() {
    let caller = caller(Faults {
        stale_lists_ms: Some(60_000),
        ..Faults::default()
    })
    .await;
    for (path, changed) in [
        ("/v1.0/identity/conditionalAccess/policies", "displayName"),
        ("/v1.0/groups", "displayName"),
        (
            "/beta/deviceManagement/deviceManagementScripts",
            "displayName",
        ),
    ] {
        let (before, _) = caller.all(path).await;
        let item = |at: usize| format!("{path}/{}", before[at]["id"].as_str().unwrap());
        for name in ["Once", "Twice"] {
            let body = json!({ changed: name });
            let patched = caller.send(Method::PATCH, &item(0), body).await;
            assert!(patched.status < 300, "{}", patched.text);
        }
        let deleted = caller.send(Method::DELETE, &item(1), json!({})).await;
        assert!(deleted.status < 300, "{}", deleted.text);
        assert_eq!(caller.get(&item(0)).await.json()[changed], "Twice");
        assert_eq!(caller.get(&item(1)).await.status, 404);
        assert_eq!(caller.all(path).await.0, before, "{path}");
        let chosen = format!("{path}?$filter={changed} eq 'Twice'");
        assert!(caller.get(&chosen).await.value().is_empty(), "{path}");
    }
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, Faults::default());
    let (groups, _) = caller.all("/v1.0/groups").await;
    assert_eq!(
        (groups.len(), &groups[0]["displayName"]),
        (9, &json!("Twice"))
    );
}

#[tokio::test]
async fn a_listing_catches_up_when_its_time_is_over() {
    let lag = Duration::from_millis(150);
    let caller = caller(Faults {
        stale_lists_ms: Some(150),
        ..Faults::default()
    })
    .await;
    let groups = caller.all("/v1.0/groups").await.0;
    let item = |at: usize| format!("/v1.0/groups/{}", groups[at]["id"].as_str().unwrap());
    let changed = Instant::now();
    let renamed = json!({"displayName": "Renamed"});
    assert_eq!(
        caller.send(Method::PATCH, &item(0), renamed).await.status,
        204
    );
    let deleted = caller.send(Method::DELETE, &item(1), json!({})).await;
    assert_eq!(deleted.status, 204);
    loop {
        let now = caller.all("/v1.0/groups").await.0;
        if now.len() == groups.len() - 1 {
            assert_eq!(now[0]["displayName"], "Renamed");
            assert!(changed.elapsed() >= lag);
            break;
        }
        assert!(changed.elapsed() < 20 * lag, "never caught up");
    }
}

#[tokio::test]
async fn a_gateway_that_stops_waiting_hides_work_that_was_done() {
    let caller = caller(Faults {
        gateway_timeouts: Some(1),
        ..Faults::default()
    })
    .await;
    let path = "/beta/deviceManagement/deviceManagementScripts";
    let script = json!({"displayName": "Done", "scriptContent": "ZWNobw=="});
    assert_eq!(caller.post(path, script).await.status, 504);
    let (all, _) = caller.all(path).await;
    let done = all.iter().filter(|one| one["displayName"] == "Done");
    assert_eq!(done.count(), 1);
}

#[tokio::test]
async fn read_only_properties_are_ignored_or_refused_as_switched() {
    let caller = caller(Faults::default()).await;
    let path = "/beta/deviceManagement/deviceManagementScripts";
    let script =
        json!({"id": "own", "displayName": "A", "createdDateTime": "2001-01-01T00:00:00Z"});
    let made = caller.post(path, script.clone()).await;
    assert_eq!(made.status, 201);
    assert_ne!(made.json()["id"], "own");
    let strict = Faults {
        refuse_read_only: true,
        ..Faults::default()
    };
    let tenant = &caller.tenant.directory_id;
    caller.simulator().set_faults(tenant, strict);
    let refused = caller.post(path, script).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "ModelValidationFailure")
    );
    let item = format!("{path}/{}", made.json()["id"].as_str().unwrap());
    let version = json!({"lastModifiedDateTime": "2001-01-01T00:00:00Z"});
    let refused = caller.send(Method::PATCH, &item, version).await;
    assert_eq!(refused.status, 400);
    let name = json!({"displayName": "B"});
    assert_eq!(caller.send(Method::PATCH, &item, name).await.status, 200);
}

#[tokio::test]
async fn unknown_groups_and_taken_names_are_refused_where_that_is_switched_on() {
    let caller = caller(Faults::default()).await;
    let path = "/beta/deviceManagement/configurationPolicies";
    let policy = caller.get(path).await.value().swap_remove(0);
    let item = format!("{path}/{}/assign", policy["id"].as_str().unwrap());
    let nobody = json!({"assignments": [{"target": {
        "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "00000000-0000-0000-0000-00000000dead"}}]});
    let roles = "/beta/deviceManagement/roleDefinitions";
    let role = json!({"@odata.type": "#microsoft.graph.roleDefinition", "displayName": "Twice"});
    assert_eq!(caller.post(&item, nobody.clone()).await.status, 200);
    assert_eq!(caller.post(roles, role.clone()).await.status, 200);
    assert_eq!(caller.post(roles, role.clone()).await.status, 200);
    let strict = Faults {
        check_references: true,
        unique_names: vec!["roleDefinitions".to_owned()],
        ..Faults::default()
    };
    let tenant = &caller.tenant.directory_id;
    caller.simulator().set_faults(tenant, strict);
    assert_eq!(caller.post(&item, nobody).await.status, 400);
    assert_eq!(caller.post(roles, role).await.status, 400);
    let other = json!({"@odata.type": "#microsoft.graph.roleDefinition", "displayName": "Once"});
    assert_eq!(caller.post(roles, other).await.status, 200);
    let scope_tags = "/beta/deviceManagement/roleScopeTags";
    for _ in 0..2 {
        let tag = json!({"displayName": "Tag"});
        assert_eq!(caller.post(scope_tags, tag).await.status, 200);
    }
}

#[tokio::test]
async fn conditional_access_takes_one_request_a_second_and_never_says_when_to_return() {
    let caller = Caller::new(TenantSpec::new("Contoso").policies(60).real_limits()).await;
    let mut statuses = Vec::new();
    let refused = loop {
        // Two addresses, one budget.
        let segment = if statuses.len() % 2 == 0 {
            "policies"
        } else {
            "namedLocations"
        };
        let answer = caller
            .get(&format!("/v1.0/identity/conditionalAccess/{segment}"))
            .await;
        statuses.push(answer.status);
        if answer.status != 200 {
            break answer;
        }
        assert!(statuses.len() < 100, "never refused");
    };
    assert_eq!(
        (statuses[0], refused.status, refused.header("retry-after")),
        (200, 429, None)
    );
    assert_eq!(
        caller
            .get("/beta/deviceManagement/deviceConfigurations")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_directory_warns_before_it_refuses() {
    let caller = Caller::new(TenantSpec::new("Contoso").groups(3).real_limits()).await;
    // Twenty times five units each, out of eight thousand in ten seconds.
    let inner = |id: usize| {
        json!({"id": id.to_string(), "method": "POST", "url": "/directoryObjects/getByIds",
            "headers": {"Content-Type": "application/json"}, "body": {"ids": []}})
    };
    let body = json!({"requests": (0..20).map(inner).collect::<Vec<_>>()});
    let (mut warned, mut round) = (false, 0);
    let refused = loop {
        let answer = caller.post("/v1.0/$batch", body.clone()).await.json();
        let responses = answer["responses"].as_array().unwrap().clone();
        let header =
            |one: &serde_json::Value, name: &str| one["headers"][name].as_str().map(str::to_owned);
        for one in responses.iter().filter(|one| one["status"] == 200) {
            let used = header(one, "X-Ms-Throttle-Limit-Percentage");
            assert!(used.is_none() || round > 60, "{used:?} in round {round}");
            warned |= used.is_some_and(|used| used.parse::<f64>().unwrap() >= 0.8);
        }
        if let Some(one) = responses.iter().find(|one| one["status"] == 429) {
            assert!(header(one, "Retry-After").is_some());
            break header(one, "X-Ms-Throttle-Information");
        }
        round += 1;
        assert!(round < 500, "never refused");
    };
    assert!(warned);
    assert_eq!(refused.as_deref(), Some("ResourceUnitLimitExceeded"));
}

#[tokio::test]
async fn writes_to_one_service_are_limited_to_a_hundred_at_once() {
    let caller = Caller::new(TenantSpec::new("Contoso").policies(60).real_limits()).await;
    let path = "/beta/deviceManagement/assignmentFilters";
    let mut refused = None;
    for number in 0..1000 {
        let answer = caller
            .post(path, json!({"displayName": format!("Filter {number}")}))
            .await;
        if answer.status == 429 {
            refused = Some((number, answer));
            break;
        }
    }
    let (accepted, answer) = refused.unwrap();
    assert!(accepted >= 100, "{accepted}");
    assert!(
        answer
            .header("retry-after")
            .unwrap()
            .parse::<u64>()
            .unwrap()
            >= 1
    );
    assert_eq!(
        answer.header("x-ms-throttle-information"),
        Some("WriteLimitExceeded")
    );
    assert_eq!(caller.get(path).await.status, 200);
}

#[tokio::test]
async fn failed_requests_are_recorded_with_their_status() {
    let caller = caller(Faults {
        throttle_every: Some(2),
        ..Faults::default()
    })
    .await;
    caller.simulator().reset_requests();
    for _ in 0..4 {
        caller.get(ORGANIZATION).await;
    }
    let count = |filter: RequestFilter| {
        caller
            .simulator()
            .request_count(filter.template(ORGANIZATION))
    };
    assert_eq!(count(RequestFilter::all()), 4);
    assert_eq!(count(RequestFilter::all().status(429)), 2);
    assert_eq!(
        count(
            RequestFilter::all()
                .tenant(&caller.tenant.directory_id)
                .method("GET")
                .status(200)
        ),
        2
    );
    assert_eq!(count(RequestFilter::all().method("POST")), 0);
}
