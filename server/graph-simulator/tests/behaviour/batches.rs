//! `$batch`: twenty fates in one answer.

use graph_simulator::{Faults, RequestFilter, TenantSpec};
use serde_json::{Value, json};

use crate::caller::{Answer, Caller};

async fn caller() -> Caller {
    Caller::new(TenantSpec::new("Contoso").policies(60).groups(20)).await
}

fn get(id: &str, url: &str) -> Value {
    json!({"id": id, "method": "GET", "url": url})
}

fn response(answer: &Answer, id: &str) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let responses = answer.json()["responses"].as_array().unwrap().clone();
    responses
        .into_iter()
        .find(|response| response["id"] == id)
        .unwrap()
}

#[tokio::test]
async fn each_request_has_its_own_status() {
    let caller = caller().await;
    let body = json!({"requests": [
        get("1", "/organization?$select=id"),
        get("2", "groups/no-such-group"),
        {"id": "3", "method": "POST", "url": "/groups", "headers": {"Content-Type": "application/json"}, "body": {"displayName": "From a batch"}},
        {"id": "4", "method": "DELETE", "url": "/groups/no-such-group", "dependsOn": ["2"]},
    ]});
    let answer = caller.post("/v1.0/$batch", body).await;
    assert_eq!(
        response(&answer, "1")["body"]["value"][0]["id"],
        caller.tenant.directory_id.as_str()
    );
    assert_eq!(
        response(&answer, "2")["body"]["error"]["code"],
        "Request_ResourceNotFound"
    );
    assert_eq!(response(&answer, "3")["status"], 201);
    assert_eq!(response(&answer, "4")["status"], 424);
}

#[tokio::test]
async fn a_throttled_inner_request_says_so_in_its_own_headers() {
    let caller = caller().await;
    let faults = Faults {
        throttle_every: Some(2),
        retry_after_seconds: Some(3),
        ..Faults::default()
    };
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, faults);
    let answer = caller
        .post(
            "/beta/$batch",
            json!({"requests": [get("a", "/groups?$top=1"), get("b", "/groups?$top=2")]}),
        )
        .await;
    assert_eq!(response(&answer, "a")["status"], 200);
    assert!(
        response(&answer, "a")["body"]["@odata.nextLink"]
            .as_str()
            .unwrap()
            .starts_with(&caller.running.base_url)
    );
    let refused = response(&answer, "b");
    assert_eq!(
        (&refused["status"], &refused["headers"]["Retry-After"]),
        (&json!(429), &json!("3"))
    );
}

#[tokio::test]
async fn malformed_batches_fail_as_a_whole() {
    let caller = caller().await;
    let many: Vec<Value> = (0..21)
        .map(|number| get(&number.to_string(), "/organization"))
        .collect();
    for body in [
        json!({"requests": many}),
        json!({"requests": [get("a", "/organization"), get("A", "/organization")]}),
        json!({"requests": []}),
        json!({"something": "else"}),
        json!({"requests": [{"id": "1", "method": "POST", "url": "/groups", "body": {"displayName": "No content type"}}]}),
    ] {
        assert_eq!(
            caller.post("/v1.0/$batch", body.clone()).await.status,
            400,
            "{body}"
        );
    }
}

#[tokio::test]
async fn inner_requests_are_recorded_one_by_one() {
    let caller = caller().await;
    caller.simulator().reset_requests();
    caller
        .post(
            "/v1.0/$batch",
            json!({"requests": [get("1", "/organization"), get("2", "/organization")]}),
        )
        .await;
    let count = |template: &str| {
        caller
            .simulator()
            .request_count(RequestFilter::all().template(template))
    };
    assert_eq!((count("/v1.0/organization"), count("/v1.0/$batch")), (2, 1));
    assert!(
        caller
            .simulator()
            .request_log()
            .iter()
            .filter(|entry| entry.batched)
            .count()
            == 2
    );
}

/// The statuses of two writes and a read sent together, and whether an answer came at all.
async fn together(caller: &Caller, faults: Faults) -> Option<Vec<u64>> {
    let tenant = &caller.tenant.directory_id;
    caller.simulator().set_faults(tenant, faults);
    let write = |id: &str| {
        json!({"id": id, "method": "POST", "url": "/groups", "headers": {"Content-Type": "application/json"},
            "body": {"displayName": "From a batch"}})
    };
    let body = json!({"requests": [write("1"), get("2", "/organization"), write("3")]});
    let sent = caller.try_send(reqwest::Method::POST, "/v1.0/$batch", Some(&body), &[]);
    let answer = sent.await.ok()?;
    let status = |id: &str| response(&answer, id)["status"].as_u64().unwrap();
    Some(["1", "2", "3"].map(status).to_vec())
}

fn made(caller: &Caller) -> usize {
    let groups = caller.simulator().groups(&caller.tenant.directory_id);
    let all = groups.unwrap().into_iter();
    all.filter(|group| group.name == "From a batch").count()
}

#[tokio::test]
async fn faults_meet_the_requests_within_a_batch_one_by_one() {
    let caller = caller().await;
    let unavailable = Faults {
        unavailable: Some(1),
        ..Faults::default()
    };
    let statuses = together(&caller, unavailable).await;
    assert_eq!((statuses, made(&caller)), (Some(vec![503, 200, 201]), 1));
    let forbidden = Faults {
        forbidden_kinds: vec!["groups".to_owned()],
        ..Faults::default()
    };
    let statuses = together(&caller, forbidden).await;
    assert_eq!((statuses, made(&caller)), (Some(vec![403, 200, 403]), 1));
    // The work is done, as outside a batch.
    let late = Faults {
        gateway_timeouts: Some(1),
        ..Faults::default()
    };
    let statuses = together(&caller, late).await;
    assert_eq!((statuses, made(&caller)), (Some(vec![504, 200, 201]), 3));
}

#[tokio::test]
async fn a_connection_that_breaks_loses_the_answer_of_a_whole_batch_but_not_its_work() {
    let caller = caller().await;
    let lost = Faults {
        reset_connections: Some(1),
        ..Faults::default()
    };
    assert_eq!(together(&caller, lost).await, None);
    assert_eq!(made(&caller), 2);
    let statuses = together(&caller, Faults::default()).await;
    assert_eq!((statuses, made(&caller)), (Some(vec![201, 200, 201]), 4));
}

#[tokio::test]
async fn a_revoked_token_and_a_slow_service_meet_a_batch_as_a_whole() {
    let caller = caller().await;
    let slow = Faults {
        delay_ms: Some(120),
        ..Faults::default()
    };
    let before = std::time::Instant::now();
    assert!(together(&caller, slow).await.is_some());
    assert!(before.elapsed() >= std::time::Duration::from_millis(120));
    let revoked = Faults {
        revoke_tokens: true,
        ..Faults::default()
    };
    let tenant = &caller.tenant.directory_id;
    caller.simulator().set_faults(tenant, revoked);
    let body = json!({"requests": [get("1", "/organization")]});
    let refused = caller.post("/v1.0/$batch", body).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (401, "InvalidAuthenticationToken")
    );
}
