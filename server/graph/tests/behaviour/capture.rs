//! Policies as a backup reads them: complete, assigned, with what is secret where Graph tells it.

use crate::support::{Simulated, kind, together};
use graph::{FollowUp, GraphErrorKind, PolicyKind, masked_secrets};
use graph_simulator::{Faults, TenantSpec};
use serde_json::{Value, json};

fn list<'a>(policy: &'a Value, member: &str) -> &'a Vec<Value> {
    let found = policy[member].as_array();
    found.unwrap_or_else(|| panic!("no {member} in {policy}"))
}

#[tokio::test]
async fn each_kind_is_captured_with_its_detail_and_its_assignments() {
    let at = Simulated::new(TenantSpec::new("Contoso").policies(300).groups(60)).await;
    for kind in PolicyKind::all() {
        let policies = at.captured(kind).await;
        assert!(!policies.is_empty(), "{}", kind.key);
        let mut assigned = 0;
        for policy in &policies {
            let stored = at
                .running
                .simulator
                .policy(&at.tenant.directory_id, policy["id"].as_str().unwrap());
            let stored = stored.unwrap();
            if kind.is_assignable() {
                assert_eq!(
                    list(policy, "assignments"),
                    list(&stored, "assignments"),
                    "{}",
                    kind.key
                );
                assigned += list(policy, "assignments").len();
            } else {
                assert!(policy.get("assignments").is_none(), "{}", kind.key);
            }
            match kind.follow_up {
                FollowUp::ScheduledActions { .. } => {
                    let rule = &list(policy, "scheduledActionsForRule")[0];
                    assert_eq!(
                        list(rule, "scheduledActionConfigurations")[0]["actionType"],
                        "block"
                    );
                }
                FollowUp::DefinitionValues => {
                    assert_eq!(
                        list(policy, "definitionValues"),
                        list(&stored, "definitionValues")
                    );
                }
                FollowUp::TargetApps => {
                    assert_eq!(list(policy, "apps"), list(&stored, "apps"));
                    assert!(policy["@odata.type"].is_string());
                }
                FollowUp::Messages => {
                    let messages = "localizedNotificationMessages";
                    assert_eq!(list(policy, messages), list(&stored, messages));
                }
                FollowUp::IntentSettings => {
                    assert_eq!(list(policy, "settings"), list(&stored, "settings"));
                }
                FollowUp::Priority => assert!(policy["priority"].is_u64()),
                FollowUp::None => {}
            }
        }
        assert_eq!(assigned > 0, kind.is_assignable(), "{}", kind.key);
    }
}

#[tokio::test]
async fn a_selection_is_what_a_listing_gives_and_says_what_is_not_there() {
    let at = Simulated::new(TenantSpec::new("Contoso").policies(300).groups(60)).await;
    for kind in PolicyKind::all() {
        let all = at.captured(kind).await;
        let ids: Vec<String> = all
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .take(23)
            .chain([
                "00000000-0000-0000-0000-00000000dead".to_owned(),
                "../groups".to_owned(),
            ])
            .collect();
        let page = together(at.graph.capture_some(kind, ids.clone())).await;
        assert_eq!(page.policies.len(), ids.len() - 2, "{}", kind.key);
        let mut missing: Vec<_> = page.failed.iter().map(|one| one.id.as_str()).collect();
        missing.sort_unstable();
        assert_eq!(
            missing,
            ["../groups", ids[ids.len() - 2].as_str()],
            "{}",
            kind.key
        );
        assert!(
            page.failed
                .iter()
                .all(|one| one.error.kind == GraphErrorKind::NotFound)
        );
        for one in &page.policies {
            let same = all.iter().find(|other| other["id"] == one["id"]).unwrap();
            assert_eq!(kind.comparable(one), kind.comparable(same), "{}", kind.key);
            assert_eq!(
                kind.assignments(one),
                kind.assignments(same),
                "{}",
                kind.key
            );
        }
    }
}

#[tokio::test]
async fn an_encrypted_value_is_asked_for_and_stays_masked_where_that_is_refused() {
    let at = Simulated::new(TenantSpec::new("Contoso")).await;
    let (tenant, simulator) = (&at.tenant.directory_id, &at.running.simulator);
    let setting = |name: &str, value: &str| {
        json!({"@odata.type": "#microsoft.graph.omaSettingString", "omaUri": format!("./{name}"), "isEncrypted": true,
            "secretReferenceValueId": name, "value": value})
    };
    let policy = json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Keys",
        "omaSettings": [setting("known", "****"), setting("unknown", "****")], "~secrets": {"known": "plain text"}});
    simulator
        .add_policy(tenant, "deviceConfigurations", policy)
        .unwrap();
    let captured = at.captured(kind("device_configurations")).await;
    assert_eq!(captured[0]["omaSettings"][0]["value"], "plain text");
    assert_eq!(captured[0]["omaSettings"][1]["value"], "****");
    assert_eq!(masked_secrets(&captured[0]), ["omaSettings[1].value"]);
}

#[tokio::test]
async fn a_policy_whose_parts_cannot_be_read_fails_alone() {
    let spec = TenantSpec::new("Contoso")
        .policies(8)
        .kinds(&["managedAppPolicies"])
        .groups(20);
    let at = Simulated::new(spec).await;
    let forbidden = Faults {
        forbidden_kinds: vec!["iosManagedAppProtections".to_owned()],
        ..Faults::default()
    };
    at.running
        .simulator
        .set_faults(&at.tenant.directory_id, forbidden);
    let page = together(at.graph.capture(kind("app_protection"))).await;
    assert_eq!((page.policies.len(), page.failed.len()), (6, 2));
    let failed = &page.failed[0];
    assert_eq!(failed.error.kind, GraphErrorKind::Forbidden);
    assert!(
        failed.id.starts_with("T_") && failed.name.starts_with("iOS"),
        "{failed:?}"
    );
}

#[tokio::test]
async fn an_administrative_template_is_read_in_few_requests() {
    let spec = TenantSpec::new("Contoso")
        .policies(1)
        .kinds(&["groupPolicyConfigurations"]);
    let at = Simulated::new(spec).await;
    let policies = at.captured(kind("administrative_templates")).await;
    let values = list(&policies[0], "definitionValues");
    assert!(
        values
            .iter()
            .any(|one| !list(one, "presentationValues").is_empty())
    );
    // The listing, then a batch each for values, presentations and assignments.
    assert_eq!(at.sent("POST", "/$batch"), 3);
    let alone = at.running.simulator.request_log();
    assert_eq!(
        alone
            .iter()
            .filter(|one| one.method == "GET" && !one.batched)
            .count(),
        1
    );
}
