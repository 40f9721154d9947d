//! The queues' page: how much waits, who works, and what a reader may see of it.

use domain::{OperationType, Role, identity::Inputs};
use serde_json::json;
use services::{
    ServiceError, notifications, queues,
    runs::{self, Claim, Initiator},
    testing::TestDatabase,
};

#[tokio::test]
async fn depth_and_workers_are_told_and_only_the_readers_runs_are_named() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test.person("Ada", &[(contoso, Role::Operator)]).await;
    let mut started = Vec::new();
    for (salt, tenant) in [contoso, fabrikam, contoso, contoso]
        .into_iter()
        .enumerate()
    {
        let inputs: Inputs = json!({ "salt": salt }).as_object().cloned().unwrap();
        let operation = OperationType::TenantVerify;
        let run = runs::ensure_run(&test.db, tenant, operation, &inputs, &Initiator::System);
        started.push(run.await.unwrap().run_id);
    }
    let page = queues::queues(&ada, &test.db).await.unwrap();
    assert_eq!(
        (page.ready.count, page.running.count, page.ready.more),
        (4, 0, false)
    );
    assert!(page.oldest_ready_at.is_some());
    assert_eq!(page.workers, []);

    // A worker takes the first two, one of them of a tenant that the reader does not see; the third has to wait.
    sqlx::query(
        "insert into apalis.workers (id, worker_type, storage_name, last_seen)
         values ('alive', $1, 's', now()), ('silent', $1, 's', now() - interval '1 hour')",
    )
    .bind(runs::QUEUE)
    .execute(test.sql())
    .await
    .unwrap();
    sqlx::query("update apalis.jobs set lock_by = 'alive' where id in (select job_id from operation_runs where id = any($1))")
        .bind(&started[..2])
        .execute(test.sql())
        .await
        .unwrap();
    for run in &started[..2] {
        assert!(matches!(
            runs::claim(&test.db, *run, 1).await.unwrap(),
            Claim::Acquired(_)
        ));
    }
    assert!(!matches!(
        runs::claim(&test.db, started[2], 1).await.unwrap(),
        Claim::Acquired(_)
    ));
    let page = queues::queues(&ada, &test.db).await.unwrap();
    assert_eq!(
        (page.ready.count, page.running.count, page.parked.count),
        (1, 2, 1)
    );
    let workers: Vec<_> = page
        .workers
        .iter()
        .map(|one| (one.name.as_str(), one.alive))
        .collect();
    assert_eq!(workers, [("alive", true), ("silent", false)]);
    let alive = &page.workers[0];
    assert_eq!(
        alive.doing.iter().map(|run| run.id).collect::<Vec<_>>(),
        [started[0]]
    );
    assert_eq!(alive.others, 1);
    let [waiting] = page.tenants.as_slice() else {
        panic!("{:?}", page.tenants)
    };
    assert_eq!(
        (waiting.tenant, waiting.parked, waiting.running),
        (contoso, 1, 1)
    );

    let reader = test.person("Rea", &[(contoso, Role::Readonly)]).await;
    let refused = queues::queues(&reader, &test.db).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
    let of_ada = notifications::frame(&ada, &test.db).await.unwrap();
    let of_reader = notifications::frame(&reader, &test.db).await.unwrap();
    assert_eq!(
        (of_ada.may_see_queues, of_reader.may_see_queues),
        (true, false)
    );
}
