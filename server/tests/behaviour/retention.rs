//! What a schedule keeps.

use domain::{BackupSetId, ScheduleId};
use graph_simulator::{Faults, TenantSpec};
use server::worker::Limits;
use services::schedules::{self, NewSchedule};

use crate::support::Scene;

async fn keeps(scene: &Scene, keep: i32) -> ScheduleId {
    let new = NewSchedule {
        name: "Nightly".into(),
        cron: "0 3 * * *".into(),
        time_zone: "UTC".into(),
        kinds: Vec::new(),
        keep,
    };
    schedules::create(&scene.ada, &scene.test.db, scene.tenant, new)
        .await
        .unwrap()
}

/// Runs the schedule once more; returns how it ended.
async fn once_more(scene: &Scene, schedule: ScheduleId) -> String {
    let started = schedules::run_now(&scene.ada, &scene.test.db, scene.tenant, schedule).await;
    scene.outcome(started.unwrap().run.id).await
}

async fn sets(scene: &Scene) -> Vec<BackupSetId> {
    sqlx::query_scalar("select id from backup_sets where origin = 'schedule' order by id")
        .fetch_all(scene.test.sql())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_backup_captures_and_keeps_as_many_as_it_shall() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(12)).await;
    let worker = scene.worker(Limits::default());
    let schedule = keeps(&scene, 2).await;
    for _ in 0..4 {
        assert_eq!(once_more(&scene, schedule).await, "succeeded");
    }
    assert_eq!(sets(&scene).await.len(), 2);
    let versions = scene
        .test
        .number("select count(*) from policy_versions")
        .await;
    let items = scene.test.number("select count(*) from backup_items").await;
    assert_eq!(items, 2 * versions);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nights_that_failed_push_no_complete_backup_out() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(12)).await;
    let worker = scene.worker(Limits::default());
    let schedule = keeps(&scene, 2).await;
    for _ in 0..3 {
        assert_eq!(once_more(&scene, schedule).await, "succeeded");
    }
    let complete = sets(&scene).await;
    assert_eq!(complete.len(), 2);
    scene.faults(Faults {
        forbidden_kinds: vec!["deviceManagementScripts".into()],
        ..Faults::default()
    });
    for _ in 0..3 {
        assert_eq!(once_more(&scene, schedule).await, "partially_succeeded");
    }
    let kept = sets(&scene).await;
    assert_eq!(kept[..2], complete, "the last two that missed nothing");
    assert_eq!(kept.len(), 4, "and the last two of all");
    scene.faults(Faults::default());
    for _ in 0..2 {
        assert_eq!(once_more(&scene, schedule).await, "succeeded");
    }
    let kept = sets(&scene).await;
    assert_eq!(kept.len(), 2, "complete ones make the older ones surplus");
    assert!(kept.iter().all(|set| !complete.contains(set)));
    worker.stop().await;
}
