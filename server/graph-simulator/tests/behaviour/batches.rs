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
