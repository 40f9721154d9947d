//! The control addresses: they change what Graph answers and are never counted as Graph requests.

use graph_simulator::TenantSpec;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

async fn caller() -> Caller {
    Caller::new(TenantSpec::new("Contoso").policies(40).groups(5)).await
}

#[tokio::test]
async fn tenants_are_listed_with_what_a_client_needs_to_connect() {
    let caller = caller().await;
    let listed = caller.get("/_control/tenants").await.json();
    assert_eq!(
        listed[0]["directoryId"],
        caller.tenant.directory_id.as_str()
    );
    assert_eq!(
        listed[0]["clientSecret"],
        caller.tenant.client_secret.as_str()
    );
    assert_eq!(
        (&listed[0]["policies"], &listed[0]["groups"]),
        (&json!(40), &json!(5))
    );
}

#[tokio::test]
async fn faults_set_over_http_take_effect_and_wrong_ones_are_refused() {
    let caller = caller().await;
    let path = format!("/_control/tenants/{}/faults", caller.tenant.directory_id);
    assert_eq!(
        caller
            .send(
                Method::PUT,
                &path,
                json!({"throttleEvery": 1, "retry_after_seconds": 2})
            )
            .await
            .status,
        200
    );
    let throttled = caller.get("/v1.0/organization").await;
    assert_eq!(
        (throttled.status, throttled.header("retry-after")),
        (429, Some("2"))
    );
    assert_eq!(caller.get(&path).await.json()["throttleEvery"], 1);
    assert_eq!(
        caller
            .send(Method::PUT, &path, json!({"throtleEvery": 1}))
            .await
            .status,
        422
    );
    assert_eq!(
        caller
            .send(Method::PUT, "/_control/tenants/nobody/faults", json!({}))
            .await
            .status,
        404
    );
    assert_eq!(caller.send(Method::PUT, &path, json!({})).await.status, 200);
    assert_eq!(caller.get("/v1.0/organization").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_by_address_with_ids_left_out() {
    let caller = caller().await;
    let policies = caller
        .simulator()
        .policies(&caller.tenant.directory_id)
        .unwrap();
    let policy = policies
        .iter()
        .find(|policy| policy.kind == "configurationPolicies")
        .unwrap();
    assert_eq!(
        caller
            .send(Method::DELETE, "/_control/requests", json!({}))
            .await
            .status,
        204
    );
    for path in [
        format!("/beta/deviceManagement/configurationPolicies/{}", policy.id),
        format!(
            "/beta/deviceManagement/configurationPolicies('{}')",
            policy.id
        ),
    ] {
        assert_eq!(caller.get(&path).await.status, 200);
    }
    let counts = caller.get("/_control/requests").await.json();
    assert_eq!(counts["total"], 2);
    let own = &counts["tenants"][&caller.tenant.directory_id];
    assert_eq!(
        own["GET /beta/deviceManagement/configurationPolicies/{id}"],
        2
    );
    let since = counts["lastSequence"].as_u64().unwrap();
    caller.get("/v1.0/organization").await;
    assert_eq!(
        caller
            .get(&format!("/_control/requests?since={since}"))
            .await
            .json()["total"],
        1
    );
    let log = caller
        .get(&format!("/_control/requests/log?since={since}"))
        .await
        .json();
    assert_eq!(log[0]["template"], "/v1.0/organization");
}

#[tokio::test]
async fn policies_are_added_renamed_and_deleted_behind_the_clients_back() {
    let caller = caller().await;
    let base = format!("/_control/tenants/{}/policies", caller.tenant.directory_id);
    let object = json!({"@odata.type": "#microsoft.graph.iosCustomConfiguration", "displayName": "From the portal"});
    let added = caller
        .post(
            &base,
            json!({"kind": "deviceConfigurations", "object": object}),
        )
        .await;
    assert_eq!(added.status, 201);
    let id = added.json()["id"].as_str().unwrap().to_owned();
    let graph = format!("/beta/deviceManagement/deviceConfigurations/{id}");
    let before = caller.get(&graph).await.json();
    assert_eq!(before["displayName"], "From the portal");
    assert_eq!(
        caller
            .send(
                Method::PATCH,
                &format!("{base}/{id}"),
                json!({"displayName": "Renamed"})
            )
            .await
            .status,
        204
    );
    let after = caller.get(&graph).await.json();
    assert_eq!(after["displayName"], "Renamed");
    assert!(after["lastModifiedDateTime"].as_str() > before["lastModifiedDateTime"].as_str());
    let kinds = caller.get(&base).await.json();
    assert!(
        kinds
            .as_array()
            .unwrap()
            .contains(&json!({"kind": "deviceConfigurations", "id": id, "name": "Renamed"}))
    );
    assert_eq!(
        caller
            .send(Method::DELETE, &format!("{base}/{id}"), json!({}))
            .await
            .status,
        204
    );
    assert_eq!(caller.get(&graph).await.status, 404);
    assert_eq!(
        caller
            .post(&base, json!({"kind": "nothing", "object": {}}))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_renamed_policy_changes_under_the_name_its_kind_uses() {
    let caller = caller().await;
    let directory = &caller.tenant.directory_id;
    let policies = caller.simulator().policies(directory).unwrap();
    let policy = policies
        .iter()
        .find(|policy| policy.kind == "configurationPolicies")
        .unwrap();
    caller
        .simulator()
        .rename_policy(directory, &policy.id, "Another name")
        .unwrap();
    let read: Value = caller
        .get(&format!(
            "/beta/deviceManagement/configurationPolicies/{}",
            policy.id
        ))
        .await
        .json();
    assert_eq!(read["name"], "Another name");
    assert!(
        caller
            .simulator()
            .rename_policy(directory, "no-such-policy", "x")
            .is_err()
    );
}

#[tokio::test]
async fn groups_are_added_renamed_and_deleted_behind_the_clients_back() {
    let caller = caller().await;
    let base = format!("/_control/tenants/{}/groups", caller.tenant.directory_id);
    let id = caller
        .post(&base, json!({"displayName": "New"}))
        .await
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        caller
            .send(
                Method::PATCH,
                &format!("{base}/{id}"),
                json!({"displayName": "Other"})
            )
            .await
            .status,
        204
    );
    assert_eq!(
        caller.get(&format!("/v1.0/groups/{id}")).await.json()["displayName"],
        "Other"
    );
    assert_eq!(
        caller
            .send(
                Method::DELETE,
                &format!("{base}/{id}?purge=true"),
                json!({})
            )
            .await
            .status,
        204
    );
    assert_eq!(caller.get(&format!("/v1.0/groups/{id}")).await.status, 404);
}
