//! The whole table of a run's states, from both sides: through the service and in plain SQL.

use domain::{
    FailureCode, FailureGroup, OperationType, Outcome, RunId, Status, SummaryCounts, TenantId,
    identity::Inputs,
};
use services::{
    runs::{self, Initiator, RunUpdate, UpdateError},
    testing::TestDatabase,
};

const STATES: [(Status, Outcome); 6] = [
    (Status::Queued, Outcome::Pending),
    (Status::Running, Outcome::Pending),
    (Status::Completed, Outcome::Succeeded),
    (Status::Completed, Outcome::PartiallySucceeded),
    (Status::Completed, Outcome::Failed),
    (Status::Completed, Outcome::Cancelled),
];

/// A new run in the given state, put there in plain SQL.
async fn run_in(
    test: &TestDatabase,
    tenant: TenantId,
    state: (Status, Outcome),
    salt: i64,
) -> RunId {
    sqlx::query_scalar(
        "insert into operation_runs (tenant_id, initiator_name, type, status, outcome, run_identity_hash)
         values ($1, 'System', 'inventory.sync', $2, $3, encode(sha256($4::text::bytea), 'hex')) returning id",
    )
    .bind(tenant)
    .bind(state.0.as_str())
    .bind(state.1.as_str())
    .bind(salt)
    .fetch_one(test.sql())
    .await
    .unwrap()
}

fn constraint(error: &sqlx::Error) -> String {
    let error = error.as_database_error().expect("the database refused");
    error
        .constraint()
        .expect("by a named constraint")
        .to_owned()
}

#[tokio::test]
async fn plain_sql_can_move_a_run_only_forward_and_never_after_its_end() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let mut salt = 0;
    for from in STATES {
        for to in STATES {
            salt += 1;
            let run = run_in(&test, tenant, from, salt).await;
            let moved =
                sqlx::query("update operation_runs set status = $2, outcome = $3 where id = $1")
                    .bind(run)
                    .bind(to.0.as_str())
                    .bind(to.1.as_str())
                    .execute(test.sql())
                    .await;
            let legal = from.0.may_become(to.0) || from == to;
            assert_eq!(moved.is_ok(), legal, "{from:?} to {to:?}");
            let expected = if legal { to } else { from };
            let stored = test.state_of(run).await;
            assert_eq!(stored, (expected.0.to_string(), expected.1.to_string()));
            match moved {
                Err(error) if from.0 == Status::Completed => {
                    assert_eq!(constraint(&error), "operation_runs_completed_is_final");
                }
                Err(error) => assert_eq!(constraint(&error), "operation_runs_only_forward"),
                Ok(_) => {}
            }
        }
    }
}

#[tokio::test]
async fn plain_sql_can_not_store_a_combination_that_no_run_has() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let refused = [
        ("status = 'paused'", "operation_runs_status_known"),
        (
            "status = 'completed', outcome = 'done'",
            "operation_runs_outcome_known",
        ),
        (
            "outcome = 'succeeded'",
            "operation_runs_outcome_iff_completed",
        ),
        (
            "status = 'completed'",
            "operation_runs_outcome_iff_completed",
        ),
        (
            "completed_at = now()",
            "operation_runs_completed_at_iff_completed",
        ),
        (
            "started_at = now()",
            "operation_runs_started_at_fits_status",
        ),
        (
            "run_identity_hash = 'ABC'",
            "operation_runs_identity_is_fixed",
        ),
        (
            "tenant_id = tenant_id + 1",
            "operation_runs_identity_is_fixed",
        ),
        ("type = 'other.type'", "operation_runs_identity_is_fixed"),
        (
            "initiator_name = 'Mallory'",
            "operation_runs_identity_is_fixed",
        ),
        (
            r#"summary_counts = '{"total":-1}'"#,
            "operation_runs_counts_valid",
        ),
        (
            r#"summary_counts = '{"total":1.5}'"#,
            "operation_runs_counts_valid",
        ),
        (
            r#"summary_counts = '{"other":1}'"#,
            "operation_runs_counts_valid",
        ),
        (r#"summary_counts = '[]'"#, "operation_runs_counts_valid"),
        (r#"failure_summary = '{}'"#, "operation_runs_failures_valid"),
        (
            r#"failure_summary = '[{"code":"X","message":"m","count":1}]'"#,
            "operation_runs_failures_valid",
        ),
        ("context = '[]'", "operation_runs_context_is_object"),
        (
            "lease_token = gen_random_uuid()",
            "operation_runs_lease_while_running",
        ),
    ];
    for (salt, (assignment, expected)) in refused.into_iter().enumerate() {
        let run = run_in(&test, tenant, STATES[0], i64::try_from(salt).unwrap()).await;
        let statement = format!("update operation_runs set {assignment} where id = {run}");
        let error = sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(test.sql())
            .await
            .expect_err(assignment);
        assert_eq!(constraint(&error), expected, "{assignment}");
    }
}

#[tokio::test]
async fn the_service_makes_exactly_the_legal_moves_and_changes_nothing_otherwise() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let mut salt = 0;
    for from in STATES {
        for status in Status::ALL {
            for outcome in [None]
                .into_iter()
                .chain(Outcome::values(None).into_iter().map(Some))
            {
                salt += 1;
                let run = run_in(&test, tenant, from, salt).await;
                let updated =
                    runs::update_run(&test.db, run, status, outcome, RunUpdate::default()).await;
                let wanted = outcome.unwrap_or(Outcome::Pending);
                let fits = (status == Status::Completed) != (wanted == Outcome::Pending);
                let legal = fits && wanted != Outcome::Cancelled && from.0.may_become(status);
                assert_eq!(updated.is_ok(), legal, "{from:?} to {status} {outcome:?}");
                let expected = if legal { (status, wanted) } else { from };
                let stored = test.state_of(run).await;
                assert_eq!(stored, (expected.0.to_string(), expected.1.to_string()));
                match updated {
                    Ok(()) => {}
                    Err(UpdateError::ReservedOutcome(reserved)) => {
                        assert_eq!(reserved, Outcome::Cancelled)
                    }
                    Err(UpdateError::IllegalOutcome { .. }) => assert!(!fits),
                    Err(UpdateError::IllegalMove { from: was, to }) => {
                        assert_eq!((was, to), (from.0, status));
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn starts_and_ends_are_stamped_with_the_databases_clock() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let run = run_in(&test, tenant, STATES[0], 1).await;
    runs::update_run(&test.db, run, Status::Running, None, RunUpdate::default())
        .await
        .unwrap();
    runs::update_run(
        &test.db,
        run,
        Status::Completed,
        Some(Outcome::Succeeded),
        RunUpdate::default(),
    )
    .await
    .unwrap();
    let in_order = test
        .number("select count(*) from operation_runs where created_at <= started_at and started_at <= completed_at and completed_at <= now()")
        .await;
    assert_eq!(in_order, 1);
}

#[tokio::test]
async fn progress_is_merged_and_failures_are_grouped_and_sanitized() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let run = run_in(&test, tenant, STATES[1], 1).await;
    let report = |success, message: &str| RunUpdate {
        counts: Some(SummaryCounts {
            total: 10,
            success,
            failed: 0,
            skipped: 0,
        }),
        failures: vec![FailureGroup::new(FailureCode::Throttled, message)],
        ..RunUpdate::default()
    };
    for (success, message) in [
        (8, "Bearer abcdefghijk\nslow"),
        (3, "Bearer zyxwvutsrq\nslow"),
    ] {
        runs::update_run(
            &test.db,
            run,
            Status::Running,
            None,
            report(success, message),
        )
        .await
        .unwrap();
    }
    let (counts, failures): (serde_json::Value, serde_json::Value) =
        sqlx::query_as("select summary_counts, failure_summary from operation_runs where id = $1")
            .bind(run)
            .fetch_one(test.sql())
            .await
            .unwrap();
    assert_eq!(
        counts,
        serde_json::json!({"total": 10, "success": 8, "failed": 0, "skipped": 0})
    );
    let expected = serde_json::json!([{"code": "graph.throttled", "message": "Bearer [redacted] slow", "count": 2}]);
    assert_eq!(failures, expected);
}

#[tokio::test]
async fn failing_a_run_ends_it_with_a_code_and_a_clean_message() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let initiator = Initiator::System;
    let ensured = runs::ensure_run(
        &test.db,
        tenant,
        OperationType::InventorySync,
        &Inputs::new(),
        &initiator,
    )
    .await
    .unwrap();
    let error = std::io::Error::other("postgres://app:hunter2@db/x is gone");
    runs::fail_run(&test.db, ensured.run_id, FailureCode::InternalError, &error)
        .await
        .unwrap();
    let stored: String =
        sqlx::query_scalar("select failure_summary::text from operation_runs where id = $1")
            .bind(ensured.run_id)
            .fetch_one(test.sql())
            .await
            .unwrap();
    assert!(
        stored.contains("internal.error") && !stored.contains("hunter2"),
        "{stored}"
    );
    assert_eq!(
        test.state_of(ensured.run_id).await,
        ("completed".into(), "failed".into())
    );
}
