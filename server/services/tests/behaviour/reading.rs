//! Lists, pages and notifications show what their reader may see, and nothing else.

use chrono::DateTime;
use domain::{
    OperationType, Outcome, Role, RunCursor, RunId, Status,
    identity::Inputs,
    views::{
        run_list::{Last, OutcomeFilter},
        runs::{RunQuery, Waiting},
    },
};
use serde_json::json;
use services::{
    Caller, ServiceError, access, inventory, notifications,
    runs::{self, RunUpdate},
    testing::TestDatabase,
};

async fn start(
    test: &TestDatabase,
    caller: &Caller,
    tenant: domain::TenantId,
    salt: usize,
) -> RunId {
    let inputs: Inputs = json!({ "salt": salt }).as_object().cloned().unwrap();
    runs::start(
        caller,
        &test.db,
        tenant,
        OperationType::InventorySync,
        inputs,
    )
    .await
    .unwrap()
    .run
    .id
}

#[tokio::test]
async fn another_tenants_run_does_not_exist() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test.person("Ada", &[(a, Role::Owner)]).await;
    let bob = test.person("Bob", &[(b, Role::Owner)]).await;
    let run = start(&test, &ada, a, 1).await;
    assert!(matches!(
        runs::detail(&bob, &test.db, run).await,
        Err(ServiceError::NotFound)
    ));
    assert!(
        runs::list(&bob, &test.db, &RunQuery::default())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let query = RunQuery {
        tenant: Some(a),
        ..RunQuery::default()
    };
    assert!(matches!(
        runs::list(&bob, &test.db, &query).await,
        Err(ServiceError::NotFound)
    ));
    let query = domain::views::inventory::PolicyQuery::default();
    assert!(matches!(
        inventory::list(&bob, &test.db, a, &query).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn pages_of_runs_follow_each_other_without_gap_or_repeat_in_both_directions() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let mut started = Vec::new();
    for salt in 0..120 {
        started.push(start(&test, &ada, tenant, salt).await);
    }
    started.reverse();
    let page = |cursor: Option<String>| {
        let (ada, db) = (ada.clone(), test.db.clone());
        async move {
            let cursor = cursor.map(|cursor| cursor.parse::<RunCursor>().unwrap());
            runs::list(
                &ada,
                &db,
                &RunQuery {
                    cursor,
                    ..RunQuery::default()
                },
            )
            .await
            .unwrap()
        }
    };
    let first = page(None).await;
    assert_eq!(first.newer, None);
    let second = page(first.older.clone()).await;
    let third = page(second.older.clone()).await;
    assert_eq!((third.rows.len(), third.older.clone()), (20, None));
    let seen: Vec<RunId> = [&first, &second, &third]
        .into_iter()
        .flat_map(|p| &p.rows)
        .map(|r| r.id)
        .collect();
    assert_eq!(seen, started);
    let back = page(third.newer.clone()).await;
    assert_eq!(back.rows, second.rows);
    let front = page(back.newer.clone()).await;
    assert_eq!((front.rows, front.newer), (first.rows, None));
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test
        .person("Ada", &[(a, Role::Owner), (b, Role::Owner)])
        .await;
    let bob = test.person("Bob", &[(a, Role::Owner)]).await;
    let done = start(&test, &ada, a, 1).await;
    runs::update_run(
        &test.db,
        done,
        Status::Completed,
        Some(Outcome::Failed),
        RunUpdate::default(),
    )
    .await
    .unwrap();
    let queued = start(&test, &ada, b, 2).await;
    let bobs = start(&test, &bob, a, 3).await;
    let ids = |query: RunQuery| {
        let (ada, db) = (ada.clone(), test.db.clone());
        async move {
            let page = runs::list(&ada, &db, &query).await.unwrap();
            page.rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        }
    };
    let all = RunQuery::default;
    assert_eq!(
        ids(RunQuery {
            status: Some(Status::Queued),
            ..all()
        })
        .await,
        [bobs, queued]
    );
    assert_eq!(
        ids(RunQuery {
            outcome: Some(Outcome::Failed.into()),
            ..all()
        })
        .await,
        [done]
    );
    let in_part = start(&test, &ada, b, 4).await;
    let state = (Status::Completed, Some(Outcome::PartiallySucceeded));
    runs::update_run(&test.db, in_part, state.0, state.1, RunUpdate::default())
        .await
        .unwrap();
    sqlx::query("alter table operation_runs disable trigger user")
        .execute(test.sql())
        .await
        .unwrap();
    sqlx::query("update operation_runs set created_at = now() - interval '2 hours' where id = $1")
        .bind(done)
        .execute(test.sql())
        .await
        .unwrap();
    let bad = |last: Option<Last>| RunQuery {
        outcome: Some(OutcomeFilter::NotSucceeded),
        last,
        ..all()
    };
    assert_eq!(ids(bad(None)).await, [in_part, done]);
    assert_eq!(ids(bad(Some(Last::Day))).await, [in_part, done]);
    assert_eq!(ids(bad(Some(Last::Hour))).await, [in_part]);
    assert_eq!(
        ids(RunQuery {
            tenant: Some(a),
            ..all()
        })
        .await,
        [bobs, done]
    );
    assert_eq!(
        ids(RunQuery {
            mine: true,
            ..all()
        })
        .await,
        [in_part, queued, done]
    );
    assert_eq!(
        ids(RunQuery {
            operation_type: Some("tenant.verify".into()),
            ..all()
        })
        .await,
        []
    );
}

#[tokio::test]
async fn a_text_that_the_database_can_not_hold_is_the_askers_mistake() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let query = RunQuery {
        operation_type: Some("a\0b".into()),
        ..RunQuery::default()
    };
    let refused = runs::list(&ada, &test.db, &query).await;
    assert!(
        matches!(refused, Err(ServiceError::Invalid(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_queued_run_says_what_it_waits_for() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let first = start(&test, &ada, tenant, 1).await;
    let second = start(&test, &ada, tenant, 2).await;
    let waiting = |run| {
        let (ada, db) = (ada.clone(), test.db.clone());
        async move { runs::detail(&ada, &db, run).await.unwrap().waiting }
    };
    let never = Waiting::NoWorker { last_seen: None };
    assert_eq!(waiting(first).await, Some(never));
    sqlx::query(
        "insert into apalis.workers (id, worker_type, storage_name, layers, last_seen)
         values ('w', $1, 's', '', '2026-01-01 00:00Z')",
    )
    .bind(runs::QUEUE)
    .execute(test.sql())
    .await
    .unwrap();
    let last_seen = DateTime::parse_from_rfc3339("2026-01-01T00:00:00Z").ok();
    let last_seen = last_seen.map(|at| at.to_utc());
    let gone = Waiting::NoWorker { last_seen };
    assert_eq!(waiting(first).await, Some(gone));
    sqlx::query("update apalis.workers set last_seen = now()")
        .execute(test.sql())
        .await
        .unwrap();
    assert_eq!(waiting(second).await, Some(Waiting::InQueue { ahead: 1 }));
    runs::claim(&test.db, first, 1).await.unwrap();
    runs::claim(&test.db, second, 1).await.unwrap();
    let busy = Waiting::TenantBusy {
        run: first,
        operation_type: "inventory.sync".into(),
        usually_left: None,
    };
    assert_eq!(waiting(second).await, Some(busy));
    // Three that took ten minutes each tell how long the one before it usually takes.
    sqlx::query(
        "insert into operation_runs
             (tenant_id, initiator_name, type, status, outcome, run_identity_hash, started_at, completed_at)
         select $1, 'System', 'inventory.sync', 'completed', 'succeeded', md5(i::text) || md5(i::text),
                now() - interval '10 minutes', now()
         from generate_series(1, 3) i",
    )
    .bind(tenant)
    .execute(test.sql())
    .await
    .unwrap();
    let Some(Waiting::TenantBusy { usually_left, .. }) = waiting(second).await else {
        panic!("it waits for the first");
    };
    assert!(
        usually_left.is_some_and(|left| (540..=600).contains(&left)),
        "{usually_left:?}"
    );
    sqlx::query(
        "update operation_runs set lease_expires_at = now() - interval '1 second' where id = $1",
    )
    .bind(first)
    .execute(test.sql())
    .await
    .unwrap();
    assert_eq!(waiting(second).await, Some(Waiting::InQueue { ahead: 0 }));
}

#[tokio::test]
async fn each_run_notifies_its_initiator_once_when_queued_and_once_when_ended() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Owner)]).await;
    let run = start(&test, &ada, tenant, 1).await;
    runs::update_run(&test.db, run, Status::Running, None, RunUpdate::default())
        .await
        .unwrap();
    let end = Some(Outcome::PartiallySucceeded);
    runs::update_run(&test.db, run, Status::Completed, end, RunUpdate::default())
        .await
        .unwrap();
    let page = notifications::list(&ada, &test.db, None).await.unwrap();
    let sentences: Vec<_> = page.rows.iter().map(|row| row.sentence()).collect();
    assert_eq!(
        sentences,
        [
            "Inventory sync for Contoso: partially succeeded",
            "Inventory sync for Contoso: queued"
        ]
    );
    assert_eq!(page.unread, 2);
    assert!(
        notifications::list(&bob, &test.db, None)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    notifications::mark_run_read(&bob, &test.db, run)
        .await
        .unwrap();
    let frame = notifications::frame(&ada, &test.db).await.unwrap();
    assert_eq!((frame.unread, frame.unread_bad), (2, 1));
    notifications::mark_run_read(&ada, &test.db, run)
        .await
        .unwrap();
    let frame = notifications::frame(&ada, &test.db).await.unwrap();
    assert_eq!((frame.unread, frame.unread_bad), (0, 0));
}

#[tokio::test]
async fn a_session_opens_with_the_right_password_only_and_ends_at_sign_out() {
    let test = TestDatabase::new().await;
    let new = access::NewUser {
        email: "Ada@example.test".into(),
        name: "Ada".into(),
        password: "correct horse battery".to_owned().into(),
    };
    let user = access::create_user(&test.db, new).await.unwrap();
    let attempt =
        |password: &str| access::sign_in(&test.db, "ada@EXAMPLE.test", password.to_owned().into());
    assert!(matches!(
        attempt("wrong").await.unwrap(),
        access::SignIn::Refused
    ));
    let access::SignIn::Welcome(token) = attempt("correct horse battery").await.unwrap() else {
        panic!("the password is right");
    };
    let caller = access::by_session(&test.db, &token).await.unwrap().unwrap();
    assert_eq!(caller.user_id, user);
    let stored: Vec<u8> = sqlx::query_scalar("select token_hash from sessions")
        .fetch_one(test.sql())
        .await
        .unwrap();
    assert_ne!(stored, token.as_bytes());
    let hash: String = sqlx::query_scalar("select password_hash from users")
        .fetch_one(test.sql())
        .await
        .unwrap();
    assert!(hash.starts_with("$argon2id$"));
    access::sign_out(&test.db, &access::Origin::default(), &token)
        .await
        .unwrap();
    assert_eq!(access::by_session(&test.db, &token).await.unwrap(), None);
    for _ in 0..10 {
        attempt("wrong").await.unwrap();
    }
    let closed = attempt("correct horse battery").await.unwrap();
    assert!(matches!(closed, access::SignIn::Throttled));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_guesses_at_once_no_more_than_ten_are_looked_at() {
    let test = TestDatabase::new().await;
    let guess = |number: usize| {
        let password = format!("guess {number}");
        let db = test.db.clone();
        async move { access::sign_in(&db, "ada@example.test", password.into()).await }
    };
    let answers = futures::future::try_join_all((0..16).map(guess))
        .await
        .unwrap();
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, access::SignIn::Refused))
        .count();
    let closed = answers
        .iter()
        .filter(|answer| matches!(answer, access::SignIn::Throttled))
        .count();
    assert_eq!((refused, closed), (10, 6));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_an_unmigrated_one_is_not_ready() {
    let empty = TestDatabase::unmigrated().await;
    assert!(empty.db.is_ready().await.is_err());
    let test = TestDatabase::new().await;
    test.db.is_ready().await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (29991231000000, 'from the future', true, '\\x00', 0)",
    )
    .execute(test.sql())
    .await
    .unwrap();
    let error = test.db.migrate().await.unwrap_err().to_string();
    assert!(error.contains("newer"), "{error}");
    assert!(test.db.is_ready().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_syncs_at_once_none_calls_vanished_what_the_other_has_seen() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let policy = |id: &str| inventory::FoundPolicy {
        graph_id: id.to_owned(),
        name: id.to_owned(),
        platform: None,
        settings_count: None,
        last_modified_at: None,
        content: serde_json::json!({}),
        content_hash: "0".repeat(64),
    };
    let (older, newer) = (RunId(1), RunId(2));
    let store = |run, id| {
        let page = [policy(id)];
        let db = test.db.clone();
        async move { inventory::store_page(&db, tenant, run, "compliance", &page).await }
    };
    store(older, "a").await.unwrap();
    store(newer, "a").await.unwrap();
    store(newer, "b").await.unwrap();
    store(older, "b").await.unwrap();
    let older_ends = inventory::kind_read(&test.db, tenant, older, "compliance").await;
    let newer_ends = inventory::kind_read(&test.db, tenant, newer, "compliance").await;
    assert_eq!((older_ends.unwrap(), newer_ends.unwrap()), (0, 0));
}
