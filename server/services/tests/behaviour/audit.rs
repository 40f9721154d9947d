//! The audit log: what is told, who reads it, and that nothing in it can be changed.

use domain::{
    AuditAction, AuditCursor, AuditResult, OperationType, Role, TenantId,
    identity::Inputs,
    views::audit::{AuditQuery, AuditRow},
};
use services::{
    Caller, ServiceError,
    access::{self, NewUser, Origin},
    audit, overview, runs, schedules,
    testing::TestDatabase,
};

async fn start(test: &TestDatabase, who: &Caller, tenant: TenantId, salt: usize) {
    let inputs: Inputs = serde_json::json!({ "salt": salt })
        .as_object()
        .cloned()
        .unwrap();
    let operation = OperationType::InventorySync;
    _ = runs::start(who, &test.db, tenant, operation, inputs).await;
}

async fn seen(test: &TestDatabase, reader: &Caller, query: AuditQuery) -> Vec<AuditRow> {
    audit::list(reader, &test.db, &query).await.unwrap().rows
}

fn told(rows: &[AuditRow]) -> Vec<(&str, AuditAction, AuditResult)> {
    rows.iter()
        .map(|row| (row.actor.as_str(), row.action, row.result))
        .collect()
}

#[tokio::test]
async fn a_start_and_a_refused_start_are_told_with_who_from_where_and_why() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let mut ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Readonly)]).await;
    ada.origin = Origin {
        address: Some("203.0.113.7".parse().unwrap()),
        means: domain::Means::Session,
    };
    start(&test, &ada, tenant, 1).await;
    start(&test, &bob, tenant, 2).await;
    // Another request for the same work starts nothing, so there is nothing to tell.
    start(&test, &ada, tenant, 1).await;
    let query = AuditQuery {
        action: Some(AuditAction::RunStart),
        ..AuditQuery::default()
    };
    let rows = seen(&test, &ada, query).await;
    assert_eq!(
        told(&rows),
        [
            ("Bob", AuditAction::RunStart, AuditResult::Refused),
            ("Ada", AuditAction::RunStart, AuditResult::Done),
        ]
    );
    let reason = rows[0].reason.as_deref().unwrap();
    assert!(
        reason.contains("an operator or owner can start it"),
        "{reason}"
    );
    assert_eq!(rows[1].address.as_deref(), Some("203.0.113.7"));
    assert_eq!(rows[1].tenant.as_deref(), Some("Contoso"));
    assert_eq!(rows[1].subject.as_deref(), Some("Inventory sync"));
    let run = test.number("select id from operation_runs").await;
    assert_eq!(rows[1].href(), Some(format!("/runs/{run}")));
}

#[tokio::test]
async fn an_event_is_there_exactly_if_its_change_is() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    // The event can't be written, so the run must not be there either.
    sqlx::query("alter table audit_events add constraint no_starts check (action <> 'run.start')")
        .execute(test.sql())
        .await
        .unwrap();
    start(&test, &ada, tenant, 1).await;
    assert_eq!(test.number("select count(*) from operation_runs").await, 0);
    assert_eq!(test.number("select count(*) from apalis.jobs").await, 0);
}

#[tokio::test]
async fn the_log_is_only_added_to_and_outlives_its_tenant() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    start(&test, &ada, tenant, 1).await;
    let before = test.number("select count(*) from audit_events").await;
    for statement in [
        "update audit_events set actor_name = 'Nobody'",
        "delete from audit_events",
        "truncate audit_events",
        "delete from audit_events where false",
    ] {
        let refused = sqlx::query(statement).execute(test.sql()).await;
        let refused = refused.expect_err(statement).to_string();
        assert!(refused.contains("only added to"), "{refused}");
    }
    sqlx::query("delete from operation_runs")
        .execute(test.sql())
        .await
        .unwrap();
    sqlx::query("delete from tenants")
        .execute(test.sql())
        .await
        .unwrap();
    assert_eq!(
        test.number("select count(*) from audit_events").await,
        before
    );
    let left = "select count(*) from audit_events where tenant_name = 'Contoso'";
    assert!(test.number(left).await > 0);
}

#[tokio::test]
async fn owners_see_what_everybody_did_on_their_tenants_and_others_what_they_did_themselves() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test
        .person("Ada", &[(a, Role::Owner), (b, Role::Operator)])
        .await;
    let bob = test
        .person("Bob", &[(a, Role::Operator), (b, Role::Owner)])
        .await;
    let eve = test.person("Eve", &[]).await;
    start(&test, &ada, a, 1).await;
    start(&test, &ada, b, 2).await;
    start(&test, &bob, a, 3).await;
    start(&test, &bob, b, 4).await;
    let starts = AuditQuery {
        action: Some(AuditAction::RunStart),
        ..AuditQuery::default()
    };
    let of = |rows: Vec<AuditRow>| -> Vec<(String, String)> {
        rows.into_iter()
            .map(|row| (row.actor, row.tenant.unwrap()))
            .collect()
    };
    let pair = |actor: &str, tenant: &str| (actor.to_owned(), tenant.to_owned());
    assert_eq!(
        of(seen(&test, &ada, starts.clone()).await),
        [
            pair("Bob", "Contoso"),
            pair("Ada", "Fabrikam"),
            pair("Ada", "Contoso")
        ]
    );
    assert_eq!(
        of(seen(&test, &bob, starts.clone()).await),
        [
            pair("Bob", "Fabrikam"),
            pair("Bob", "Contoso"),
            pair("Ada", "Fabrikam")
        ]
    );
    assert!(seen(&test, &eve, starts.clone()).await.is_empty());
    let mine = AuditQuery {
        tenant: Some(b),
        ..starts.clone()
    };
    assert_eq!(
        of(seen(&test, &ada, mine.clone()).await),
        [pair("Ada", "Fabrikam")]
    );
    assert!(matches!(
        audit::list(&eve, &test.db, &mine).await,
        Err(ServiceError::NotFound)
    ));
    let bobs = AuditQuery {
        person: Some(bob.user_id),
        ..starts
    };
    assert_eq!(of(seen(&test, &ada, bobs).await), [pair("Bob", "Contoso")]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat_in_both_directions() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    for salt in 0..110 {
        start(&test, &ada, tenant, salt).await;
    }
    let page = |cursor: Option<String>| {
        let (ada, db) = (ada.clone(), test.db.clone());
        async move {
            let cursor = cursor.map(|cursor| cursor.parse::<AuditCursor>().unwrap());
            let action = Some(AuditAction::RunStart);
            let query = AuditQuery {
                action,
                cursor,
                ..AuditQuery::default()
            };
            audit::list(&ada, &db, &query).await.unwrap()
        }
    };
    let first = page(None).await;
    assert_eq!((first.rows.len(), first.newer.clone()), (50, None));
    let second = page(first.older.clone()).await;
    let third = page(second.older.clone()).await;
    assert_eq!((third.rows.len(), third.older.clone()), (10, None));
    let ids: Vec<_> = [&first, &second, &third]
        .into_iter()
        .flat_map(|page| page.rows.iter().map(|row| row.id))
        .collect();
    assert!(ids.is_sorted_by(|newer, older| newer > older));
    assert_eq!(ids.len(), 110);
    let back = page(third.newer.clone()).await;
    assert_eq!(back.rows, second.rows);
    let front = page(back.newer.clone()).await;
    assert_eq!((front.rows, front.newer), (first.rows, None));
    let query = AuditQuery {
        action: Some(AuditAction::RunStart),
        ..AuditQuery::default()
    };
    let exported = audit::export_page(&ada, &test.db, &query).await.unwrap();
    assert_eq!(exported.len(), 110);
}

#[tokio::test]
async fn a_refused_sign_in_keeps_nothing_of_what_was_typed() {
    let test = TestDatabase::new().await;
    let new = NewUser {
        email: "ada@example.test".into(),
        name: "Ada".into(),
        password: "correct horse battery".to_owned().into(),
    };
    let user = access::create_user(&test.db, new).await.unwrap();
    let origin = Origin {
        address: Some("2001:db8::7".parse().unwrap()),
        means: domain::Means::Session,
    };
    for (email, password) in [
        ("ada@example.test", "typed by mistake"),
        ("typed-by-mistake@example.test", "correct horse battery"),
    ] {
        let attempt =
            access::sign_in_from(&test.db, &origin, email, password.to_owned().into()).await;
        assert!(matches!(attempt, Ok(access::SignIn::Refused)));
    }
    let password = "correct horse battery".to_owned().into();
    let attempt = access::sign_in_from(&test.db, &origin, "ada@example.test", password).await;
    let Ok(access::SignIn::Welcome(token)) = attempt else {
        panic!("{attempt:?}");
    };
    access::sign_out(&test.db, &origin, &token).await.unwrap();
    let all: Vec<String> = sqlx::query_scalar("select e::text from audit_events e order by id")
        .fetch_all(test.sql())
        .await
        .unwrap();
    assert_eq!(all.len(), 5, "{all:?}");
    let all = all.join("\n");
    for typed in ["typed", "correct", "@", &token] {
        assert!(!all.contains(typed), "{typed} in {all}");
    }
    let ada = access::by_session(&test.db, &token).await.unwrap();
    assert!(ada.is_none());
    let ada = Caller {
        user_id: user,
        ..test.person("Ada", &[]).await
    };
    let rows = seen(&test, &ada, AuditQuery::default()).await;
    let actions: Vec<_> = rows.iter().map(|row| row.action).collect();
    // Somebody's try at her account is told to her; one at no account to nobody.
    assert_eq!(
        actions,
        [
            AuditAction::SignOut,
            AuditAction::SignIn,
            AuditAction::SignInRefused,
            AuditAction::PersonCreate
        ]
    );
    assert_eq!(rows[2].actor, "Somebody");
    assert_eq!(rows[2].address.as_deref(), Some("2001:db8::7"));
}

#[tokio::test]
async fn schedules_and_expectations_leave_their_lines_and_so_do_refused_ones() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Readonly)]).await;
    let schedule = || schedules::NewSchedule {
        name: "Nightly".into(),
        cron: "0 2 * * *".into(),
        time_zone: "UTC".into(),
        kinds: Vec::new(),
        keep: 7,
    };
    let id = schedules::create(&ada, &test.db, tenant, schedule())
        .await
        .unwrap();
    _ = schedules::create(&bob, &test.db, tenant, schedule()).await;
    schedules::set_enabled(&ada, &test.db, tenant, id, false)
        .await
        .unwrap();
    schedules::set_enabled(&ada, &test.db, tenant, id, true)
        .await
        .unwrap();
    _ = schedules::delete(&bob, &test.db, tenant, id).await;
    schedules::delete(&ada, &test.db, tenant, id).await.unwrap();
    let operation = OperationType::InventorySync;
    overview::expect(&ada, &test.db, tenant, operation, Some(24))
        .await
        .unwrap();
    let rows = seen(&test, &ada, AuditQuery::default()).await;
    let (done, refused) = (AuditResult::Done, AuditResult::Refused);
    assert_eq!(
        told(&rows)[..7],
        [
            ("Ada", AuditAction::ExpectationSet, done),
            ("Ada", AuditAction::ScheduleDelete, done),
            ("Bob", AuditAction::ScheduleDelete, refused),
            ("Ada", AuditAction::ScheduleResume, done),
            ("Ada", AuditAction::SchedulePause, done),
            ("Bob", AuditAction::ScheduleCreate, refused),
            ("Ada", AuditAction::ScheduleCreate, done),
        ]
    );
    assert_eq!(rows[1].subject.as_deref(), Some("Nightly"));
}
