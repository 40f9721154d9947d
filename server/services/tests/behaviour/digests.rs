//! Runs that one action started together are one line among the notifications.

use domain::{OperationType, Outcome, Role, RunId, TenantId, identity::Inputs};
use serde_json::json;
use services::{
    Caller, notifications,
    runs::{self, Claim},
    testing::TestDatabase,
};

/// Ends a run as a worker does.
pub(crate) async fn end(test: &TestDatabase, run: RunId, outcome: Outcome) {
    let Claim::Acquired(lease) = runs::claim(&test.db, run, 100).await.unwrap() else {
        panic!("run {run} can not be claimed")
    };
    lease
        .complete(&test.db, outcome, runs::RunUpdate::default())
        .await
        .unwrap();
}

const BATCH: &str = "6f2cbb0a-5c8f-4a0e-9d3a-000000000001";

/// A run that is part of the batch.
async fn of_batch(test: &TestDatabase, caller: &Caller, tenant: TenantId, salt: i64) -> RunId {
    let inputs: Inputs = json!({ "salt": salt }).as_object().cloned().unwrap();
    let operation = OperationType::TenantVerify;
    let started = runs::start(caller, &test.db, tenant, operation, inputs);
    let run = started.await.unwrap().run.id;
    sqlx::query("update operation_runs set batch_id = $2::uuid where id = $1")
        .bind(run)
        .bind(BATCH)
        .execute(test.sql())
        .await
        .unwrap();
    run
}

#[tokio::test]
async fn a_batch_is_one_line_that_counts_as_one_and_tells_what_became_of_all() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let alone = runs::start(
        &ada,
        &test.db,
        tenant,
        OperationType::InventorySync,
        Inputs::new(),
    );
    let alone = alone.await.unwrap().run.id;
    let mut batch = Vec::new();
    for salt in 0..4 {
        batch.push(of_batch(&test, &ada, tenant, salt).await);
    }
    end(&test, batch[0], Outcome::Succeeded).await;
    end(&test, batch[2], Outcome::Failed).await;

    let page = notifications::list(&ada, &test.db, None).await.unwrap();
    let lines: Vec<_> = page
        .rows
        .iter()
        .map(|row| (row.sentence(), row.read))
        .collect();
    assert_eq!(
        lines,
        [
            (
                "4 runs started together: 1 succeeded, 1 failed, 2 not ended yet".to_owned(),
                false
            ),
            ("Inventory sync for Contoso: queued".to_owned(), false),
        ]
    );
    assert_eq!(page.rows[0].href(), format!("/runs/bulk/{BATCH}"));
    assert_eq!((page.unread, page.rows[1].run_id), (2, alone));

    // Opening one of its runs leaves the line unread; opening the batch reads it.
    notifications::mark_run_read(&ada, &test.db, batch[2])
        .await
        .unwrap();
    let page = notifications::list(&ada, &test.db, None).await.unwrap();
    assert_eq!((page.unread, page.rows[0].read), (2, false));
    notifications::mark_batch_read(&ada, &test.db, "not a batch")
        .await
        .unwrap();
    notifications::mark_batch_read(&ada, &test.db, BATCH)
        .await
        .unwrap();
    let page = notifications::list(&ada, &test.db, None).await.unwrap();
    assert_eq!((page.unread, page.rows[0].read), (1, true));
}

#[tokio::test]
async fn a_batch_of_more_runs_than_are_counted_hides_no_other_line() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    of_batch(&test, &ada, tenant, 1).await;
    for statement in [
        "alter table operation_runs disable trigger user",
        "insert into operation_runs
             (tenant_id, user_id, initiator_name, type, status, outcome, run_identity_hash, batch_id, completed_at)
         select r.tenant_id, r.user_id, 'Ada', r.type, 'completed', 'succeeded', r.run_identity_hash, r.batch_id, now()
         from operation_runs r cross join generate_series(1, 1200)",
        "alter table operation_runs enable trigger user",
        "insert into notifications (user_id, tenant_id, run_id, event)
         select user_id, tenant_id, id, 'succeeded' from operation_runs where status = 'completed'",
    ] {
        sqlx::query(statement).execute(test.sql()).await.unwrap();
    }
    let alone = runs::start(
        &ada,
        &test.db,
        tenant,
        OperationType::InventorySync,
        Inputs::new(),
    );
    alone.await.unwrap();
    let frame = notifications::frame(&ada, &test.db).await.unwrap();
    assert_eq!(frame.unread, 2);
}

#[tokio::test]
async fn who_only_follows_a_run_hears_of_that_run_not_of_the_batch() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Readonly)]).await;
    let run = of_batch(&test, &ada, tenant, 1).await;
    of_batch(&test, &ada, tenant, 2).await;
    runs::follow(&bob, &test.db, run).await.unwrap();
    end(&test, run, Outcome::Succeeded).await;

    let page = notifications::list(&bob, &test.db, None).await.unwrap();
    let lines: Vec<_> = page
        .rows
        .iter()
        .map(|row| (row.sentence(), row.href()))
        .collect();
    let expected = (
        "Connection check for Contoso: succeeded".to_owned(),
        format!("/runs/{run}"),
    );
    assert_eq!(lines, [expected]);
    assert_eq!(page.unread, 1);
}
