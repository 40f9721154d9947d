//! Actions below a policy: assigning it, scheduling its consequences, setting template values.

use graph_simulator::TenantSpec;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

const CATALOG: &str = "/beta/deviceManagement/configurationPolicies";

async fn caller() -> Caller {
    Caller::new(TenantSpec::new("Contoso").policies(100).groups(20)).await
}

#[tokio::test]
async fn a_compliance_policy_needs_a_block_action_and_changes_it_separately() {
    let caller = caller().await;
    let path = "/beta/deviceManagement/deviceCompliancePolicies";
    let mut policy = json!({"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "displayName": "Health"});
    assert_eq!(caller.post(path, policy.clone()).await.status, 400);
    let rules = |hours: u32| json!([{"ruleName": "PasswordRequired", "scheduledActionConfigurations": [{"actionType": "block", "gracePeriodHours": hours}]}]);
    policy["scheduledActionsForRule"] = rules(0);
    let made = caller.post(path, policy.clone()).await;
    assert_eq!(made.status, 201);
    assert!(made.json().get("scheduledActionsForRule").is_none());
    let item = format!("{path}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(caller.send(Method::PATCH, &item, policy).await.status, 400);
    assert_eq!(
        caller
            .send(Method::PATCH, &item, json!({"displayName": "Renamed"}))
            .await
            .status,
        204
    );
    let scheduled = caller
        .post(
            &format!("{item}/scheduleActionsForRules"),
            json!({"deviceComplianceScheduledActionForRules": rules(24)}),
        )
        .await;
    assert_eq!(scheduled.status, 200);
    let read = caller
        .get(&format!(
            "{item}?$expand=scheduledActionsForRule($expand=scheduledActionConfigurations)"
        ))
        .await
        .json();
    assert_eq!(
        read["scheduledActionsForRule"][0]["scheduledActionConfigurations"][0]["gracePeriodHours"],
        24
    );
    assert_eq!(
        (&read["displayName"], &read["version"]),
        (&json!("Renamed"), &json!(3))
    );
}

#[tokio::test]
async fn assign_replaces_the_whole_set_under_the_key_of_the_kind() {
    let caller = caller().await;
    let group = caller
        .simulator()
        .groups(&caller.tenant.directory_id)
        .unwrap()[0]
        .id
        .clone();
    let target = json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}});
    let everyone =
        json!({"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}});
    let listed = caller.get(CATALOG).await.value();
    let id = listed[0]["id"].as_str().unwrap();
    for (action, sent) in [("assign", &target), ("microsoft.graph.assign", &everyone)] {
        let answer = caller
            .post(
                &format!("{CATALOG}/{id}/{action}"),
                json!({"assignments": [sent]}),
            )
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.value().len(), 1);
    }
    let assigned = caller
        .get(&format!("{CATALOG}/{id}/assignments"))
        .await
        .value();
    assert_eq!(assigned.len(), 1);
    assert_eq!(
        assigned[0]["target"]["@odata.type"],
        "#microsoft.graph.allDevicesAssignmentTarget"
    );
    assert!(
        assigned[0]["id"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{id}_"))
    );

    let scripts = "/beta/deviceManagement/deviceHealthScripts";
    let script = caller.get(scripts).await.value()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{scripts}/{script}/assign");
    assert_eq!(
        caller
            .post(&path, json!({"assignments": [target]}))
            .await
            .status,
        400
    );
    assert_eq!(
        caller
            .post(&path, json!({"deviceHealthScriptAssignments": [target]}))
            .await
            .status,
        200
    );

    let apps = "/beta/deviceAppManagement/iosManagedAppProtections";
    let app = caller.get(apps).await.value()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{apps}/{app}/assign");
    assert_eq!(
        caller
            .post(&path, json!({"assignments": [everyone]}))
            .await
            .status,
        400
    );
    assert_eq!(
        caller
            .post(&path, json!({"assignments": [target]}))
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn autopilot_takes_one_target_at_a_time() {
    let caller = caller().await;
    let base = "/beta/deviceManagement/windowsAutopilotDeploymentProfiles";
    let sent = json!({"@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile", "displayName": "Kiosk"});
    let path = format!(
        "{base}/{}",
        caller.post(base, sent).await.json()["id"].as_str().unwrap()
    );
    let target = json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "g1"}});
    let added = caller.post(&format!("{path}/assignments"), target).await;
    assert_eq!(added.status, 201);
    let assigned = caller.send(Method::DELETE, &path, json!({})).await;
    assert_eq!(assigned.status, 400, "an assigned profile stays");
    let assignment = added.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        caller
            .send(
                Method::DELETE,
                &format!("{path}/assignments/{assignment}"),
                json!({})
            )
            .await
            .status,
        204
    );
    assert!(
        caller
            .get(&format!("{path}/assignments"))
            .await
            .value()
            .is_empty()
    );
    let hyphen = json!({"displayName": "Kiosk - new"});
    assert_eq!(caller.send(Method::PATCH, &path, hyphen).await.status, 400);
    let deleted = caller.send(Method::DELETE, &path, json!({})).await;
    assert_eq!(deleted.status, 200);
}

#[tokio::test]
async fn the_default_of_an_enrollment_configuration_is_not_assigned() {
    let spec = TenantSpec::new("Contoso").policies(6);
    let caller = Caller::new(spec.kinds(&["deviceEnrollmentConfigurations"])).await;
    let base = "/beta/deviceManagement/deviceEnrollmentConfigurations";
    let (all, _) = caller.all(base).await;
    let everyone = json!({"enrollmentConfigurationAssignments": [
        {"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}}]});
    for (priority, status) in [(0, 400), (1, 200)] {
        let one = all.iter().find(|one| one["priority"] == priority).unwrap();
        let path = format!("{base}/{}/assign", one["id"].as_str().unwrap());
        assert_eq!(caller.post(&path, everyone.clone()).await.status, status);
    }
}

#[tokio::test]
async fn scheduled_actions_of_the_newer_compliance_policies_have_an_action_of_their_own() {
    let caller = caller().await;
    let base = "/beta/deviceManagement/compliancePolicies";
    let id = caller.get(base).await.value()[0]["id"].clone();
    let item = format!("{base}/{}", id.as_str().unwrap());
    let body = json!({"scheduledActions": [{"ruleName": "Own",
        "scheduledActionConfigurations": [{"actionType": "block", "gracePeriodHours": 6}]}]});
    let path = format!("{item}/setScheduledActions");
    assert_eq!(caller.post(&path, body.clone()).await.status, 200);
    let expand = "$expand=scheduledActionsForRule($expand=scheduledActionConfigurations)";
    let read = caller.get(&format!("{item}?{expand}")).await.json();
    let rule = &read["scheduledActionsForRule"][0];
    let action = &rule["scheduledActionConfigurations"][0];
    assert_eq!(action["gracePeriodHours"], 6);
    assert!(rule["id"].is_string() && action["id"].is_string());
    let other = format!("{CATALOG}/{}/setScheduledActions", id.as_str().unwrap());
    assert_eq!(caller.post(&other, body).await.status, 400);
}

#[tokio::test]
async fn administrative_template_values_are_added_changed_and_removed_in_one_call() {
    let caller = caller().await;
    let base = "/beta/deviceManagement/groupPolicyConfigurations";
    let made = caller
        .post(base, json!({"displayName": "Templates"}))
        .await
        .json();
    let path = format!("{base}/{}", made["id"].as_str().unwrap());
    let update = |body: Value| caller.post_owned(format!("{path}/updateDefinitionValues"), body);
    assert_eq!(update(json!({"added": [{"enabled": true}, {"enabled": true}], "updated": [], "deletedIds": []})).await.status, 204);
    let values = caller
        .get(&format!("{path}/definitionValues"))
        .await
        .value();
    let body = json!({"added": [], "updated": [{"id": values[0]["id"], "enabled": false}], "deletedIds": [values[1]["id"]]});
    assert_eq!(update(body).await.status, 204);
    let values = caller
        .get(&format!("{path}/definitionValues"))
        .await
        .value();
    assert_eq!((values.len(), &values[0]["enabled"]), (1, &json!(false)));
}

#[tokio::test]
async fn a_template_value_bound_by_link_reads_back_with_its_definition() {
    let caller = caller().await;
    let base = "/beta/deviceManagement/groupPolicyConfigurations";
    let source = caller.get(base).await.value()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let copied = caller.get(&format!("{base}/{source}?$expand=definitionValues($expand=definition,presentationValues($expand=presentation))")).await.json();
    let values = copied["definitionValues"].as_array().unwrap();
    let value = values
        .iter()
        .find(|value| !value["presentationValues"].as_array().unwrap().is_empty())
        .unwrap();
    let (definition, shown) = (&value["definition"], &value["presentationValues"][0]);
    let root = "https://graph.microsoft.com/beta/deviceManagement/groupPolicyDefinitions";
    let link = format!("{root}('{}')", definition["id"].as_str().unwrap());
    let added = json!({
        "enabled": true,
        "definition@odata.bind": link,
        "presentationValues": [{
            "@odata.type": shown["@odata.type"], "value": "new",
            "presentation@odata.bind": format!("{link}/presentations('{}')", shown["presentation"]["id"].as_str().unwrap()),
        }],
    });
    let made = caller
        .post(base, json!({"displayName": "Copy"}))
        .await
        .json();
    let path = format!("{base}/{}", made["id"].as_str().unwrap());
    let body = json!({"added": [added], "updated": [], "deletedIds": []});
    assert_eq!(
        caller
            .post(&format!("{path}/updateDefinitionValues"), body)
            .await
            .status,
        204
    );
    let read = caller
        .get(&format!(
            "{path}/definitionValues?$expand=definition,presentationValues($expand=presentation)"
        ))
        .await
        .value();
    assert_eq!(&read[0]["definition"], definition);
    assert_eq!(
        read[0]["presentationValues"][0]["presentation"],
        shown["presentation"]
    );
    assert_eq!(read[0]["presentationValues"][0]["value"], "new");
}
