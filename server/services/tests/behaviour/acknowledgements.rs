//! Failures that somebody looks after: acknowledged, taken back, resolved by a success, and back again.

use std::time::Duration;

use domain::{
    AcknowledgementId, AuditAction, FailureCode, FailureGroup, OperationType, Outcome, Role, RunId,
    TenantId,
    views::{
        audit::{AuditQuery, AuditRow},
        overview::{Overview, Standing, Trouble, Troubled},
    },
};
use services::{Caller, ServiceError, audit, overview, testing::TestDatabase};

use crate::overview::{ended, look};

const SYNC: OperationType = OperationType::InventorySync;
const FORBIDDEN: FailureCode = FailureCode::Forbidden;

async fn failed(test: &TestDatabase, tenant: TenantId, code: FailureCode) -> RunId {
    let failure = FailureGroup::new(code, "Scripts: the app needs Scripts.Read.All");
    ended(test, tenant, SYNC, Outcome::Failed, vec![failure]).await
}

async fn succeeded(test: &TestDatabase, tenant: TenantId) -> RunId {
    ended(test, tenant, SYNC, Outcome::Succeeded, vec![]).await
}

async fn acknowledge(
    test: &TestDatabase,
    caller: &Caller,
    run: RunId,
    note: &str,
) -> Result<usize, ServiceError> {
    overview::acknowledge(caller, &test.db, FORBIDDEN, &[run], note).await
}

/// The lines of these troubles, with their codes.
fn lines<'a>(troubles: impl IntoIterator<Item = &'a Trouble>) -> Vec<(FailureCode, &'a Troubled)> {
    let mut lines = Vec::new();
    for trouble in troubles {
        lines.extend(trouble.runs.iter().map(|run| (trouble.code, run)));
    }
    lines
}

fn open(page: &Overview) -> Vec<(FailureCode, &Troubled)> {
    lines(page.attention.iter().flat_map(|one| &one.troubles))
}

fn quiet(page: &Overview) -> Vec<(FailureCode, &Troubled)> {
    lines(&page.acknowledged)
}

/// The acknowledgement of the only line that has one.
fn acknowledged(page: &Overview) -> (AcknowledgementId, String, Option<String>) {
    match quiet(page).as_slice() {
        [(_, line)] => match &line.standing {
            Standing::Acknowledged { id, by, note, .. } => (*id, by.clone(), note.clone()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

async fn told(test: &TestDatabase, reader: &Caller) -> Vec<AuditRow> {
    let query = AuditQuery::default();
    let page = audit::list(reader, &test.db, &query).await.unwrap();
    let mut rows = page.rows;
    rows.retain(|row| row.action.as_str().starts_with("trouble."));
    rows
}

#[tokio::test]
async fn an_acknowledged_failure_is_quiet_until_somebody_takes_that_back() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Operator)]).await;
    let run = failed(&test, tenant, FORBIDDEN).await;
    let page = look(&test, &ada).await;
    let (_, line) = open(&page)[0];
    assert_eq!(line.standing, Standing::New);
    assert_eq!(line.said, "Scripts: the app needs Scripts.Read.All");
    assert!(line.may_acknowledge && !line.has_items);

    let note = "  waiting for the customer's admin, ticket 4711 ";
    assert_eq!(acknowledge(&test, &ada, run, note).await.unwrap(), 1);
    let page = look(&test, &bob).await;
    assert!(open(&page).is_empty());
    let (id, by, kept) = acknowledged(&page);
    assert_eq!(by, "Ada");
    assert_eq!(kept.as_deref(), Some(note.trim()));
    // Whoever comes second changes nothing, and neither does another failure of the same kind.
    assert_eq!(acknowledge(&test, &bob, run, "mine").await.unwrap(), 0);
    let again = failed(&test, tenant, FORBIDDEN).await;
    let page = look(&test, &bob).await;
    assert_eq!(acknowledged(&page).0, id);
    assert_eq!(quiet(&page)[0].1.run, again);
    // A failure of another kind has been looked at by nobody.
    let other = failed(&test, tenant, FailureCode::Throttled).await;
    let page = look(&test, &bob).await;
    assert_eq!(open(&page)[0].1.run, other);
    assert!(quiet(&page).is_empty());
    failed(&test, tenant, FORBIDDEN).await;

    for _ in 0..2 {
        overview::take_back(&bob, &test.db, id).await.unwrap();
    }
    let page = look(&test, &ada).await;
    assert!(quiet(&page).is_empty());
    assert_eq!(open(&page)[0].1.standing, Standing::New);

    let told = told(&test, &ada).await;
    let told: Vec<_> = told
        .iter()
        .map(|row| (row.actor.as_str(), row.action.as_str()))
        .collect();
    let (done, undone) = (
        AuditAction::TroubleAcknowledge.as_str(),
        AuditAction::TroubleTakeBack.as_str(),
    );
    assert_eq!(told, [("Bob", undone), ("Ada", done)]);
}

#[tokio::test]
async fn a_success_resolves_and_the_same_failure_after_it_came_back() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let roles = [(contoso, Role::Owner), (fabrikam, Role::Owner)];
    let ada = test.person("Ada", &roles).await;
    let bob = test.person("Bob", &roles).await;
    let first = failed(&test, contoso, FORBIDDEN).await;
    acknowledge(&test, &ada, first, "").await.unwrap();
    // Successes elsewhere, and of something else, resolve nothing.
    succeeded(&test, fabrikam).await;
    let verify = OperationType::TenantVerify;
    ended(&test, contoso, verify, Outcome::Succeeded, vec![]).await;
    assert_eq!(acknowledged(&look(&test, &ada).await).1, "Ada");

    let good = succeeded(&test, contoso).await;
    let page = look(&test, &ada).await;
    assert!(open(&page).is_empty() && quiet(&page).is_empty());
    let by: RunId = sqlx::query_scalar(
        "select a.resolved_by_run_id from trouble_acknowledgements a join operation_runs r on r.id = a.resolved_by_run_id
         where a.ended_at = r.completed_at",
    )
    .fetch_one(test.sql())
    .await
    .unwrap();
    assert_eq!(by, good);
    // What was seen before the success is not what failed after it.
    assert_eq!(acknowledge(&test, &bob, first, "").await.unwrap(), 0);

    let back = failed(&test, contoso, FORBIDDEN).await;
    let came_back = async || {
        let page = look(&test, &bob).await;
        match open(&page).as_slice() {
            [(_, line)] => match &line.standing {
                Standing::CameBack {
                    by, resolved_by, ..
                } => (line.run, by.clone(), *resolved_by),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(came_back().await, (back, "Ada".to_owned(), good));
    assert_eq!(acknowledge(&test, &bob, back, "again").await.unwrap(), 1);
    let (id, by, _) = acknowledged(&look(&test, &ada).await);
    assert_eq!(by, "Bob");
    overview::take_back(&ada, &test.db, id).await.unwrap();
    assert_eq!(came_back().await.1, "Ada");
    // Another way to fail has not been there before.
    failed(&test, contoso, FailureCode::Throttled).await;
    assert_eq!(open(&look(&test, &bob).await)[0].1.standing, Standing::New);
}

#[tokio::test]
async fn a_late_success_of_an_earlier_run_resolves_nothing_as_the_failure_is_still_the_last_word() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let early = services::runs::start(&ada, &test.db, tenant, SYNC, domain::Inputs::new())
        .await
        .unwrap();
    let run = failed(&test, tenant, FORBIDDEN).await;
    acknowledge(&test, &ada, run, "").await.unwrap();
    services::runs::update_run(
        &test.db,
        early.run.id,
        domain::Status::Completed,
        Some(Outcome::Succeeded),
        services::runs::RunUpdate::default(),
    )
    .await
    .unwrap();
    assert_eq!(quiet(&look(&test, &ada).await)[0].1.run, run);
}

#[tokio::test]
async fn all_lines_of_a_failure_are_acknowledged_at_once() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let roles = [(contoso, Role::Operator), (fabrikam, Role::Operator)];
    let ada = test.person("Ada", &roles).await;
    let runs = [
        failed(&test, contoso, FORBIDDEN).await,
        failed(&test, fabrikam, FORBIDDEN).await,
    ];
    let twice = [runs[1], runs[0], runs[1]];
    let done = overview::acknowledge(&ada, &test.db, FORBIDDEN, &twice, "both").await;
    assert_eq!(done.unwrap(), 2);
    let page = look(&test, &ada).await;
    assert!(open(&page).is_empty());
    assert_eq!(quiet(&page).len(), 2);
    // One that was settled meanwhile does not keep the others from it.
    let page = [failed(&test, contoso, FailureCode::Throttled).await, {
        let settled = failed(&test, fabrikam, FailureCode::Throttled).await;
        succeeded(&test, fabrikam).await;
        settled
    }];
    let done = overview::acknowledge(&ada, &test.db, FailureCode::Throttled, &page, "").await;
    assert_eq!(done.unwrap(), 1);
}

#[tokio::test]
async fn a_note_is_one_short_line_without_secrets() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let run = failed(&test, tenant, FORBIDDEN).await;
    for (note, why) in [
        ("ü".repeat(201), "longer than 200 characters"),
        ("two\nlines".to_owned(), "can't be shown"),
        ("a\u{0}b".to_owned(), "can't be shown"),
        ("\u{1b}[31mred".to_owned(), "can't be shown"),
        ("next\u{85}line".to_owned(), "can't be shown"),
    ] {
        match acknowledge(&test, &ada, run, &note).await {
            Err(ServiceError::Invalid(told)) => assert!(told.contains(why), "{told}"),
            other => panic!("{note:?}: {other:?}"),
        }
    }
    assert!(quiet(&look(&test, &ada).await).is_empty());
    for (note, kept) in [
        ("ü".repeat(200), Some("ü".repeat(200))),
        ("   ".to_owned(), None),
        ("pwd=hunter2".to_owned(), Some("pwd=[redacted]".to_owned())),
    ] {
        assert_eq!(acknowledge(&test, &ada, run, &note).await.unwrap(), 1);
        let (id, _, stored) = acknowledged(&look(&test, &ada).await);
        assert_eq!(stored, kept);
        overview::take_back(&ada, &test.db, id).await.unwrap();
    }
}

#[tokio::test]
async fn who_may_not_start_the_operation_may_not_acknowledge_and_strangers_find_nothing() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test.person("Ada", &[(contoso, Role::Owner)]).await;
    let rea = test
        .person("Rea", &[(contoso, Role::Readonly), (fabrikam, Role::Owner)])
        .await;
    let sam = test.person("Sam", &[(fabrikam, Role::Owner)]).await;
    let theirs = failed(&test, contoso, FORBIDDEN).await;
    let own = failed(&test, fabrikam, FORBIDDEN).await;

    let page = look(&test, &rea).await;
    let may: Vec<_> = open(&page)
        .iter()
        .map(|(_, line)| (line.run, line.may_acknowledge))
        .collect();
    assert_eq!(may, [(own, true), (theirs, false)]);
    let refused = acknowledge(&test, &rea, theirs, "").await;
    assert!(
        matches!(refused, Err(ServiceError::Forbidden(_))),
        "{refused:?}"
    );
    let mixed = overview::acknowledge(&rea, &test.db, FORBIDDEN, &[own, theirs], "").await;
    assert!(
        matches!(mixed, Err(ServiceError::Forbidden(_))),
        "{mixed:?}"
    );
    for runs in [vec![theirs], vec![own, theirs], vec![RunId(424_242)]] {
        let unseen = overview::acknowledge(&sam, &test.db, FORBIDDEN, &runs, "").await;
        assert!(matches!(unseen, Err(ServiceError::NotFound)), "{unseen:?}");
    }
    let none = overview::acknowledge(&ada, &test.db, FORBIDDEN, &[], "").await;
    assert!(matches!(none, Err(ServiceError::Invalid(_))), "{none:?}");
    let other = overview::acknowledge(&ada, &test.db, FailureCode::Network, &[theirs], "").await;
    assert!(matches!(other, Err(ServiceError::Invalid(_))), "{other:?}");
    let good = succeeded(&test, contoso).await;
    let good = overview::acknowledge(&ada, &test.db, FailureCode::InternalError, &[good], "").await;
    assert!(matches!(good, Err(ServiceError::Invalid(_))), "{good:?}");
    assert_eq!(
        test.number("select count(*) from trouble_acknowledgements")
            .await,
        0
    );

    let theirs = failed(&test, contoso, FORBIDDEN).await;
    acknowledge(&test, &ada, theirs, "").await.unwrap();
    let (id, ..) = acknowledged(&look(&test, &ada).await);
    let refused = overview::take_back(&rea, &test.db, id).await;
    assert!(
        matches!(refused, Err(ServiceError::Forbidden(_))),
        "{refused:?}"
    );
    let unseen = overview::take_back(&sam, &test.db, id).await;
    assert!(matches!(unseen, Err(ServiceError::NotFound)), "{unseen:?}");
    assert!(quiet(&look(&test, &sam).await).is_empty());
    assert_eq!(acknowledged(&look(&test, &rea).await).0, id);
    let told = told(&test, &ada).await;
    let refusals = told.iter().filter(|row| row.reason.is_some()).count();
    assert_eq!((told.len(), refusals), (4, 3), "{told:?}");
}

#[tokio::test]
async fn several_people_at_once_make_one_acknowledgement() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let roles = [(contoso, Role::Operator), (fabrikam, Role::Operator)];
    let ada = test.person("Ada", &roles).await;
    let bob = test.person("Bob", &roles).await;
    for _ in 0..8 {
        let one = failed(&test, contoso, FORBIDDEN).await;
        let other = failed(&test, fabrikam, FORBIDDEN).await;
        let (forth, back) = ([one, other], [other, one]);
        let (adas, bobs, late) = tokio::join!(
            overview::acknowledge(&ada, &test.db, FORBIDDEN, &forth, "Ada's"),
            overview::acknowledge(&bob, &test.db, FORBIDDEN, &back, "Bob's"),
            acknowledge(&test, &bob, one, "late"),
        );
        assert_eq!(adas.unwrap() + bobs.unwrap() + late.unwrap(), 2);
        assert_eq!(quiet(&look(&test, &ada).await).len(), 2);
        succeeded(&test, contoso).await;
        succeeded(&test, fabrikam).await;
    }
    let events = "select count(*) from audit_events where action = 'trouble.acknowledge'";
    assert_eq!(test.number(events).await, 16);
}

#[tokio::test]
async fn a_success_that_is_being_written_is_waited_for() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let run = failed(&test, tenant, FORBIDDEN).await;
    let next = services::runs::start(&ada, &test.db, tenant, SYNC, domain::Inputs::new())
        .await
        .unwrap();
    // As a run ends: under its tenant's lock.
    let mut ending = test.sql().begin().await.unwrap();
    for statement in [
        "select from tenants where id = $2 for no key update",
        "update operation_runs set status = 'completed', outcome = 'succeeded' where id = $1 and tenant_id = $2",
    ] {
        sqlx::query(statement)
            .bind(next.run.id)
            .bind(tenant)
            .execute(&mut *ending)
            .await
            .unwrap();
    }
    let (db, caller) = (test.db.clone(), ada.clone());
    let asked =
        tokio::spawn(
            async move { overview::acknowledge(&caller, &db, FORBIDDEN, &[run], "").await },
        );
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while test.number(waiting).await == 0 && !asked.is_finished() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ending.commit().await.unwrap();
    assert_eq!(asked.await.unwrap().unwrap(), 0);
    let active = "select count(*) from trouble_acknowledgements where ended_at is null";
    assert_eq!(test.number(active).await, 0);
}

#[tokio::test]
async fn the_history_can_not_be_rewritten_and_goes_with_its_tenant() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Operator)]).await;
    let run = failed(&test, tenant, FORBIDDEN).await;
    acknowledge(&test, &bob, run, "").await.unwrap();
    succeeded(&test, tenant).await;
    let run = failed(&test, tenant, FORBIDDEN).await;
    acknowledge(&test, &bob, run, "").await.unwrap();
    for statement in [
        "delete from trouble_acknowledgements",
        "update trouble_acknowledgements set note = 'other'",
        "update trouble_acknowledgements set ended_at = now() where ended_at is null",
        "update trouble_acknowledgements set ended_at = null, resolved_by_run_id = null where ended_at is not null",
        "insert into trouble_acknowledgements (tenant_id, type, code, run_id, user_name)
         select tenant_id, type, code, run_id, 'Eve' from trouble_acknowledgements where ended_at is null",
    ] {
        let refused = sqlx::query(statement).execute(test.sql()).await;
        refused.expect_err(statement);
    }
    // Who acknowledged may leave: the name stays.
    sqlx::query("delete from users where name = 'Bob'")
        .execute(test.sql())
        .await
        .unwrap();
    assert_eq!(acknowledged(&look(&test, &ada).await).1, "Bob");
    sqlx::query("delete from tenants")
        .execute(test.sql())
        .await
        .unwrap();
    assert_eq!(
        test.number("select count(*) from trouble_acknowledgements")
            .await,
        0
    );
}
