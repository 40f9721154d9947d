//! Tokens: who gets one, what is in it, and when Graph refuses it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph_simulator::{Faults, TenantSpec};
use serde_json::Value;

use crate::caller::Caller;

#[tokio::test]
async fn a_token_names_the_tenant_the_application_and_its_roles() {
    let caller = Caller::new(TenantSpec::new("Contoso").roles(&["Group.Read.All"])).await;
    let payload = caller.token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert_eq!(claims["tid"], caller.tenant.directory_id.as_str());
    assert_eq!(claims["appid"], caller.tenant.client_id.as_str());
    assert_eq!(claims["roles"], serde_json::json!(["Group.Read.All"]));
    assert!(claims["exp"].as_i64().unwrap() > claims["iat"].as_i64().unwrap());
}

#[tokio::test]
async fn wrong_credentials_are_refused_with_the_codes_of_the_login_service() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    for (change, error, code) in [
        (("client_secret", "wrong"), "invalid_client", 7_000_215),
        (("client_id", "unknown"), "unauthorized_client", 700_016),
        (("scope", "openid"), "invalid_scope", 1_002_012),
        (("grant_type", "password"), "unsupported_grant_type", 70_003),
    ] {
        let answer = caller.login(&[change]).await;
        assert!((400..=401).contains(&answer.status));
        assert_eq!(answer.json()["error"], error);
        assert_eq!(answer.json()["error_codes"], serde_json::json!([code]));
        assert!(
            answer.json()["error_description"]
                .as_str()
                .unwrap()
                .starts_with(&format!("AADSTS{code}: "))
        );
    }
}

#[tokio::test]
async fn rejected_credentials_stop_new_tokens_but_not_old_ones() {
    let caller = Caller::new(TenantSpec::new("Contoso")).await;
    let faults = Faults {
        reject_credentials: true,
        ..Faults::default()
    };
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, faults);
    assert_eq!(
        caller.login(&[]).await.json()["error_codes"],
        serde_json::json!([7_000_215])
    );
    assert_eq!(caller.get("/v1.0/organization").await.status, 200);
}

#[tokio::test]
async fn graph_refuses_missing_foreign_expired_and_revoked_tokens() {
    let mut caller = Caller::new(TenantSpec::new("Contoso")).await;
    let good = caller.token.clone();

    caller.token = String::new();
    assert_eq!(caller.get("/v1.0/organization").await.status, 401);
    let other = if good.ends_with('A') { 'E' } else { 'A' };
    caller.token = format!("{}{other}", &good[..good.len() - 1]);
    assert_eq!(
        caller.get("/v1.0/organization").await.code(),
        "InvalidAuthenticationToken"
    );

    caller.token = good;
    let faults = Faults {
        revoke_tokens: true,
        ..Faults::default()
    };
    caller
        .simulator()
        .set_faults(&caller.tenant.directory_id, faults);
    assert_eq!(
        caller.get("/v1.0/organization").await.code(),
        "InvalidAuthenticationToken"
    );
    caller.renew().await;
    assert_eq!(caller.get("/v1.0/organization").await.status, 200);

    let expired = Caller::new(TenantSpec::new("Brief").token_lifetime(Duration::ZERO)).await;
    assert_eq!(expired.get("/v1.0/organization").await.status, 401);
}

#[tokio::test]
async fn a_token_opens_only_its_own_tenant() {
    let caller = Caller::new(TenantSpec::new("Contoso").groups(3)).await;
    let other = caller
        .simulator()
        .add_tenant(TenantSpec::new("Fabrikam").groups(3));
    let foreign = caller.simulator().groups(&other.directory_id).unwrap();
    let answer = caller.get(&format!("/v1.0/groups/{}", foreign[0].id)).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (404, "Request_ResourceNotFound")
    );
}

#[tokio::test]
async fn a_missing_role_closes_its_area_and_no_other() {
    let spec = TenantSpec::new("Contoso")
        .policies(60)
        .without_role("DeviceManagementScripts")
        .without_role("Policy");
    let caller = Caller::new(spec).await;
    let scripts = caller
        .get("/beta/deviceManagement/deviceHealthScripts")
        .await;
    assert_eq!(
        (scripts.status, scripts.code().as_str()),
        (403, "Forbidden")
    );
    let inner: Value = serde_json::from_str(&scripts.message()).unwrap();
    let sentence = inner["Message"].as_str().unwrap();
    assert!(
        sentence.contains("DeviceManagementScripts.Read.All"),
        "{sentence}"
    );
    let access = caller
        .get("/v1.0/identity/conditionalAccess/policies")
        .await;
    assert_eq!(
        (access.status, access.code().as_str()),
        (403, "Authorization_RequestDenied")
    );
    assert_eq!(
        caller
            .get("/beta/deviceManagement/configurationPolicies")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_read_role_does_not_allow_writing() {
    let caller = Caller::new(
        TenantSpec::new("Contoso")
            .policies(40)
            .roles(&["DeviceManagementApps.Read.All"]),
    )
    .await;
    let (policies, _) = caller
        .all("/beta/deviceAppManagement/iosManagedAppProtections")
        .await;
    let path = format!(
        "/beta/deviceAppManagement/iosManagedAppProtections/{}",
        policies[0]["id"].as_str().unwrap()
    );
    let answer = caller
        .send(
            reqwest::Method::PATCH,
            &path,
            serde_json::json!({"displayName": "x"}),
        )
        .await;
    assert_eq!(answer.status, 403);
}
