//! Every kind of the registry, there and back: captured, created again, changed, assigned and deleted.

use crate::support::{Simulated, together};
use graph::{GraphErrorKind, PolicyKind, Target, TargetKind};
use graph_simulator::TenantSpec;
use serde_json::{Value, json};

/// As many policies as give each kind all the shapes that the simulator knows.
const POLICIES: usize = 300;

fn named(kind: &PolicyKind, mut policy: Value, name: &str) -> Value {
    policy[kind.name_property] = json!(name);
    policy
}

/// Creates the captured policy once more under another name; returns its id.
async fn copied(at: &Simulated, kind: &'static PolicyKind, captured: &Value) -> String {
    let body = kind.content_for_create(captured);
    let created = at.graph.create_policy(kind, body).await;
    let created = created.unwrap_or_else(|error| panic!("{}: {error}", kind.key));
    let id = created["id"].as_str().unwrap().to_owned();
    let finished = at.graph.finish_policy(kind, &id, captured).await;
    finished.unwrap_or_else(|error| panic!("{}: {error}", kind.key));
    id
}

#[tokio::test]
async fn every_policy_that_can_be_created_is_created_as_it_was_captured() {
    let at = Simulated::new(TenantSpec::new("Contoso").policies(POLICIES).groups(60)).await;
    at.be_strict();
    for kind in PolicyKind::all() {
        let captured = at.captured(kind).await;
        let mut created = 0;
        for (number, one) in captured.iter().enumerate() {
            if kind.not_restorable(one).is_some() {
                continue;
            }
            let wanted = named(kind, one.clone(), &format!("Copy {number}"));
            let id = copied(&at, kind, &wanted).await;
            let copy = at.one(kind, &id).await;
            assert_eq!(
                kind.comparable(&copy),
                kind.comparable(&wanted),
                "{}",
                kind.key
            );
            // Scope tags are no difference, and restored all the same.
            for tags in ["roleScopeTagIds", "roleScopeTags"] {
                if let Some(before) = one.get(tags) {
                    assert_eq!(&copy[tags], before, "{}", kind.key);
                }
            }
            created += 1;
        }
        assert!(
            created > 0,
            "the simulator has no {} to restore",
            kind.label
        );
    }
}

#[tokio::test]
async fn every_kind_takes_back_the_content_that_was_captured() {
    let at = Simulated::new(TenantSpec::new("Contoso").policies(POLICIES).groups(60)).await;
    at.be_strict();
    for kind in PolicyKind::all() {
        let captured = at.captured(kind).await;
        let two: Vec<&Value> = captured
            .iter()
            .filter(|one| kind.not_restorable(one).is_none())
            .collect();
        // A policy keeps its type, and what is fixed when it is created; all else is the other's afterwards.
        let (first, second) = (
            two[0],
            two.iter()
                .rev()
                .find(|one| {
                    one["@odata.type"] == two[0]["@odata.type"]
                        && kind.fixed.iter().all(|name| one[name] == two[0][name])
                })
                .unwrap(),
        );
        let id = copied(&at, kind, &named(kind, first.clone(), "Changing")).await;
        let renamed = match kind.is_fixed(kind.name_property) {
            true => "Changing",
            false => "Changed",
        };
        let wanted = named(kind, (*second).clone(), renamed);
        let updated = at.graph.update_policy(kind, &id, &wanted).await;
        updated.unwrap_or_else(|error| panic!("{}: {error}", kind.key));
        let now = at.one(kind, &id).await;
        assert_eq!(
            kind.comparable(&now),
            kind.comparable(&wanted),
            "{}",
            kind.key
        );
    }
}

#[tokio::test]
async fn assignments_of_every_kind_become_exactly_what_is_asked_for() {
    let at = Simulated::new(TenantSpec::new("Contoso").policies(POLICIES).groups(60)).await;
    let groups = at.groups();
    let group = |at: usize| Target::new(TargetKind::Group, Some(groups[at].clone()));
    for kind in PolicyKind::all() {
        let captured = at.captured(kind).await;
        let one = captured
            .iter()
            .find(|one| kind.not_restorable(one).is_none());
        let one = one.unwrap();
        let id = one["id"].as_str().unwrap();
        let mut both = vec![group(3), group(4)];
        both.sort_by(|a, b| a.group_id.cmp(&b.group_id));
        if !kind.is_assignable() {
            assert!(one.get("assignments").is_none());
            let refused = at.graph.assign(kind, id, one, &both).await.unwrap_err();
            assert_eq!(refused.kind, GraphErrorKind::BadRequest);
            at.graph.assign(kind, id, one, &[]).await.unwrap();
            continue;
        }
        // Fewer is a change as much as more is.
        for targets in [&both[..], &both[..1], &[]] {
            let assigned = at.graph.assign(kind, id, one, targets).await;
            assigned.unwrap_or_else(|error| panic!("{}: {error}", kind.key));
            let now = kind.assignments(&at.one(kind, id).await);
            assert_eq!(now, targets, "{}", kind.key);
        }
        // As it was: excluded groups, filters, everyone and schedules among them.
        let before = kind.assignments(one);
        at.graph.assign(kind, id, one, &before).await.unwrap();
        assert_eq!(
            kind.assignments(&at.one(kind, id).await),
            before,
            "{}",
            kind.key
        );
    }
}

#[tokio::test]
async fn a_policy_of_every_kind_is_found_by_its_name_and_deleted_once() {
    let at = Simulated::new(TenantSpec::new("Contoso").policies(POLICIES).groups(60)).await;
    for kind in PolicyKind::all() {
        let captured = at.captured(kind).await;
        let one = captured
            .iter()
            .find(|one| kind.not_restorable(one).is_none());
        let wanted = named(kind, one.unwrap().clone(), "Once");
        assert!(at.same(kind, &wanted).await.is_empty());
        let id = copied(&at, kind, &wanted).await;
        assert_eq!(at.same(kind, &wanted).await, [id.as_str()], "{}", kind.key);
        // The second time it is gone already, which is as good.
        for _ in 0..2 {
            let deleted = at.graph.delete_policy(kind, &id, &wanted).await;
            deleted.unwrap_or_else(|error| panic!("{}: {error}", kind.key));
        }
        let page = together(at.graph.capture_some(kind, vec![id.clone()])).await;
        assert!(page.policies.is_empty(), "{}", kind.key);
        assert_eq!(page.failed.len(), 1, "{}", kind.key);
        assert_eq!(
            (page.failed[0].id.as_str(), page.failed[0].error.kind),
            (id.as_str(), GraphErrorKind::NotFound)
        );
    }
}
