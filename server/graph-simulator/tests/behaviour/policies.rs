//! Reading policies: pages, spellings, relations and what lists leave out.

use graph_simulator::TenantSpec;
use serde_json::Value;

use crate::caller::{Caller, ids};

const CATALOG: &str = "/beta/deviceManagement/configurationPolicies";

async fn caller() -> Caller {
    Caller::new(TenantSpec::new("Contoso").policies(320).groups(60)).await
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

#[tokio::test]
async fn every_kind_is_served_and_together_they_are_all_policies() {
    let caller = caller().await;
    let mut total = 0;
    for path in [
        "deviceManagement/configurationPolicies",
        "deviceManagement/deviceConfigurations",
        "deviceManagement/deviceCompliancePolicies",
        "deviceManagement/compliancePolicies",
        "deviceManagement/groupPolicyConfigurations",
        "deviceManagement/deviceManagementScripts",
        "deviceManagement/deviceShellScripts",
        "deviceManagement/deviceCustomAttributeShellScripts",
        "deviceManagement/deviceHealthScripts",
        "deviceManagement/windowsAutopilotDeploymentProfiles",
        "deviceManagement/deviceEnrollmentConfigurations",
        "deviceAppManagement/managedAppPolicies",
        "deviceManagement/windowsFeatureUpdateProfiles",
        "deviceManagement/windowsQualityUpdateProfiles",
        "deviceManagement/windowsQualityUpdatePolicies",
        "deviceManagement/windowsDriverUpdateProfiles",
        "deviceManagement/assignmentFilters",
        "deviceManagement/roleScopeTags",
        "deviceManagement/roleDefinitions",
        "identity/conditionalAccess/policies",
        "identity/conditionalAccess/namedLocations",
        "deviceManagement/intents",
        "deviceManagement/notificationMessageTemplates",
        "deviceManagement/reusablePolicySettings",
        "deviceAppManagement/mobileAppConfigurations",
    ] {
        let (found, _) = caller.all(&format!("/beta/{path}")).await;
        assert!(!found.is_empty(), "{path} is empty");
        total += found.len();
    }
    assert_eq!(total, 320);
}

#[tokio::test]
async fn a_listing_comes_in_pages_of_25_linked_absolutely() {
    let caller = caller().await;
    let first = caller.get(CATALOG).await;
    assert_eq!(first.value().len(), 25);
    let next = first.json()["@odata.nextLink"].as_str().unwrap().to_owned();
    assert!(
        next.starts_with(&format!("{}{CATALOG}?$skiptoken=", caller.running.base_url)),
        "{next}"
    );
    let (all, pages) = caller.all(CATALOG).await;
    assert_eq!(pages, all.len().div_ceil(25));
    let mut unique = ids(&all);
    unique.dedup();
    assert_eq!(unique.len(), all.len());
    let (at_once, pages) = caller.all(&format!("{CATALOG}?$top=999")).await;
    assert_eq!((ids(&at_once), pages), (ids(&all), 1));
}

#[tokio::test]
async fn a_next_link_keeps_the_other_options_and_cannot_be_made_up() {
    let caller = caller().await;
    let (all, pages) = caller
        .all(&format!(
            "{CATALOG}?$top=10&$select=id,name&$filter=platforms eq 'macOS'"
        ))
        .await;
    assert!(pages >= 1 && !all.is_empty());
    assert!(all.iter().all(|policy| {
        policy
            .as_object()
            .unwrap()
            .keys()
            .all(|name| name == "id" || name == "name")
    }));
    assert_eq!(
        caller.get(&format!("{CATALOG}?$skiptoken=25")).await.status,
        400
    );
}

#[tokio::test]
async fn deleting_listed_policies_between_pages_skips_none_of_the_rest() {
    let caller = caller().await;
    let (all, _) = caller.all(CATALOG).await;
    let first = caller.get(CATALOG).await;
    for policy in first.value() {
        caller
            .simulator()
            .delete_policy(&caller.tenant.directory_id, id(&policy))
            .unwrap();
    }
    let (rest, _) = caller
        .all(first.json()["@odata.nextLink"].as_str().unwrap())
        .await;
    assert_eq!(ids(&rest), ids(&all[25..]));
}

#[tokio::test]
async fn an_object_is_found_by_both_spellings_and_through_a_type_cast() {
    let caller = caller().await;
    let configurations = caller
        .get("/beta/deviceManagement/deviceConfigurations")
        .await
        .value();
    let (id, cast) = (
        id(&configurations[0]),
        configurations[0]["@odata.type"]
            .as_str()
            .unwrap()
            .trim_start_matches('#'),
    );
    let base = "/beta/deviceManagement/deviceConfigurations";
    let plain = caller.get(&format!("{base}/{id}")).await.json();
    for path in [
        format!("{base}('{id}')"),
        format!("{base}%28%27{id}%27%29"),
        format!("{base}/{id}/{cast}"),
    ] {
        assert_eq!(
            caller.get(&path).await.json()["displayName"],
            plain["displayName"],
            "{path}"
        );
    }
}

#[tokio::test]
async fn version_1_knows_neither_beta_kinds_nor_scope_tags_nor_filters() {
    let caller = caller().await;
    let unknown = caller
        .get("/v1.0/deviceManagement/configurationPolicies")
        .await;
    assert_eq!(
        (unknown.status, unknown.message().as_str()),
        (
            400,
            "Resource not found for the segment 'configurationPolicies'."
        )
    );
    let (policies, _) = caller
        .all("/v1.0/deviceManagement/deviceConfigurations?$expand=assignments")
        .await;
    for policy in &policies {
        assert!(policy.get("roleScopeTagIds").is_none());
        for assignment in policy["assignments"].as_array().unwrap() {
            assert!(
                assignment["target"]
                    .get("deviceAndAppManagementAssignmentFilterId")
                    .is_none()
            );
        }
    }
    assert_eq!(
        caller
            .get("/beta/deviceManagement/nothingHere")
            .await
            .status,
        400
    );
    assert_eq!(
        caller.get("/v2.0/organization").await.message(),
        "Invalid version: v2.0"
    );
}

#[tokio::test]
async fn filters_choose_by_value_name_and_type() {
    let caller = caller().await;
    let roles = "/beta/deviceManagement/roleDefinitions";
    let (own, _) = caller
        .all(&format!("{roles}?$filter=isBuiltIn eq false"))
        .await;
    let (all, _) = caller.all(roles).await;
    assert_eq!(own.len() + 3, all.len());
    let rings = "$filter=isof('microsoft.graph.windowsUpdateForBusinessConfiguration')";
    let (rings, _) = caller
        .all(&format!(
            "/beta/deviceManagement/deviceConfigurations?{rings}"
        ))
        .await;
    assert!(rings.iter().all(
        |ring| ring["@odata.type"] == "#microsoft.graph.windowsUpdateForBusinessConfiguration"
    ));
    assert!(!rings.is_empty());
    let (named, _) = caller
        .all(&format!(
            "{CATALOG}?$filter=startswith(name,'Windows – Edge') and platforms eq 'windows10'"
        ))
        .await;
    assert!(
        !named.is_empty()
            && named.iter().all(|policy| policy["name"]
                .as_str()
                .unwrap()
                .starts_with("Windows – Edge"))
    );
    let negated = "$filter=not isof('microsoft.graph.windowsUpdateForBusinessConfiguration')";
    assert_eq!(
        caller
            .get(&format!(
                "/beta/deviceManagement/deviceConfigurations?{negated}"
            ))
            .await
            .status,
        400
    );
    assert_eq!(
        caller
            .get(&format!("{CATALOG}?$filter=name is odd"))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn answers_carry_the_headers_of_graph_and_full_metadata_on_request() {
    let caller = caller().await;
    let own = "7b1f2a90-0000-4000-8000-000000000001";
    let answer = caller
        .get_with(
            &format!("{CATALOG}?$top=1"),
            &[
                ("client-request-id", own),
                ("accept", "application/json;odata.metadata=full"),
            ],
        )
        .await;
    assert_eq!(answer.header("client-request-id"), Some(own));
    assert!(
        answer.header("request-id").is_some() && answer.header("x-ms-ags-diagnostic").is_some()
    );
    assert_eq!(answer.header("odata-version"), Some("4.0"));
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("application/json;odata.metadata=full")
    );
    let policy = &answer.value()[0];
    assert_eq!(
        policy["@odata.type"],
        "#microsoft.graph.deviceManagementConfigurationPolicy"
    );
    assert!(
        policy["settings@odata.navigationLink"]
            .as_str()
            .unwrap()
            .ends_with("/settings")
    );
    assert!(policy["#microsoft.graph.assign"]["target"].is_string());
    let plain = caller.get(&format!("{CATALOG}?$top=1")).await;
    assert!(
        plain
            .header("content-type")
            .unwrap()
            .starts_with("application/json;odata.metadata=minimal")
    );
    assert!(plain.value()[0].get("@odata.id").is_none());
}
