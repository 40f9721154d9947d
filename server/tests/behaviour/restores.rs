//! Backups and restores against a simulated Graph: what is captured, what a preview says, what is written, and what a
//! killed worker leaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::support::{Scene, eventually, real_files};
use domain::{
    BackupSetId, OperationType, RestoreId, RestoreStatus, Role, RunId, TenantId, VersionId,
    mapping::Decision,
    views::{
        overview::COLUMNS,
        restores::{ItemState, RestoreAction, RestorePage},
    },
};
use graph::PolicyKind;
use graph_simulator::{Faults, TenantSpec};
use serde_json::Value;
use server::worker::Limits;
use services::{
    backups::{self, Selection},
    notifications, overview,
    restores::{self, MappingChoice, ShadowKeeper},
    runs,
};

pub(crate) const NO_ASSIGNMENTS: bool = false;
pub(crate) const WITH_ASSIGNMENTS: bool = true;

/// Backs a tenant up and returns the set.
pub(crate) async fn back_up(scene: &Scene, tenant: TenantId) -> BackupSetId {
    let started = backups::back_up_now(&scene.ada, &scene.test.db, tenant, Selection::Everything);
    let run = started.await.unwrap().run.id;
    let outcome = scene.outcome(run).await;
    assert_eq!(outcome, "succeeded", "{:?}", scene.codes(run).await);
    let id = scene.context(run).await["identity"]["inputs"]["backup_set_id"]
        .as_i64()
        .unwrap();
    BackupSetId(id)
}

/// What of a policy a restore has to bring back: its content, and whom it is assigned to.
type Restorable = (Value, Value);

/// Each restorable policy of a set, by what makes it the same policy.
pub(crate) async fn contents(scene: &Scene, set: BackupSetId) -> BTreeMap<String, Restorable> {
    let all = contents_by_id(scene, set).await.into_values();
    all.map(|(_, key, content)| (key, content)).collect()
}

/// The same by Microsoft's id.
async fn contents_by_id(
    scene: &Scene,
    set: BackupSetId,
) -> BTreeMap<String, (VersionId, String, Restorable)> {
    let rows: Vec<(VersionId, String, String, Value)> = sqlx::query_as(
        "select v.id, v.kind, v.graph_id, v.content from backup_items i join policy_versions v on v.id = i.version_id
         where i.backup_set_id = $1",
    )
    .bind(set)
    .fetch_all(scene.test.sql())
    .await
    .unwrap();
    rows.into_iter()
        .filter_map(|(version, kind, id, content)| {
            let kind = PolicyKind::by_key(&kind).unwrap();
            let assigned = serde_json::to_value(kind.assignments(&content)).unwrap();
            let key = kind.same_policy_key(&content);
            let restorable = (kind.comparable(&content), assigned);
            kind.not_restorable(&content)
                .is_none()
                .then_some((id, (version, key, restorable)))
        })
        .collect()
}

pub(crate) async fn page(scene: &Scene, tenant: TenantId, restore: RestoreId) -> RestorePage {
    restores::page(&scene.ada, &scene.test.db, tenant, restore, None)
        .await
        .unwrap()
}

pub(crate) async fn previewed(scene: &Scene, tenant: TenantId, restore: RestoreId) -> RestorePage {
    let run = restores::start_preview(&scene.ada, &scene.test.db, tenant, restore)
        .await
        .unwrap()
        .run
        .id;
    assert_eq!(
        scene.outcome(run).await,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    page(scene, tenant, restore).await
}

pub(crate) async fn executed(
    scene: &Scene,
    tenant: TenantId,
    restore: RestoreId,
    dry_run: bool,
) -> RunId {
    let name = page(scene, tenant, restore).await.tenant_name;
    let started =
        restores::execute(&scene.ada, &scene.test.db, tenant, restore, dry_run, &name).await;
    let run = started.unwrap().run.id;
    scene.outcome(run).await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_every_policy_once_and_a_second_one_stores_nothing_anew() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(60).groups(40)).await;
    let worker = scene.worker(Limits::default());
    let first = back_up(&scene, scene.tenant).await;
    let count = |sql| scene.test.number(sql);
    let versions = count("select count(*) from policy_versions").await;
    scene.start_and_finish(OperationType::InventorySync).await;
    assert_eq!(
        versions,
        count("select count(*) from inventory_policies").await
    );
    let second = back_up(&scene, scene.tenant).await;
    assert_ne!(first, second);
    assert_eq!(
        scene
            .test
            .number("select count(*) from policy_versions")
            .await,
        versions
    );
    assert_eq!(
        scene.test.number("select count(*) from backup_items").await,
        2 * versions
    );

    let simulator = &scene.simulator.simulator;
    let changed: String = sqlx::query_scalar(
        "select graph_id from policy_versions where kind = 'device_configurations' limit 1",
    )
    .fetch_one(scene.test.sql())
    .await
    .unwrap();
    let edit = serde_json::json!({ "description": "changed by somebody" });
    simulator
        .edit_policy(&scene.simulated.directory_id, &changed, edit)
        .unwrap();
    back_up(&scene, scene.tenant).await;
    assert_eq!(
        scene
            .test
            .number("select count(*) from policy_versions")
            .await,
        versions + 1
    );
    let history: Vec<VersionId> =
        sqlx::query_scalar("select id from policy_versions where graph_id = $1 order by id")
            .bind(&changed)
            .fetch_all(scene.test.sql())
            .await
            .unwrap();
    let (from, to) = (history[0], history[1]);
    let compared = backups::compare(&scene.ada, &scene.test.db, scene.tenant, from, to).await;
    let labels: Vec<_> = compared
        .unwrap()
        .differences
        .into_iter()
        .map(|one| one.path)
        .collect();
    assert_eq!(labels, ["description"]);
    // Groups that policies are assigned to are known by name, though nobody has synced the directory.
    let named = "select count(*) from policy_versions where names -> 'groups' <> '{}'";
    assert!(scene.test.number(named).await > 0);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_exported_page_by_page_with_a_file_for_each_policy() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(120)).await;
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let mut paths = BTreeSet::new();
    let mut after = VersionId(0);
    loop {
        let page = backups::export_page(ada, db, scene.tenant, set, after)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = last.version;
        for policy in page {
            assert!(
                policy.content["id"].is_string()
                    && policy.content["tenantAtlas"]["kind"].is_string()
            );
            assert!(paths.insert(policy.path));
        }
    }
    let items = scene.test.number("select count(*) from backup_items").await;
    assert_eq!(i64::try_from(paths.len()).unwrap(), items);
    let stranger = scene.test.person("Sam", &[]).await;
    let refused = backups::export_page(&stranger, db, scene.tenant, set, VersionId(0)).await;
    assert!(refused.is_err());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_presses_are_one_backup() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(5)).await;
    let press = || {
        backups::back_up_now(
            &scene.ada,
            &scene.test.db,
            scene.tenant,
            Selection::Everything,
        )
    };
    let presses = futures::future::join_all((0..20).map(|_| press())).await;
    let runs: BTreeSet<RunId> = presses
        .iter()
        .map(|one| one.as_ref().unwrap().run.id)
        .collect();
    assert_eq!(runs.len(), 1);
    let created = presses.iter().filter(|one| one.as_ref().unwrap().created);
    assert_eq!(created.count(), 1);
    assert_eq!(
        scene.test.number("select count(*) from backup_sets").await,
        1
    );
    assert_eq!(
        scene.test.number("select count(*) from apalis.jobs").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn real_policies_come_back_as_they_were() {
    let (Some(old), Some(new)) = (real_files("windows-v3.6"), real_files("windows-2026-03")) else {
        println!("the folder of real policies is not there");
        return;
    };
    let scene = Scene::with(TenantSpec::new("Baseline").groups(30)).await;
    let simulator = &scene.simulator.simulator;
    let directory = scene.simulated.directory_id.clone();
    simulator.load_policies(&directory, &old).unwrap();
    let worker = scene.worker(Limits::default());
    let before = back_up(&scene, scene.tenant).await;
    simulator.load_policies(&directory, &new).unwrap();
    scene
        .start_and_finish(OperationType::DirectoryGroupsSync)
        .await;

    let (db, ada) = (&scene.test.db, &scene.ada);
    let restore = restores::begin(ada, db, scene.tenant, before, None, WITH_ASSIGNMENTS)
        .await
        .unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    assert_eq!(preview.totals.policies, 69);
    assert_eq!(
        (preview.totals.conflict, preview.totals.cannot),
        (0, 0),
        "{preview:#?}"
    );
    assert!(
        preview.totals.create > 0 && preview.totals.update > 0,
        "{:?}",
        preview.totals
    );
    assert_eq!(preview.blocked, None);
    // The differences are the real ones: a policy has some exactly where it was made otherwise.
    let now = back_up(&scene, scene.tenant).await;
    let (by_id, by_key) = (
        contents_by_id(&scene, now).await,
        contents(&scene, now).await,
    );
    let then = contents_by_id(&scene, before).await;
    let mut told = BTreeMap::new();
    for item in &preview.items {
        let assignments = item.assignments_added.len() + item.assignments_removed.len();
        let changes = item.differences.len() + assignments;
        told.insert(item.version, (item.action, changes > 0));
    }
    for (id, (version, key, wanted)) in &then {
        let itself = by_id.get(id).map(|(.., found)| found);
        let expected = match itself.or_else(|| by_key.get(key)) {
            None => (RestoreAction::Create, told[version].1),
            Some(found) if found == wanted => (RestoreAction::Unchanged, false),
            Some(_) => (RestoreAction::Update, true),
        };
        assert_eq!(told[version], (Some(expected.0), expected.1), "{key}");
    }
    let run = executed(&scene, scene.tenant, restore, false).await;
    let state = scene.test.state_of(run).await;
    assert_eq!(state.1, "succeeded", "{:?}", scene.codes(run).await);

    let after = back_up(&scene, scene.tenant).await;
    let (wanted, found) = (
        contents(&scene, before).await,
        contents(&scene, after).await,
    );
    assert_eq!(wanted.len(), 69);
    for (key, content) in &wanted {
        assert_eq!(found.get(key), Some(content), "{key}");
    }
    // And once more there is nothing to do.
    let again = restores::again(ada, db, scene.tenant, restore, false)
        .await
        .unwrap();
    let preview = previewed(&scene, scene.tenant, again).await;
    assert_eq!(preview.totals.unchanged, 69, "{:?}", preview.totals);
    assert_eq!(
        preview.blocked.as_deref(),
        Some("There is nothing to write.")
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_and_a_preview_write_nothing_and_then_it_can_be_executed() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(20).groups(20)).await;
    let (other, tenant) = scene
        .second(TenantSpec::new("Fabrikam").policies(0).groups(20))
        .await;
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let restore = restores::begin(ada, db, tenant, set, None, NO_ASSIGNMENTS)
        .await
        .unwrap();
    let preview = previewed(&scene, tenant, restore).await;
    assert!(preview.totals.create > 10, "{:?}", preview.totals);
    leave_out_the_undecided(&scene, tenant, restore).await;
    let run = executed(&scene, tenant, restore, true).await;
    assert_eq!(scene.test.state_of(run).await.1, "succeeded");
    assert_eq!(scene.writes(&other), []);
    let dry = page(&scene, tenant, restore).await;
    assert_eq!(
        (dry.row.status, dry.row.dry_run),
        (RestoreStatus::Completed, true)
    );
    // It is called what it is wherever it stands, and is no restore of the tenant.
    let label = |run| async move {
        let detail = runs::detail(ada, db, run).await.unwrap();
        detail.run.operation_label().to_owned()
    };
    assert_eq!(label(run).await, "Dry run of a restore");
    let told = notifications::list(ada, db, None).await.unwrap().rows;
    let told: Vec<_> = told.iter().map(|row| row.sentence()).collect();
    assert_eq!(told[0], "Dry run of a restore for Fabrikam: succeeded");
    let dry_runs = "select count(*) from audit_events where action = 'restore.dry_run'";
    assert_eq!(scene.test.number(dry_runs).await, 1);
    assert_eq!(last_restore(&scene, tenant).await, None);

    let real = executed(&scene, tenant, restore, false).await;
    assert_ne!(real, run, "an ended run is final");
    assert_eq!(label(real).await, "Restore");
    assert_eq!(last_restore(&scene, tenant).await, Some(real));
    assert_eq!(
        scene.test.state_of(real).await.1,
        "succeeded",
        "{:?}",
        scene.codes(real).await
    );
    assert!(!scene.writes(&other).is_empty());
    worker.stop().await;
}

/// What the overview shows as the tenant's last restore.
async fn last_restore(scene: &Scene, tenant: TenantId) -> Option<RunId> {
    let page = overview::overview(&scene.ada, &scene.test.db)
        .await
        .unwrap();
    let mut lines = page.tenants.into_iter();
    let line = lines.find(|line| line.tenant == tenant).unwrap();
    let mut cells = COLUMNS.into_iter().zip(line.cells);
    let (_, cell) = cells
        .find(|(operation, _)| *operation == OperationType::RestoreExecute)
        .unwrap();
    cell.latest.map(|run| run.id)
}

pub(crate) async fn leave_out_the_undecided(scene: &Scene, tenant: TenantId, restore: RestoreId) {
    let undecided = page(scene, tenant, restore).await.mappings.into_iter();
    let choices = undecided
        .filter(|row| row.is_undecided())
        .map(|row| MappingChoice {
            what: row.what,
            source_id: row.source_id,
            decision: Some(Decision::Leave),
        });
    restores::decide(
        &scene.ada,
        &scene.test.db,
        tenant,
        restore,
        choices.collect(),
    )
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_policy_that_fails_stops_no_other_and_is_told_apart() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(30).groups(10)).await;
    let (other, tenant) = scene
        .second(TenantSpec::new("Fabrikam").policies(0).groups(10))
        .await;
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let restore = restores::begin(ada, db, tenant, set, None, NO_ASSIGNMENTS)
        .await
        .unwrap();
    previewed(&scene, tenant, restore).await;
    leave_out_the_undecided(&scene, tenant, restore).await;
    let refused = Faults {
        forbidden_kinds: vec!["deviceManagementScripts".into()],
        ..Faults::default()
    };
    scene
        .simulator
        .simulator
        .set_faults(&other.directory_id, refused);
    let run = executed(&scene, tenant, restore, false).await;
    assert_eq!(scene.test.state_of(run).await.1, "partially_succeeded");
    let ended = page(&scene, tenant, restore).await;
    assert_eq!(ended.row.status, RestoreStatus::CompletedWithErrors);
    let counts = ended.counts.unwrap();
    assert!(counts.failed > 0 && counts.success > 0, "{counts:?}");
    assert_eq!(
        counts.total,
        counts.success + counts.failed + counts.skipped
    );
    assert_eq!(scene.counts(run).await, counts, "the shadow says the same");
    let failed = ended
        .items
        .iter()
        .filter(|item| item.state == ItemState::Failed);
    assert_eq!(u32::try_from(failed.count()).unwrap(), counts.failed);

    scene
        .simulator
        .simulator
        .set_faults(&other.directory_id, Faults::default());
    let retry = restores::again(ada, db, tenant, restore, true)
        .await
        .unwrap();
    let preview = previewed(&scene, tenant, retry).await;
    assert_eq!(preview.totals.policies, i64::from(counts.failed));
    leave_out_the_undecided(&scene, tenant, retry).await;
    let run = executed(&scene, tenant, retry, false).await;
    assert_eq!(
        scene.test.state_of(run).await.1,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_restore_stops_writing_and_its_run_has_failed() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(40).groups(10)).await;
    let (other, tenant) = scene
        .second(TenantSpec::new("Fabrikam").policies(0).groups(10))
        .await;
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let restore = restores::begin(ada, db, tenant, set, None, NO_ASSIGNMENTS)
        .await
        .unwrap();
    previewed(&scene, tenant, restore).await;
    leave_out_the_undecided(&scene, tenant, restore).await;
    let slow = Faults {
        delay_ms: Some(30),
        ..Faults::default()
    };
    scene
        .simulator
        .simulator
        .set_faults(&other.directory_id, slow);
    let run = restores::execute(ada, db, tenant, restore, false, "")
        .await
        .unwrap()
        .run
        .id;
    eventually(|| async { (scene.writes(&other).len() > 3).then_some(()) }).await;
    restores::abort(ada, db, tenant, restore).await.unwrap();
    assert_eq!(
        scene.test.state_of(run).await,
        ("completed".into(), "failed".into())
    );
    let said = page(&scene, tenant, restore).await.counts.unwrap();
    worker.stop().await;
    let written = "select count(*) from restore_items where state = 'succeeded'";
    let written = scene.test.number(written).await;
    let ended = page(&scene, tenant, restore).await;
    assert_eq!(ended.row.status, RestoreStatus::Aborted);
    assert_eq!(ended.counts, Some(said), "nothing of it ends any more");
    assert_eq!(i64::from(said.success), written);
    assert_eq!(i64::from(said.total), ended.totals.policies);
    assert!(written > 0 && written < ended.totals.policies);
    assert_eq!(scene.counts(run).await, said, "the run says the same");
    scene.items_add_up(run).await;
    assert_eq!(scene.codes(run).await, [("restore.aborted".to_owned(), 1)]);
    let rest = restores::again(ada, db, tenant, restore, true)
        .await
        .unwrap();
    let rest = page(&scene, tenant, rest).await.totals.policies;
    assert_eq!(rest, i64::from(said.total - said.success - said.skipped));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_lets_another_go_on_without_creating_twice() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(30).groups(10)).await;
    let (other, tenant) = scene
        .second(TenantSpec::new("Fabrikam").policies(0).groups(10))
        .await;
    let impatient = Limits {
        drain: Duration::from_millis(50),
        ..Limits::default()
    };
    let mut worker = scene.worker(impatient);
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let restore = restores::begin(ada, db, tenant, set, None, NO_ASSIGNMENTS)
        .await
        .unwrap();
    previewed(&scene, tenant, restore).await;
    leave_out_the_undecided(&scene, tenant, restore).await;
    let slow = Faults {
        delay_ms: Some(15),
        ..Faults::default()
    };
    scene
        .simulator
        .simulator
        .set_faults(&other.directory_id, slow);
    let run = restores::execute(ada, db, tenant, restore, false, "")
        .await
        .unwrap()
        .run
        .id;
    scene.begun(run).await;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        worker.stop().await;
        worker = scene.worker(impatient);
    }
    assert_eq!(
        scene.outcome(run).await,
        "succeeded",
        "{:?}",
        scene.codes(run).await
    );
    let counts = page(&scene, tenant, restore).await.counts.unwrap();
    assert_eq!(counts.total, counts.success + counts.skipped);
    let there = scene
        .simulator
        .simulator
        .policies(&other.directory_id)
        .unwrap();
    let created: Vec<_> = there.iter().map(|one| (&one.kind, &one.name)).collect();
    let distinct: BTreeSet<_> = created.iter().collect();
    assert_eq!(distinct.len(), created.len());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changes_after_the_preview_is_not_overwritten_and_a_dry_run_tells() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0)).await;
    let simulator = &scene.simulator.simulator;
    let directory = &scene.simulated.directory_id;
    let policy = |name: &str| {
        serde_json::json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": name,
            "description": "as backed up", "omaSettings": []})
    };
    let add = |name: &str| {
        let kind = "deviceConfigurations";
        simulator.add_policy(directory, kind, policy(name)).unwrap()
    };
    let [kept, changed, deleted] = ["Kept", "Changed", "Deleted"].map(add);
    let twins = ["Twin", "Twin"].map(add);
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let describe = |id: &str, text: &str| {
        let edit = serde_json::json!({ "description": text });
        simulator.edit_policy(directory, id, edit).unwrap();
    };
    for id in [&kept, &changed, &deleted] {
        describe(id, "shown in the preview");
    }
    for id in &twins {
        simulator.delete_policy(directory, id).unwrap();
    }
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, scene.tenant, set, None, NO_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    assert_eq!((preview.totals.create, preview.totals.update), (2, 3));
    describe(&changed, "somebody's work of this minute");
    simulator.delete_policy(directory, &deleted).unwrap();
    let dry = executed(&scene, scene.tenant, restore, true).await;
    let conflicts = |codes: Vec<(String, u32)>| {
        let conflict =
            |(code, count): &(String, u32)| (code == "restore.conflict").then_some(*count);
        codes.iter().filter_map(conflict).sum::<u32>()
    };
    assert_eq!(conflicts(scene.codes(dry).await), 2);
    assert_eq!(scene.writes(&scene.simulated), []);
    let before = simulator.request_log().len();
    let run = executed(&scene, scene.tenant, restore, false).await;
    assert_eq!(scene.test.state_of(run).await.1, "partially_succeeded");
    assert_eq!(conflicts(scene.codes(run).await), 2);
    let description = |id: &str| simulator.policy(directory, id).unwrap()["description"].clone();
    assert_eq!(description(&kept), "as backed up");
    assert_eq!(description(&changed), "somebody's work of this minute");
    let there = simulator.policies(directory).unwrap();
    let named = |name: &str| there.iter().filter(|one| one.name == name).count();
    assert_eq!((named("Twin"), named("Deleted")), (2, 0));
    // What is there is looked up once, not for each policy.
    let log = simulator.request_log();
    let listings = log[before..]
        .iter()
        .filter(|entry| entry.method == "GET" && entry.template.ends_with("/deviceConfigurations"));
    assert_eq!(listings.count(), 1);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_listener_mirrors_what_anybody_writes_with_a_database_client() {
    let scene = Scene::with(TenantSpec::new("Contoso")).await;
    let mut keeper = ShadowKeeper::new(&scene.test.db);
    let listening = tokio::spawn(async move { while keeper.step().await.is_ok() {} });
    let restore: RestoreId =
        sqlx::query_scalar("insert into restore_runs (tenant_id) values ($1) returning id")
            .bind(scene.tenant)
            .fetch_one(scene.test.sql())
            .await
            .unwrap();
    for (status, state) in [
        ("previewed", ("queued", "pending")),
        ("running", ("running", "pending")),
        (
            "completed_with_errors",
            ("completed", "partially_succeeded"),
        ),
    ] {
        sqlx::query("update restore_runs set status = $2 where id = $1")
            .bind(restore)
            .bind(status)
            .execute(scene.test.sql())
            .await
            .unwrap();
        eventually(|| async {
            let shadow: Option<(String, String)> = sqlx::query_as(
                "select o.status, o.outcome from operation_runs o join restore_runs r on r.shadow_run_id = o.id where r.id = $1",
            )
            .bind(restore)
            .fetch_optional(scene.test.sql())
            .await
            .unwrap();
            let shadow = shadow.as_ref().map(|(status, outcome)| (status.as_str(), outcome.as_str()));
            (shadow == Some(state)).then_some(())
        })
        .await;
    }
    listening.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn enrollment_configurations_that_are_created_get_the_order_that_they_had() {
    let scene = Scene::with(TenantSpec::new("Contoso").groups(0)).await;
    let simulator = &scene.simulator.simulator;
    let here = &scene.simulated.directory_id;
    let kind = "deviceEnrollmentConfigurations";
    let wanted = [(1_u64, "Zeta"), (2, "Beta"), (3, "Alpha")];
    let added = wanted.map(|(priority, name)| {
        let id = format!("10000000-0000-4000-8000-00000000000{priority}_Limit");
        let policy = serde_json::json!({"@odata.type": "#microsoft.graph.deviceEnrollmentLimitConfiguration",
            "id": id, "displayName": name, "priority": priority, "limit": 5});
        simulator.add_policy(here, kind, policy).unwrap()
    });
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    for id in &added {
        simulator.delete_policy(here, id).unwrap();
    }
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, scene.tenant, set, None, NO_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    let preview = previewed(&scene, scene.tenant, restore).await;
    assert_eq!(preview.totals.create, 3, "{preview:#?}");
    let run = executed(&scene, scene.tenant, restore, false).await;
    let ended = scene.test.state_of(run).await.1;
    assert_eq!(ended, "succeeded", "{:?}", scene.codes(run).await);
    let all = simulator.policies(here).unwrap();
    let mut order: Vec<(u64, &str)> = all
        .iter()
        .filter(|one| one.kind == kind)
        .map(|one| {
            let policy = simulator.policy(here, &one.id).unwrap();
            (policy["priority"].as_u64().unwrap(), one.name.as_str())
        })
        .collect();
    order.sort_unstable();
    assert_eq!(order, wanted);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_of_whoever_executes_and_not_of_whoever_previewed() {
    let mut scene = Scene::with(TenantSpec::new("Contoso").policies(4)).await;
    let (_, tenant) = scene.second(TenantSpec::new("Fabrikam").policies(0)).await;
    let worker = scene.worker(Limits::default());
    let set = back_up(&scene, scene.tenant).await;
    let (db, ada) = (&scene.test.db, &scene.ada);
    let begun = restores::begin(ada, db, tenant, set, None, NO_ASSIGNMENTS);
    let restore = begun.await.unwrap();
    previewed(&scene, tenant, restore).await;
    leave_out_the_undecided(&scene, tenant, restore).await;
    restores::catch_up(db).await.unwrap();
    let bob = scene.test.person("Bob", &[(tenant, Role::Operator)]).await;
    let started = restores::execute(&bob, db, tenant, restore, true, "").await;
    let run = started.unwrap().run.id;
    scene.outcome(run).await;
    let started = runs::started(&bob, db, run).await.unwrap();
    assert_eq!(
        (started.initiator_name.as_str(), started.mine),
        ("Bob", true)
    );
    let all = "select count(*) from operation_runs where type = 'restore.execute'";
    assert_eq!(
        scene.test.number(all).await,
        1,
        "the preview's was taken back"
    );
    worker.stop().await;
}
