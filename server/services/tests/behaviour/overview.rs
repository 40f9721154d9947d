//! The overview: what each operation came to last, what is overdue, what needs someone, and how many runs ended when.

use domain::{
    Actor, FailureCode, FailureGroup, OperationType, Outcome, Role, RunId, Status, TenantId,
    identity::Inputs,
    views::{
        overview::{COLUMNS, Cell, Overview},
        runs::RunQuery,
    },
};
use serde_json::json;
use services::{
    Caller, ServiceError, overview,
    runs::{self, Initiator, RunUpdate},
    testing::TestDatabase,
};

pub(crate) async fn ended(
    test: &TestDatabase,
    tenant: TenantId,
    operation: OperationType,
    outcome: Outcome,
    failures: Vec<FailureGroup>,
) -> RunId {
    let inputs: Inputs = json!({ "at": test.number("select count(*) from operation_runs").await })
        .as_object()
        .cloned()
        .unwrap();
    let ensured = runs::ensure_run(&test.db, tenant, operation, &inputs, &Initiator::System);
    let run = ensured.await.unwrap().run_id;
    let update = RunUpdate {
        failures,
        ..RunUpdate::default()
    };
    runs::update_run(&test.db, run, Status::Completed, Some(outcome), update)
        .await
        .unwrap();
    run
}

fn cell(page: &Overview, tenant: TenantId, operation: OperationType) -> &Cell {
    let line = page
        .tenants
        .iter()
        .find(|line| line.tenant == tenant)
        .unwrap();
    let at = COLUMNS.iter().position(|one| *one == operation).unwrap();
    &line.cells[at]
}

pub(crate) async fn look(test: &TestDatabase, caller: &Caller) -> Overview {
    overview::overview(caller, &test.db).await.unwrap()
}

#[tokio::test]
async fn a_failure_needs_someone_until_the_same_operation_succeeds_on_that_tenant() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test
        .person("Ada", &[(contoso, Role::Owner), (fabrikam, Role::Readonly)])
        .await;
    let sync = OperationType::InventorySync;
    let forbidden = || vec![FailureGroup::new(FailureCode::Forbidden, "No permission")];
    ended(&test, contoso, sync, Outcome::Succeeded, vec![]).await;
    let failed = ended(
        &test,
        contoso,
        sync,
        Outcome::PartiallySucceeded,
        forbidden(),
    )
    .await;
    let other = ended(&test, fabrikam, sync, Outcome::Failed, forbidden()).await;

    let page = look(&test, &ada).await;
    let [attention] = page.attention.as_slice() else {
        panic!("{:?}", page.attention)
    };
    assert_eq!(attention.actor, Actor::AppOwner);
    let [trouble] = attention.troubles.as_slice() else {
        panic!("{:?}", attention.troubles)
    };
    let of: Vec<_> = trouble
        .runs
        .iter()
        .map(|run| (run.run, run.tenant_name.as_str()))
        .collect();
    assert_eq!(of, [(other, "Fabrikam"), (failed, "Contoso")]);
    let shown = cell(&page, contoso, sync);
    assert_eq!(shown.latest.as_ref().unwrap().id, failed);
    assert!(
        shown.last_good_at().is_some(),
        "the success before it is remembered"
    );
    assert_eq!(cell(&page, fabrikam, sync).last_good_at(), None);
    assert_eq!(
        cell(&page, fabrikam, OperationType::TenantVerify).latest,
        None
    );

    // Success of another operation settles nothing, success of the same one does, however many runs are under way.
    ended(
        &test,
        contoso,
        OperationType::TenantVerify,
        Outcome::Succeeded,
        vec![],
    )
    .await;
    assert_eq!(
        look(&test, &ada).await.attention[0].troubles[0].runs.len(),
        2
    );
    ended(&test, contoso, sync, Outcome::Succeeded, vec![]).await;
    let again = runs::start(&ada, &test.db, contoso, sync, Inputs::new())
        .await
        .unwrap();
    let page = look(&test, &ada).await;
    let left: Vec<_> = page.attention[0].troubles[0]
        .runs
        .iter()
        .map(|run| run.run)
        .collect();
    assert_eq!(left, [other]);
    assert_eq!(
        page.active.iter().map(|run| run.id).collect::<Vec<_>>(),
        [again.run.id]
    );
    assert_eq!(
        cell(&page, contoso, sync).latest.as_ref().unwrap().id,
        again.run.id
    );
    let before = cell(&page, contoso, sync).last_ended.as_ref().unwrap();
    assert_eq!(before.outcome, Outcome::Succeeded);
    assert!(!cell(&page, contoso, sync).is_troubled());
    assert!(cell(&page, fabrikam, sync).is_troubled());
    assert_eq!(cell(&page, fabrikam, sync).last_ended, None);
}

#[tokio::test]
async fn a_tenant_that_was_never_backed_up_is_known_however_else_it_is_looked_after() {
    let test = TestDatabase::new().await;
    let by_hand = test.tenant("By hand").await;
    let by_schedule = test.tenant("By schedule").await;
    let never = test.tenant("Never").await;
    for (tenant, operation) in [
        (by_hand, OperationType::BackupSetCapture),
        (by_schedule, OperationType::BackupScheduleRun),
        (never, OperationType::InventorySync),
    ] {
        ended(&test, tenant, operation, Outcome::Succeeded, vec![]).await;
    }
    let everywhere = [by_hand, by_schedule, never].map(|tenant| (tenant, Role::Readonly));
    let ada = test.person("Ada", &everywhere).await;
    let page = look(&test, &ada).await;
    let unsafe_ones: Vec<_> = page
        .tenants
        .iter()
        .filter(|line| line.never_backed_up())
        .map(|line| line.tenant)
        .collect();
    assert_eq!(unsafe_ones, [never]);
}

#[tokio::test]
async fn nothing_of_a_tenant_is_shown_to_someone_who_does_not_belong_to_it() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let bob = test.person("Bob", &[(fabrikam, Role::Owner)]).await;
    let failure = vec![FailureGroup::new(FailureCode::Forbidden, "No permission")];
    ended(
        &test,
        contoso,
        OperationType::InventorySync,
        Outcome::Failed,
        failure,
    )
    .await;
    let page = look(&test, &bob).await;
    assert_eq!(
        page.tenants
            .iter()
            .map(|line| line.tenant)
            .collect::<Vec<_>>(),
        [fabrikam]
    );
    assert_eq!((page.attention, page.active), (vec![], vec![]));
    assert_eq!(
        page.days
            .iter()
            .map(domain::views::overview::Day::all)
            .sum::<i64>(),
        0
    );
    let refused = overview::expect(
        &bob,
        &test.db,
        contoso,
        OperationType::InventorySync,
        Some(24),
    )
    .await;
    assert!(matches!(refused, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn each_ended_run_counts_once_for_its_day_whoever_ends_it() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    for _ in 0..3 {
        ended(
            &test,
            tenant,
            OperationType::InventorySync,
            Outcome::Succeeded,
            vec![],
        )
        .await;
    }
    runs::start(
        &ada,
        &test.db,
        tenant,
        OperationType::TenantVerify,
        Inputs::new(),
    )
    .await
    .unwrap();
    sqlx::query("update operation_runs set status = 'completed', outcome = 'failed' where status = 'queued'")
        .execute(test.sql())
        .await
        .unwrap();
    sqlx::query(
        "insert into operation_runs (tenant_id, initiator_name, type, status, outcome, run_identity_hash, created_at, completed_at)
         select $1, 'System', 'inventory.sync', 'completed', 'failed', repeat('a', 64), now() - make_interval(days => d), now()
         from unnest(array[1, 27, 28, 400]) as d",
    )
    .bind(tenant)
    .execute(test.sql())
    .await
    .unwrap();
    let days = look(&test, &ada).await.days;
    assert_eq!(days.len(), 28);
    let counts: Vec<_> = days.iter().map(|day| (day.succeeded, day.failed)).collect();
    assert_eq!(
        (counts[0], counts[26], counts[27]),
        ((0, 1), (0, 1), (3, 1))
    );
    assert_eq!(
        days.iter()
            .map(domain::views::overview::Day::all)
            .sum::<i64>(),
        6
    );

    // The list that a bar opens has the runs that it counts.
    for day in &days {
        let query = RunQuery {
            status: Some(Status::Completed),
            from: Some(day.day),
            to: Some(day.day),
            ..RunQuery::default()
        };
        let listed = runs::list(&ada, &test.db, &query).await.unwrap();
        assert_eq!(listed.rows.len() as i64, day.all(), "{}", day.day);
    }
}

#[tokio::test]
async fn an_operation_is_overdue_when_its_last_good_run_is_older_than_expected() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let sync = OperationType::InventorySync;
    let overdue = async || cell(&look(&test, &ada).await, tenant, sync).overdue;
    assert!(!overdue().await, "nobody expects it yet");
    overview::expect(&ada, &test.db, tenant, sync, Some(24))
        .await
        .unwrap();
    assert!(!overdue().await, "it has a day for its first time");
    sqlx::query("update run_expectations set since = now() - interval '25 hours'")
        .execute(test.sql())
        .await
        .unwrap();
    assert!(overdue().await, "it never ran well");
    ended(&test, tenant, sync, Outcome::Succeeded, vec![]).await;
    assert!(!overdue().await);
    ended(&test, tenant, sync, Outcome::Failed, vec![]).await;
    assert!(!overdue().await, "the good run before it is fresh enough");
    sqlx::query(
        "insert into operation_runs (tenant_id, initiator_name, type, status, outcome, run_identity_hash, created_at, completed_at)
         values ($1, 'System', 'tenant.verify', 'completed', 'succeeded', repeat('a', 64), now() - interval '26 hours', now() - interval '26 hours')",
    )
    .bind(tenant)
    .execute(test.sql())
    .await
    .unwrap();
    let verify = OperationType::TenantVerify;
    overview::expect(&ada, &test.db, tenant, verify, Some(27))
        .await
        .unwrap();
    assert!(!cell(&look(&test, &ada).await, tenant, verify).overdue);
    overview::expect(&ada, &test.db, tenant, verify, Some(25))
        .await
        .unwrap();
    let page = look(&test, &ada).await;
    assert!(cell(&page, tenant, verify).overdue);
    assert_eq!(cell(&page, tenant, verify).expected_hours, Some(25));
    overview::expect(&ada, &test.db, tenant, verify, None)
        .await
        .unwrap();
    assert!(!cell(&look(&test, &ada).await, tenant, verify).overdue);

    for hours in [0, -1, 8785] {
        let refused = overview::expect(&ada, &test.db, tenant, sync, Some(hours)).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{hours}");
    }
    let refused = overview::expect(
        &ada,
        &test.db,
        tenant,
        OperationType::RestoreExecute,
        Some(24),
    )
    .await;
    assert!(matches!(refused, Err(ServiceError::Invalid(_))));
    let reader = test.person("Rea", &[(tenant, Role::Readonly)]).await;
    let refused = overview::expect(&reader, &test.db, tenant, sync, Some(24)).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))));
}

#[tokio::test]
async fn a_scheduled_backup_is_overdue_when_a_due_time_passed_without_a_good_run() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let scheduled = OperationType::BackupScheduleRun;
    sqlx::query(
        "insert into backup_schedules (tenant_id, name, cron, time_zone, keep, next_due_at)
         values ($1, 'Nightly', '0 2 * * *', 'UTC', 30,
                 (date_trunc('day', now() at time zone 'UTC') + interval '26 hours') at time zone 'UTC')",
    )
    .bind(tenant)
    .execute(test.sql())
    .await
    .unwrap();
    let shown = async || cell(&look(&test, &ada).await, tenant, scheduled).clone();
    let fresh = shown().await;
    assert_eq!((fresh.overdue, fresh.expected_hours), (false, Some(24)));
    let due = "insert into backup_schedule_starts (schedule_id, due_at, run_id)
               select s.id, now() - make_interval(hours => $1), $2 from backup_schedules s";
    let good = ended(&test, tenant, scheduled, Outcome::Succeeded, vec![]).await;
    sqlx::query(due)
        .bind(43)
        .bind(good)
        .execute(test.sql())
        .await
        .unwrap();
    assert!(!shown().await.overdue);
    let bad = ended(&test, tenant, scheduled, Outcome::Failed, vec![]).await;
    sqlx::query(due)
        .bind(19)
        .bind(bad)
        .execute(test.sql())
        .await
        .unwrap();
    assert!(shown().await.overdue);
    let good = ended(&test, tenant, scheduled, Outcome::Succeeded, vec![]).await;
    sqlx::query(due)
        .bind(0)
        .bind(good)
        .execute(test.sql())
        .await
        .unwrap();
    assert!(!shown().await.overdue, "run by hand since");
    sqlx::query("update backup_schedules set next_due_at = now() - interval '2 hours'")
        .execute(test.sql())
        .await
        .unwrap();
    assert!(shown().await.overdue, "nobody starts it");
}

#[tokio::test]
async fn a_text_finds_runs_by_operation_tenant_person_failure_and_number() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let roles = [(contoso, Role::Owner), (fabrikam, Role::Owner)];
    let ada = test.person("Ada Lovelace", &roles).await;
    let sync = OperationType::InventorySync;
    let failure = vec![FailureGroup::new(
        FailureCode::Forbidden,
        "100% of _scripts_ are forbidden",
    )];
    let failed = ended(&test, contoso, sync, Outcome::Failed, failure).await;
    let hers = runs::start(
        &ada,
        &test.db,
        fabrikam,
        OperationType::TenantVerify,
        Inputs::new(),
    )
    .await
    .unwrap()
    .run
    .id;
    let old = ended(
        &test,
        contoso,
        OperationType::DirectoryGroupsSync,
        Outcome::Succeeded,
        vec![],
    )
    .await;
    sqlx::query("alter table operation_runs disable trigger user")
        .execute(test.sql())
        .await
        .unwrap();
    sqlx::query("update operation_runs set created_at = now() - interval '40 days' where id = $1")
        .bind(old)
        .execute(test.sql())
        .await
        .unwrap();
    let find = async |text: &str, from: Option<chrono::NaiveDate>| {
        let text = Some(text.to_owned());
        let query = RunQuery {
            text,
            from,
            ..RunQuery::default()
        };
        let page = runs::list(&ada, &test.db, &query).await.unwrap();
        (
            page.rows.iter().map(|run| run.id).collect::<Vec<_>>(),
            page.searched_since,
        )
    };
    assert_eq!(find("inventory SYNC", None).await.0, [failed]);
    assert_eq!(find("fabri", None).await.0, [hers]);
    assert_eq!(find("lovelace", None).await.0, [hers]);
    assert_eq!(find("graph.forbidden", None).await.0, [failed]);
    assert_eq!(find("100% of _scripts_", None).await.0, [failed]);
    assert_eq!(find("%", None).await.0, [failed], "taken literally");
    assert_eq!(find(&format!("#{hers}"), None).await.0, [hers]);
    let (found, since) = find("directory groups", None).await;
    assert_eq!(found, []);
    let since = since.expect("it says how far back it looked");
    let (found, all) = find(
        "directory groups",
        Some(since - chrono::TimeDelta::days(300)),
    )
    .await;
    assert_eq!((found, all), (vec![old], None));
}
