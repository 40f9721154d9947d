//! `kill -9` of real worker processes while they restore.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    restores::{NO_ASSIGNMENTS, back_up, leave_out_the_undecided, page, previewed},
    support::{Scene, eventually},
};
use graph_simulator::{Faults, TenantSpec};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use services::{restores, runs};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_moment_creates_nothing_twice_and_leaves_nothing_open() {
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let kinds = [
        "configurationPolicies",
        "deviceConfigurations",
        "groupPolicyConfigurations",
    ];
    let source = TenantSpec::new("Contoso")
        .policies(18)
        .kinds(&kinds)
        .groups(10);
    let mut scene = Scene::with(source).await;
    let (other, tenant) = scene
        .second(TenantSpec::new("Fabrikam").policies(0).groups(10))
        .await;
    let simulator = &scene.simulator.simulator;
    let mut worker = scene.worker_process();
    let set = back_up(&scene, scene.tenant).await;
    worker.kill();
    let (db, ada) = (&scene.test.db, &scene.ada);
    let slow = Faults {
        delay_ms: Some(4),
        ..Faults::default()
    };
    simulator.set_faults(&other.directory_id, slow);
    let mut interrupted = 0;
    for round in 0..50 {
        let restore = restores::begin(ada, db, tenant, set, None, NO_ASSIGNMENTS)
            .await
            .unwrap();
        let mut worker = scene.worker_process();
        previewed(&scene, tenant, restore).await;
        leave_out_the_undecided(&scene, tenant, restore).await;
        if let Ok(started) = restores::execute(ada, db, tenant, restore, false, "Fabrikam").await {
            let run = started.run.id;
            scene.begun(run).await;
            tokio::time::sleep(Duration::from_millis(random.random_range(0..250))).await;
            worker.kill();
            sqlx::query("update operation_runs set lease_expires_at = now() - interval '1 second' where lease_token is not null")
                .execute(scene.test.sql())
                .await
                .unwrap();
            interrupted += runs::sweep(db, 3).await.unwrap().lost;
            restores::settle(db).await.unwrap();
            restores::catch_up(db).await.unwrap();
            let ended = page(&scene, tenant, restore).await;
            assert!(
                ended.row.status.has_ended(),
                "{:?} in round {round}",
                ended.row.status
            );
            let (status, outcome) = scene.test.state_of(run).await;
            let (shadow, said) = ended.row.status.shadow().unwrap();
            assert_eq!(
                (status.as_str(), outcome.as_str()),
                (shadow.as_str(), said.as_str())
            );
            // What was not reached is neither success nor failure; what was, is counted as it ended.
            let counts = ended.counts.unwrap();
            let told = [counts.success, counts.failed, counts.skipped].map(i64::from);
            let states: (i64, i64, i64) = sqlx::query_as(
                "select count(*) filter (where state = 'succeeded'), count(*) filter (where state = 'failed'),
                        count(*) filter (where state = 'skipped')
                 from restore_items where restore_run_id = $1",
            )
            .bind(restore)
            .fetch_one(scene.test.sql())
            .await
            .unwrap();
            assert_eq!(told, [states.0, states.1, states.2], "in round {round}");
            assert_eq!(i64::from(counts.total), ended.totals.policies);
            assert_eq!(
                Some(counts),
                runs::started(ada, db, run).await.unwrap().counts
            );
        } else {
            worker.kill();
        }
        // What was killed may still be on its way to Graph.
        eventually(|| async {
            let before = simulator.request_log().len();
            tokio::time::sleep(Duration::from_millis(30)).await;
            (simulator.request_log().len() == before).then_some(())
        })
        .await;
        let there = simulator.policies(&other.directory_id).unwrap();
        let names: BTreeSet<(String, String)> = there
            .iter()
            .filter(|one| kinds.contains(&one.kind.as_str()))
            .map(|one| (one.kind.clone(), one.name.clone()))
            .collect();
        let count = there
            .iter()
            .filter(|one| kinds.contains(&one.kind.as_str()))
            .count();
        assert_eq!(
            names.len(),
            count,
            "something was created twice in round {round}"
        );
        for one in there
            .iter()
            .filter(|one| kinds.contains(&one.kind.as_str()))
        {
            if random.random_range(0..2) == 0 {
                simulator
                    .delete_policy(&other.directory_id, &one.id)
                    .unwrap();
            }
        }
    }
    assert!(
        interrupted > 10,
        "only {interrupted} of 50 were interrupted"
    );
    let open = "select count(*) from operation_runs where status <> 'completed' and type = 'restore.execute'";
    assert_eq!(scene.test.number(open).await, 0);
}
