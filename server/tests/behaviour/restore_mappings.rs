//! What a restore maps between tenants: shown before anything is written, decided by a person, and written as decided.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    links::named,
    restores::{WITH_ASSIGNMENTS, back_up, executed, page, previewed},
    support::Scene,
};
use domain::{
    OperationType, RestoreId, TenantId,
    mapping::Decision,
    views::restores::{MappingKind, MappingRow, RestoreAction, RestorePage},
};
use graph::PolicyKind;
use graph_simulator::{Faults, TenantSpec};
use serde_json::{Value, json};
use server::worker::Limits;
use services::restores::{self, MappingChoice};

#[tokio::test(flavor = "multi_thread")]
async fn into_another_tenant_only_the_reviewed_assignments_are_written_removals_included() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let (other, tenant) = scene.second(TenantSpec::new("Fabrikam").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let here = scene.simulated.directory_id.clone();
    let there = other.directory_id.clone();
    let group = |directory: &str, name: &str| simulator.add_group(directory, name).unwrap();
    let [pilot, kiosk, lost] = ["Pilot", "Kiosk", "Lost"].map(|name| group(&here, name));
    let (new_pilot, one_kiosk, _other_kiosk) = (
        group(&there, "Pilot"),
        group(&there, "Kiosk"),
        group(&there, "Kiosk"),
    );
    let stale = group(&there, "Stale");
    let assigned = |groups: &[&str]| {
        let target = |id: &&str| {
            serde_json::json!({"id": format!("x_{id}"), "source": "direct", "target":
                {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": id}})
        };
        serde_json::json!(groups.iter().map(target).collect::<Vec<_>>())
    };
    let policy = |description: &str, groups: &[&str]| {
        serde_json::json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Lock screen",
            "description": description, "omaSettings": [], "assignments": assigned(groups)})
    };
    let kind = "deviceConfigurations";
    simulator
        .add_policy(&here, kind, policy("new", &[&pilot, &kiosk, &lost]))
        .unwrap();
    let target = simulator
        .add_policy(&there, kind, policy("old", &[&stale]))
        .unwrap();
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    scene
        .start_and_finish_on(tenant, OperationType::DirectoryGroupsSync)
        .await;

    let (db, ada) = (&scene.test.db, &scene.ada);
    let restore = restores::begin(ada, db, tenant, set, None, WITH_ASSIGNMENTS)
        .await
        .unwrap();
    let preview = previewed(&scene, tenant, restore).await;
    let found: BTreeMap<_, _> = preview
        .mappings
        .iter()
        .map(|row| {
            (
                row.source_name.clone().unwrap(),
                (row.candidates.len(), row.target_id.clone()),
            )
        })
        .collect();
    assert_eq!(found["Pilot"], (1, Some(new_pilot.clone())));
    assert_eq!(
        found["Kiosk"],
        (2, None),
        "an ambiguous name is not guessed"
    );
    assert_eq!(found["Lost"], (0, None));
    assert!(preview.blocked.is_some());
    let words = |lines: &[domain::views::backups::AssignmentLine]| {
        lines.iter().map(|line| line.to.clone()).collect::<Vec<_>>()
    };
    let item = &preview.items[0];
    assert_eq!(
        (
            words(&item.assignments_added),
            words(&item.assignments_undecided)
        ),
        (
            vec!["Group Pilot".to_owned()],
            vec!["Group Kiosk".to_owned(), "Group Lost".to_owned()]
        ),
        "what nobody has decided is told apart"
    );
    let refused = restores::execute(ada, db, tenant, restore, false, "Fabrikam").await;
    assert!(refused.is_err(), "undecided references block");
    let choice = |source: &str, target: Option<&str>| MappingChoice {
        what: MappingKind::Group,
        source_id: source.to_owned(),
        decision: Some(target.map_or(Decision::Leave, |id| Decision::To(id.to_owned()))),
    };
    let foreign = restores::decide(ada, db, tenant, restore, vec![choice(&kiosk, Some(&pilot))]);
    assert!(
        foreign.await.is_err(),
        "a group of another tenant can't be chosen"
    );
    let by_name =
        |name| restores::decide(ada, db, tenant, restore, vec![choice(&lost, Some(name))]);
    assert!(by_name("Nobody").await.is_err());
    assert!(by_name("Kiosk").await.is_err(), "two have this name");
    by_name("Stale").await.unwrap();
    let choices = vec![choice(&kiosk, Some(&one_kiosk)), choice(&lost, None)];
    restores::decide(ada, db, tenant, restore, choices)
        .await
        .unwrap();
    let reviewed = page(&scene, tenant, restore).await;
    let item = &reviewed.items[0];
    assert_eq!(item.action, Some(RestoreAction::Update));
    assert_eq!(words(&item.assignments_undecided), [""; 0]);
    assert_eq!(
        words(&item.assignments_added),
        ["Group Kiosk", "Group Pilot"]
    );
    assert_eq!(words(&item.assignments_removed), ["Group Stale"]);
    assert_eq!(item.differences[0].path, "description");
    let unconfirmed = restores::execute(ada, db, tenant, restore, false, "Contoso").await;
    assert!(unconfirmed.is_err(), "overwriting needs the tenant's name");
    assert_eq!(scene.writes(&other), []);

    let run = executed(&scene, tenant, restore, false).await;
    assert_eq!(
        scene.test.state_of(run).await.1,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    let written = simulator.policy(&there, &target).unwrap();
    assert_eq!(written["description"], "new");
    let groups: BTreeSet<String> = PolicyKind::by_key("device_configurations")
        .unwrap()
        .assignments(&written)
        .into_iter()
        .filter_map(|target| target.group_id)
        .collect();
    assert_eq!(groups, BTreeSet::from([new_pilot, one_kiosk]));

    let again = restores::again(ada, db, tenant, restore, false)
        .await
        .unwrap();
    let preview = previewed(&scene, tenant, again).await;
    let asked: Vec<_> = preview
        .mappings
        .iter()
        .filter(|row| row.is_undecided())
        .collect();
    assert!(
        asked.is_empty(),
        "what was decided is asked again: {asked:?}"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_no_cache_knows_yet_are_undecided_and_nothing_is_called_a_change() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let pilot = simulator.add_group(directory, "Pilot").unwrap();
    let policy = json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Lock screen",
        "description": "", "omaSettings": [], "assignments": [{"id": "x", "source": "direct", "target":
            {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": pilot}}]});
    simulator
        .add_policy(directory, "deviceConfigurations", policy)
        .unwrap();
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, scene.tenant, set, None, WITH_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    let item = &preview.items[0];
    assert_eq!(item.action, Some(RestoreAction::Unchanged), "{item:#?}");
    assert_eq!(item.assignments_undecided[0].to, "Group Pilot");
    assert!(item.assignments_removed.is_empty() && item.assignments_added.is_empty());
    assert!(preview.blocked.unwrap().contains("undecided"));

    scene
        .start_and_finish(OperationType::DirectoryGroupsSync)
        .await;
    let preview = previewed(&scene, scene.tenant, restore).await;
    let item = &preview.items[0];
    assert_eq!(item.action, Some(RestoreAction::Unchanged), "{item:#?}");
    assert!(item.assignments_undecided.is_empty(), "{item:#?}");
    worker.stop().await;
}

/// A policy that all users get, but only with this filter.
fn with_filter(name: &str, filter: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": name,
        "description": "", "omaSettings": [], "assignments": [{"id": "x", "source": "direct", "target":
            {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget",
             "deviceAndAppManagementAssignmentFilterId": filter,
             "deviceAndAppManagementAssignmentFilterType": "include"}}]})
}

fn filter(name: &str) -> Value {
    json!({"displayName": name, "platform": "windows10AndLater", "rule": "(device.model -eq \"A\")"})
}

fn row_of(page: &RestorePage, name: &str) -> MappingRow {
    let named = |row: &&MappingRow| row.source_name.as_deref() == Some(name);
    page.mappings.iter().find(named).unwrap().clone()
}

async fn decide(
    scene: &Scene,
    tenant: TenantId,
    restore: RestoreId,
    row: &MappingRow,
    to: &str,
) -> Result<(), services::ServiceError> {
    let choice = MappingChoice {
        what: row.what,
        source_id: row.source_id.clone(),
        decision: Some(Decision::To(to.to_owned())),
    };
    restores::decide(&scene.ada, &scene.test.db, tenant, restore, vec![choice]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_or_scope_tag_without_a_namesake_can_become_any_other_of_the_tenant() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let (other, tenant) = scene.second(TenantSpec::new("Fabrikam").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let (here, there) = (&scene.simulated.directory_id, &other.directory_id);
    let add = |directory: &str, kind: &str, object: Value| {
        simulator.add_policy(directory, kind, object).unwrap()
    };
    let corporate = add(here, "assignmentFilters", filter("Corporate"));
    let berlin = add(here, "roleScopeTags", json!({"displayName": "Berlin"}));
    let mut policy = with_filter("Lock screen", &corporate);
    policy["roleScopeTagIds"] = json!([berlin]);
    add(here, "deviceConfigurations", policy);
    let ours = add(there, "assignmentFilters", filter("Our devices"));
    add(there, "assignmentFilters", filter("Another"));
    let munich = add(there, "roleScopeTags", json!({"displayName": "Munich"}));
    let target = add(
        there,
        "deviceConfigurations",
        json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Lock screen",
            "description": "", "omaSettings": [], "roleScopeTagIds": ["0"]}),
    );
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    scene
        .start_and_finish_on(tenant, OperationType::InventorySync)
        .await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    // Without the filter and the tag themselves, which would come along.
    let only: Vec<domain::VersionId> =
        sqlx::query_scalar("select id from policy_versions where kind = 'device_configurations'")
            .fetch_all(scene.test.sql())
            .await
            .unwrap();
    let begun = restores::begin(ada, db, tenant, set, Some(only), WITH_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, tenant, restore).await;
    let (filter, tag) = (row_of(&preview, "Corporate"), row_of(&preview, "Berlin"));
    assert!(filter.is_undecided() && tag.is_undecided(), "{preview:#?}");
    let offered: Vec<&str> = filter
        .candidates
        .iter()
        .map(|(_, name)| name.as_str())
        .collect();
    assert_eq!(offered, ["Another", "Our devices"]);
    assert!(
        decide(&scene, tenant, restore, &filter, &corporate)
            .await
            .is_err(),
        "a filter of the other tenant"
    );
    assert!(
        decide(&scene, tenant, restore, &filter, &munich)
            .await
            .is_err(),
        "a scope tag is no filter"
    );
    decide(&scene, tenant, restore, &filter, &ours)
        .await
        .unwrap();
    decide(&scene, tenant, restore, &tag, &munich)
        .await
        .unwrap();
    let reviewed = page(&scene, tenant, restore).await;
    let item = &reviewed.items[0];
    assert_eq!(item.action, Some(RestoreAction::Update));
    let line = &item.assignments_added[0];
    assert_eq!(
        (line.to.as_str(), line.filter.as_deref()),
        ("All users", Some("only with filter Our devices"))
    );
    let change = &item.differences[0];
    assert_eq!(
        (change.label.as_str(), &change.before, &change.after),
        ("Scope tags", &None, &Some(json!(["Munich"]))),
        "the only change of the policy itself"
    );
    let run = executed(&scene, tenant, restore, false).await;
    assert_eq!(
        scene.test.state_of(run).await.1,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    let written = simulator.policy(there, &target).unwrap();
    assert_eq!(written["roleScopeTagIds"], json!([munich]));
    let assigned = PolicyKind::by_key("device_configurations")
        .unwrap()
        .assignments(&written);
    assert_eq!(assigned[0].filter_id.as_ref(), Some(&ours));
    let again = restores::again(ada, db, tenant, restore, false)
        .await
        .unwrap();
    let preview = previewed(&scene, tenant, again).await;
    for (name, target) in [("Corporate", &ours), ("Berlin", &munich)] {
        let row = row_of(&preview, name);
        decide(&scene, tenant, again, &row, target).await.unwrap();
    }
    let done = page(&scene, tenant, again).await;
    assert_eq!(done.totals.unchanged, 1, "{done:#?}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_whose_filter_was_to_come_along_and_did_not_is_not_assigned_to_more_than_it_was() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let (other, tenant) = scene.second(TenantSpec::new("Fabrikam").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let (here, there) = (&scene.simulated.directory_id, &other.directory_id);
    let own = simulator
        .add_policy(here, "assignmentFilters", filter("Corporate"))
        .unwrap();
    simulator
        .add_policy(
            here,
            "deviceConfigurations",
            with_filter("Lock screen", &own),
        )
        .unwrap();
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, tenant, set, None, WITH_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, tenant, restore).await;
    assert!(row_of(&preview, "Corporate").comes_with);
    assert_eq!(preview.blocked, None);
    let assigned = |page: &RestorePage| {
        let lines = page.items.iter().flat_map(|item| &item.assignments_added);
        lines
            .filter_map(|line| line.filter.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(assigned(&preview), ["only with filter Corporate"]);
    let refused = Faults {
        forbidden_kinds: vec!["assignmentFilters".into()],
        ..Faults::default()
    };
    simulator.set_faults(there, refused);
    let run = executed(&scene, tenant, restore, false).await;
    let codes = scene.codes(run).await;
    let missing = ("restore.reference_missing".to_owned(), 1);
    assert!(codes.contains(&missing), "{codes:?}");
    let there_now = simulator.policies(there).unwrap();
    assert!(there_now.iter().all(|one| one.name != "Lock screen"));

    simulator.set_faults(there, Faults::default());
    let retry = restores::again(ada, db, tenant, restore, true)
        .await
        .unwrap();
    previewed(&scene, tenant, retry).await;
    let run = executed(&scene, tenant, retry, false).await;
    assert_eq!(scene.test.state_of(run).await.1, "succeeded");
    let brought = named(simulator, there, "assignmentFilters", "Corporate");
    let written = named(simulator, there, "deviceConfigurations", "Lock screen");
    let targets = PolicyKind::by_key("device_configurations")
        .unwrap()
        .assignments(&written);
    assert_eq!(targets[0].filter_id.as_deref(), brought["id"].as_str());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_can_be_undone_and_outlives_a_preview_while_its_target_is_there() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let (other, tenant) = scene.second(TenantSpec::new("Fabrikam").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let (here, there) = (&scene.simulated.directory_id, &other.directory_id);
    let group = |directory: &str, name: &str| simulator.add_group(directory, name).unwrap();
    let pilot = group(here, "Pilot");
    let (new_pilot, kiosk) = (group(there, "Pilot"), group(there, "Kiosk"));
    let policy = serde_json::json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "displayName": "Lock screen", "omaSettings": [], "assignments": [{"id": "x", "source": "direct", "target":
            {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": pilot}}]});
    simulator
        .add_policy(here, "deviceConfigurations", policy)
        .unwrap();
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    scene
        .start_and_finish_on(tenant, OperationType::DirectoryGroupsSync)
        .await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, tenant, set, None, WITH_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let row = |page: RestorePage| page.mappings.into_iter().next().unwrap();
    let proposed = row(previewed(&scene, tenant, restore).await);
    assert_eq!(proposed.target_id.as_ref(), Some(&new_pilot));
    let decide = async |decision: Option<Decision>| {
        let choice = MappingChoice {
            what: MappingKind::Group,
            source_id: pilot.clone(),
            decision,
        };
        let decided = restores::decide(ada, db, tenant, restore, vec![choice]).await;
        decided.unwrap();
        row(page(&scene, tenant, restore).await)
    };
    for decision in [Decision::To(kiosk.clone()), Decision::Leave] {
        assert!(!decide(Some(decision)).await.is_undecided());
        assert!(decide(None).await.is_undecided());
    }
    let chosen = decide(Some(Decision::To(kiosk.clone()))).await;
    assert_eq!(chosen.target_id.as_ref(), Some(&kiosk));
    let kept = row(previewed(&scene, tenant, restore).await);
    assert_eq!(kept.target_id.as_ref(), Some(&kiosk), "not the proposal");
    sqlx::query("delete from directory_groups where graph_id = $1")
        .bind(&kiosk)
        .execute(scene.test.sql())
        .await
        .unwrap();
    let dropped = row(previewed(&scene, tenant, restore).await);
    assert_eq!(dropped.target_id.as_ref(), Some(&new_pilot));
    worker.stop().await;
}
