//! What differs between two backups of a tenant: policy by policy, whoever changed it.

use crate::{restores::back_up, support::Scene};
use domain::{
    BackupSetId, OperationType, TenantId,
    views::drift::{DriftChange, DriftPage, DriftQuery, DriftRow, DriftTotals, InInventory},
};
use graph_simulator::TenantSpec;
use serde_json::{Value, json};
use server::worker::Limits;
use services::{ServiceError, backups};

const KIND: &str = "deviceConfigurations";

fn policy(name: &str, description: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": name,
        "description": description, "omaSettings": []})
}

async fn drift(scene: &Scene, query: DriftQuery) -> DriftPage {
    backups::drift(&scene.ada, &scene.test.db, scene.tenant, &query)
        .await
        .unwrap()
}

fn row<'a>(page: &'a DriftPage, name: &str) -> &'a DriftRow {
    page.rows.iter().find(|row| row.name == name).unwrap()
}

fn ids(page: &DriftPage) -> Option<(BackupSetId, BackupSetId)> {
    page.between.as_ref().map(|(from, to)| (from.id, to.id))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_policy_that_differs_between_two_backups_is_told_with_what_became_of_it() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let group = simulator.add_group(directory, "Pilot").unwrap();
    let add = |name: &str| {
        let policy = policy(name, "old");
        simulator.add_policy(directory, KIND, policy).unwrap()
    };
    let [edited, deleted, again, alike, twin, other_twin, same] = [
        "Edited",
        "Deleted",
        "Made again",
        "Made alike",
        "Twin",
        "Twin",
        "Same",
    ]
    .map(add);
    let worker = scene.worker(Limits::default());
    let nothing = drift(&scene, DriftQuery::default()).await;
    assert_eq!(ids(&nothing), None);
    let first = back_up(&scene, scene.tenant).await;
    assert_eq!(ids(&drift(&scene, DriftQuery::default()).await), None);
    scene.start_and_finish(OperationType::InventorySync).await;

    let assigned = json!([{"id": "x", "source": "direct", "target":
        {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}}]);
    simulator
        .edit_policy(
            directory,
            &edited,
            json!({"description": "new", "assignments": assigned}),
        )
        .unwrap();
    let written_otherwise = json!({"omaSettings": null, "settingCount": 7});
    simulator
        .edit_policy(directory, &same, written_otherwise)
        .unwrap();
    for id in [&deleted, &again, &alike, &twin, &other_twin] {
        simulator.delete_policy(directory, id).unwrap();
    }
    let other = policy("Made again", "other");
    simulator.add_policy(directory, KIND, other).unwrap();
    add("Made alike");
    add("Twin");
    add("Added");
    let second = back_up(&scene, scene.tenant).await;
    scene.start_and_finish(OperationType::InventorySync).await;

    let page = drift(&scene, DriftQuery::default()).await;
    assert_eq!(
        ids(&page),
        Some((first, second)),
        "the last two unless others are asked for"
    );
    let names: Vec<_> = page.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Added",
            "Deleted",
            "Edited",
            "Made again",
            "Twin",
            "Twin",
            "Twin"
        ],
        "which of two twins was made again is not guessed"
    );
    assert_eq!(
        page.totals,
        DriftTotals {
            changed: 2,
            only_before: 3,
            only_after: 2,
            same: 2
        }
    );
    let told = row(&page, "Edited");
    let change = &told.differences[0];
    assert_eq!(
        (change.path.as_str(), &change.before, &change.after),
        ("description", &Some(json!("old")), &Some(json!("new")))
    );
    assert_eq!(
        (told.differences.len(), told.assignments_removed.len()),
        (1, 0)
    );
    assert_eq!(told.assignments_added[0].to, "Group Pilot");
    let told = row(&page, "Made again");
    assert_eq!(told.change, DriftChange::Changed, "the same by its name");
    assert_eq!(told.differences[0].after, Some(json!("other")));
    let told = row(&page, "Deleted");
    assert_eq!(told.change, DriftChange::OnlyBefore);
    assert!(
        matches!(told.inventory, Some(InInventory::GoneSince(_))),
        "{told:#?}"
    );
    assert_eq!(row(&page, "Added").change, DriftChange::OnlyAfter);

    let back = drift(
        &scene,
        DriftQuery {
            from: Some(second),
            to: Some(first),
            change: Some(DriftChange::OnlyAfter),
            ..DriftQuery::default()
        },
    )
    .await;
    let names: Vec<_> = back.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Deleted", "Twin", "Twin"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_the_later_backup_did_not_take_is_not_called_gone() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let add = |kind, policy| simulator.add_policy(directory, kind, policy).unwrap();
    add(KIND, policy("Lock screen", "old"));
    add(
        "assignmentFilters",
        json!({"displayName": "Corporate", "platform": "windows10AndLater", "rule": "(device.model -eq \"A\")"}),
    );
    let worker = scene.worker(Limits::default());
    let whole = back_up(&scene, scene.tenant).await;
    scene.start_and_finish(OperationType::InventorySync).await;
    let some = backups::Selection::of_kinds(vec!["device_configurations".to_owned()]).unwrap();
    let part = backups::back_up_now(&scene.ada, &scene.test.db, scene.tenant, some).await;
    scene.outcome(part.unwrap().run.id).await;
    let since = DriftQuery {
        from: Some(whole),
        ..DriftQuery::default()
    };
    let page = drift(&scene, since).await;
    assert_eq!((page.totals.only_before, page.totals.same), (1, 1));
    assert_eq!(page.rows[0].inventory, Some(InInventory::Present));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_paged_by_name_and_a_backup_of_another_tenant_is_not_found() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let (_, other) = scene
        .second(TenantSpec::new("Fabrikam").policies(1).groups(0))
        .await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let add = |number: i64| {
        let policy = policy(&format!("Policy {number:03}"), "old");
        simulator.add_policy(directory, KIND, policy).unwrap()
    };
    let all: Vec<String> = (0..120).map(add).collect();
    let worker = scene.worker(Limits::default());
    let first = back_up(&scene, scene.tenant).await;
    let foreign = back_up(&scene, other).await;
    for id in &all {
        simulator
            .edit_policy(directory, id, json!({"description": "new"}))
            .unwrap();
    }
    back_up(&scene, scene.tenant).await;
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let query = DriftQuery {
            from: Some(first),
            cursor,
            ..DriftQuery::default()
        };
        let page = drift(&scene, query).await;
        assert_eq!(page.totals.changed, 120);
        names.extend(page.rows.into_iter().map(|row| row.name));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..120)
        .map(|number| format!("Policy {number:03}"))
        .collect();
    assert_eq!(names, expected, "each once, by name");

    let refused = |tenant: TenantId, from: BackupSetId| {
        let query = DriftQuery {
            from: Some(from),
            ..DriftQuery::default()
        };
        let (caller, db) = (scene.ada.clone(), scene.test.db.clone());
        async move {
            backups::drift(&caller, &db, tenant, &query)
                .await
                .unwrap_err()
        }
    };
    let found = refused(scene.tenant, foreign).await;
    assert!(matches!(found, ServiceError::NotFound), "{found:?}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_being_filled_is_compared_only_when_asked_for() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0).groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    simulator
        .add_policy(directory, KIND, policy("Lock screen", "old"))
        .unwrap();
    let worker = scene.worker(Limits::default());
    scene.start_and_finish(OperationType::InventorySync).await;
    let [first, second, third] = [
        back_up(&scene, scene.tenant).await,
        back_up(&scene, scene.tenant).await,
        back_up(&scene, scene.tenant).await,
    ];
    worker.stop().await;
    let (ada, db) = (&scene.ada, &scene.test.db);
    let known = sqlx::query_scalar("select id from inventory_policies");
    let known = known.fetch_all(scene.test.sql()).await.unwrap();
    backups::add_policies(ada, db, scene.tenant, third, known)
        .await
        .unwrap();
    let page = drift(&scene, DriftQuery::default()).await;
    assert_eq!(ids(&page), Some((first, second)));
    let asked = DriftQuery {
        to: Some(third),
        ..DriftQuery::default()
    };
    assert_eq!(ids(&drift(&scene, asked).await), Some((second, third)));
}
