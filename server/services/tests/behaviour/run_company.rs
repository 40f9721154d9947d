//! Who hears of a run's end, which run repeats which, and the items behind the counts.

use domain::{
    FailureCode, FailureGroup, OperationType, Outcome, Role, RunId, Status, SummaryCounts,
    TenantId,
    identity::Inputs,
    views::runs::{ItemOutcome, RunItemQuery},
};
use serde_json::{Value, json};
use services::{
    Caller, ServiceError, access, backups,
    runs::{self, Claim, EndedItem, Item, ItemEnd, Lease, RunUpdate},
    testing::TestDatabase,
};

async fn start(test: &TestDatabase, caller: &Caller, tenant: TenantId) -> RunId {
    let operation = OperationType::InventorySync;
    let answer = runs::start(caller, &test.db, tenant, operation, Inputs::new());
    answer.await.unwrap().run.id
}

async fn end(test: &TestDatabase, run: RunId, outcome: Outcome) {
    let status = Status::Completed;
    let update = RunUpdate::default();
    runs::update_run(&test.db, run, status, Some(outcome), update)
        .await
        .unwrap();
}

async fn told_of(test: &TestDatabase, person: &Caller) -> Vec<String> {
    sqlx::query_scalar("select event from notifications where user_id = $1 order by id")
        .bind(person.user_id)
        .fetch_all(test.sql())
        .await
        .unwrap()
}

#[tokio::test]
async fn who_joins_hears_of_the_end_once_and_the_initiator_stays_who_it_was() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let ben = test.person("Ben", &[(tenant, Role::Readonly)]).await;
    let run = start(&test, &ada, tenant).await;
    runs::follow(&ben, &test.db, run).await.unwrap();
    runs::follow(&ben, &test.db, run).await.unwrap();
    runs::follow(&ada, &test.db, run).await.unwrap();
    let detail = runs::detail(&ben, &test.db, run).await.unwrap();
    let [(name, _)] = detail.followers.joined.as_slice() else {
        panic!("{:?}", detail.followers);
    };
    assert_eq!(name, "Ben");
    assert!(detail.followers.reader);
    assert_eq!(detail.run.initiator_name, "Ada");
    end(&test, run, Outcome::Succeeded).await;
    assert_eq!(told_of(&test, &ben).await, ["succeeded"]);
    assert_eq!(told_of(&test, &ada).await, ["queued", "succeeded"]);
}

#[tokio::test]
async fn who_came_after_those_who_are_named_is_known_to_follow_too() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let ben = test.person("Ben", &[(tenant, Role::Readonly)]).await;
    let run = start(&test, &ada, tenant).await;
    for _ in 0..50 {
        let other = test.person("Other", &[(tenant, Role::Readonly)]).await;
        runs::follow(&other, &test.db, run).await.unwrap();
    }
    let before = runs::detail(&ben, &test.db, run).await.unwrap();
    assert!(!before.followers.reader);
    runs::follow(&ben, &test.db, run).await.unwrap();
    let after = runs::detail(&ben, &test.db, run).await.unwrap();
    assert!(after.followers.reader);
    assert_eq!(after.followers.joined.len(), 50);
}

#[tokio::test]
async fn who_changed_their_mind_or_lost_the_tenant_hears_nothing() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let ben = test.person("Ben", &[(tenant, Role::Operator)]).await;
    let eve = test.person("Eve", &[(tenant, Role::Operator)]).await;
    let run = start(&test, &ada, tenant).await;
    runs::follow(&ben, &test.db, run).await.unwrap();
    runs::unfollow(&ben, &test.db, run).await.unwrap();
    runs::follow(&eve, &test.db, run).await.unwrap();
    sqlx::query("delete from memberships where user_id = $1")
        .bind(eve.user_id)
        .execute(test.sql())
        .await
        .unwrap();
    end(&test, run, Outcome::Failed).await;
    assert!(told_of(&test, &ben).await.is_empty());
    assert!(told_of(&test, &eve).await.is_empty());
}

#[tokio::test]
async fn nobody_joins_a_run_that_has_ended_or_that_they_do_not_see() {
    let test = TestDatabase::new().await;
    let (tenant, other) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let ben = test.person("Ben", &[(tenant, Role::Operator)]).await;
    let eve = test.person("Eve", &[(other, Role::Owner)]).await;
    let run = start(&test, &ada, tenant).await;
    let unseen = runs::follow(&eve, &test.db, run).await.unwrap_err();
    assert!(matches!(unseen, ServiceError::NotFound), "{unseen}");
    end(&test, run, Outcome::Succeeded).await;
    let late = runs::follow(&ben, &test.db, run).await.unwrap_err();
    assert!(late.to_string().contains("ended already"), "{late}");
    assert!(told_of(&test, &ben).await.is_empty());
}

#[tokio::test]
async fn running_again_makes_a_linked_run_of_the_same_work_and_while_it_is_active_answers_with_it()
{
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let first = start(&test, &ada, tenant).await;
    let active = runs::run_again(&ada, &test.db, first, None).await.unwrap();
    assert_eq!((active.run.id, active.created), (first, false));
    end(&test, first, Outcome::Failed).await;
    let again = runs::run_again(&ada, &test.db, first, None).await.unwrap();
    assert!(again.created);
    let twice = runs::run_again(&ada, &test.db, first, None).await.unwrap();
    assert_eq!((twice.run.id, twice.created), (again.run.id, false));
    let (old, new) = (
        runs::detail(&ada, &test.db, first).await.unwrap(),
        runs::detail(&ada, &test.db, again.run.id).await.unwrap(),
    );
    assert_eq!(new.identity_hash, old.identity_hash);
    assert_eq!(new.related.repeats.map(|run| run.id), Some(first));
    assert_eq!(new.related.previous.map(|run| run.id), Some(first));
    assert_eq!(old.related.next.map(|run| run.id), Some(again.run.id));
    let repeated: Vec<RunId> = old.related.repeated_by.iter().map(|run| run.id).collect();
    assert_eq!(repeated, [again.run.id]);
    assert_eq!(test.number("select count(*) from apalis.jobs").await, 2);
}

#[tokio::test]
async fn running_again_needs_the_right_and_what_is_confirmed_where_it_starts_is_not_repeated() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let ben = test.person("Ben", &[(tenant, Role::Readonly)]).await;
    let run = start(&test, &ada, tenant).await;
    end(&test, run, Outcome::Failed).await;
    for refused in [
        runs::run_again(&ben, &test.db, run, None).await,
        runs::retry_failed(&ben, &test.db, run, None).await,
    ] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, ServiceError::Forbidden(_)), "{refused}");
    }
    let nothing = runs::retry_failed(&ada, &test.db, run, None)
        .await
        .unwrap_err();
    assert!(nothing.to_string().contains("No single item"), "{nothing}");
    let operation = OperationType::PolicyDelete;
    let initiator = &runs::Initiator::System;
    let deletion = runs::ensure_run(&test.db, tenant, operation, &Inputs::new(), initiator)
        .await
        .unwrap();
    end(&test, deletion.run_id, Outcome::Failed).await;
    for refused in [
        runs::run_again(&ada, &test.db, deletion.run_id, None).await,
        runs::retry_failed(&ada, &test.db, deletion.run_id, None).await,
    ] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, ServiceError::Invalid(_)), "{refused}");
    }
    assert_eq!(test.number("select count(*) from operation_runs").await, 2);
}

/// What retrying a backup asks for of which so many policies failed.
async fn retried(test: &TestDatabase, ada: &Caller, tenant: TenantId, failed: i32) -> Value {
    let everything = backups::Selection::Everything;
    let backup = backups::back_up_now(ada, &test.db, tenant, everything);
    let run = backup.await.unwrap().run.id;
    end(test, run, Outcome::Failed).await;
    sqlx::query(
        "insert into inventory_policies (tenant_id, kind, graph_id, name, content, content_hash, last_seen_run_id)
         select $1, 'compliance', 'policy ' || i, 'Policy', '{}', 'hash', $2 from generate_series(1, $3) i",
    )
    .bind(tenant)
    .bind(run)
    .bind(failed)
    .execute(test.sql())
    .await
    .unwrap();
    sqlx::query(
        "insert into operation_run_items (run_id, state, kind, item_id, name, code, message)
         select $1, 'failed', 'compliance', 'policy ' || i, 'Policy', 'graph.forbidden', 'Not allowed'
         from generate_series(1, $2) i",
    )
    .bind(run)
    .bind(failed)
    .execute(test.sql())
    .await
    .unwrap();
    let retried = runs::retry_failed(ada, &test.db, run, None).await.unwrap();
    let detail = runs::detail(ada, &test.db, retried.run.id).await.unwrap();
    detail.inputs["selection"].clone()
}

#[tokio::test]
async fn failed_policies_are_retried_one_by_one_and_too_many_by_their_kind() {
    let test = TestDatabase::new().await;
    let (some, many) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test
        .person("Ada", &[(some, Role::Operator), (many, Role::Operator)])
        .await;
    let selection = retried(&test, &ada, some, 1_000).await;
    assert_eq!(selection["policies"].as_array().map(Vec::len), Some(1_000));
    let selection = retried(&test, &ada, many, 1_001).await;
    assert_eq!(selection, json!({ "kinds": ["compliance"] }));
}

fn ended(name: &str, end: ItemEnd) -> EndedItem {
    EndedItem {
        item: Item {
            kind: Some("compliance"),
            id: Some(name.to_owned()),
            name: name.to_owned(),
        },
        note: None,
        end,
    }
}

fn failed(name: &str, message: &str) -> EndedItem {
    ended(
        name,
        ItemEnd::Failed {
            code: FailureCode::Forbidden,
            message: message.to_owned(),
        },
    )
}

async fn claimed(test: &TestDatabase, run: RunId) -> Lease {
    match runs::claim(&test.db, run, 10).await.unwrap() {
        Claim::Acquired(lease) => lease,
        other => panic!("{other:?}"),
    }
}

/// Reports items with the counts that they make up.
async fn report(test: &TestDatabase, lease: &Lease, items: Vec<EndedItem>, counts: SummaryCounts) {
    let failures = items.iter().filter_map(|item| match &item.end {
        ItemEnd::Failed { code, message } => Some(FailureGroup::new(*code, message.clone())),
        _ => None,
    });
    let update = RunUpdate {
        counts: Some(counts),
        failures: failures.collect(),
        items: items.clone(),
        ..RunUpdate::default()
    };
    lease.report(&test.db, update).await.unwrap();
}

fn counts(success: u32, failed: u32) -> SummaryCounts {
    SummaryCounts {
        total: success + failed,
        success,
        failed,
        skipped: 0,
    }
}

async fn names(
    test: &TestDatabase,
    reader: &Caller,
    run: RunId,
    query: RunItemQuery,
) -> Vec<String> {
    let page = runs::items(reader, &test.db, run, &query).await.unwrap();
    page.rows.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn items_are_filtered_searched_and_paged_and_are_nobody_elses_business() {
    let test = TestDatabase::new().await;
    let (tenant, other) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let eve = test.person("Eve", &[(other, Role::Owner)]).await;
    let run = start(&test, &ada, tenant).await;
    let lease = claimed(&test, run).await;
    let mut items: Vec<_> = (0..60)
        .map(|number| ended(&format!("Policy {number:02}"), ItemEnd::Succeeded))
        .collect();
    items.push(failed(
        "Odd",
        "Bearer eyJhbGciOi.eyJzdWIiOi.c2ln was refused\nfor good",
    ));
    report(&test, &lease, items, counts(60, 1)).await;
    let first = runs::items(&ada, &test.db, run, &RunItemQuery::default())
        .await
        .unwrap();
    assert_eq!(first.rows.len(), 50);
    // What failed stands first, then what ended last: new items show while the run goes.
    let listed_first = ["Odd", "Policy 59", "Policy 58"];
    assert_eq!(
        listed_first,
        [0, 1, 2].map(|row: usize| first.rows[row].name.as_str())
    );
    let second = RunItemQuery {
        cursor: first.older,
        ..RunItemQuery::default()
    };
    let rest: Vec<_> = (0..11)
        .rev()
        .map(|number| format!("Policy {number:02}"))
        .collect();
    assert_eq!(names(&test, &ada, run, second).await, rest);
    let many_failed = (0..55).map(|number| failed(&format!("Failed {number:02}"), "Odd"));
    report(&test, &lease, many_failed.collect(), counts(60, 56)).await;
    let mut all = Vec::new();
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let query = RunItemQuery {
            cursor,
            ..RunItemQuery::default()
        };
        let page = runs::items(&ada, &test.db, run, &query).await.unwrap();
        all.extend(page.rows.iter().map(|row| row.name.clone()));
        cursor = page.older.clone();
        pages.push(page);
        if cursor.is_none() {
            break;
        }
    }
    // Every page leads back to the one before it, the first to none.
    assert_eq!((pages.len(), &pages[0].newer), (3, &None));
    for (before, page) in pages.iter().zip(&pages[1..]) {
        let back = RunItemQuery {
            cursor: page.newer.clone(),
            ..RunItemQuery::default()
        };
        let back = runs::items(&ada, &test.db, run, &back).await.unwrap();
        assert_eq!(&back, before);
    }
    assert_eq!(
        [&all[0], &all[54], &all[55], &all[56], &all[115]],
        ["Failed 54", "Failed 00", "Odd", "Policy 59", "Policy 00"]
    );
    assert_eq!(all.len(), 116);
    let only_failed = RunItemQuery {
        outcome: Some(ItemOutcome::Failed),
        ..RunItemQuery::default()
    };
    let page = runs::items(&ada, &test.db, run, &only_failed)
        .await
        .unwrap();
    assert_eq!((page.rows.len(), page.older.is_some()), (50, true));
    let odd = RunItemQuery {
        text: Some("refused for".to_owned()),
        ..RunItemQuery::default()
    };
    let page = runs::items(&ada, &test.db, run, &odd).await.unwrap();
    let odd = page.rows.iter().find(|row| row.name == "Odd").unwrap();
    let (code, message) = odd.failure.clone().unwrap();
    assert_eq!(code, FailureCode::Forbidden);
    assert!(
        !message.contains("eyJ") && !message.contains('\n'),
        "{message}"
    );
    let of_code = |code| RunItemQuery {
        code: Some(code),
        ..RunItemQuery::default()
    };
    let forbidden = of_code(FailureCode::Forbidden);
    assert_eq!(names(&test, &ada, run, forbidden).await.len(), 50);
    let throttled = of_code(FailureCode::Throttled);
    assert!(names(&test, &ada, run, throttled).await.is_empty());
    let search = |text: &str| RunItemQuery {
        text: Some(text.to_owned()),
        ..RunItemQuery::default()
    };
    assert_eq!(names(&test, &ada, run, search("policy 0")).await.len(), 10);
    assert_eq!(names(&test, &ada, run, search("REFUSED")).await, ["Odd"]);
    assert!(names(&test, &ada, run, search("100%")).await.is_empty());
    let unseen = runs::items(&eve, &test.db, run, &RunItemQuery::default()).await;
    assert!(matches!(unseen.unwrap_err(), ServiceError::NotFound));
    let odd = RunItemQuery {
        cursor: Some("x".to_owned()),
        ..RunItemQuery::default()
    };
    let refused = runs::items(&ada, &test.db, run, &odd).await.unwrap_err();
    assert!(refused.to_string().contains("cursor"), "{refused}");
}

#[tokio::test]
async fn another_try_counts_anew_and_so_do_its_items() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let run = start(&test, &ada, tenant).await;
    let lease = claimed(&test, run).await;
    report(
        &test,
        &lease,
        vec![ended("a", ItemEnd::Succeeded)],
        counts(1, 0),
    )
    .await;
    lease
        .retry_after(&test.db, std::time::Duration::ZERO, None)
        .await
        .unwrap();
    let lease = claimed(&test, run).await;
    assert!(
        names(&test, &ada, run, RunItemQuery::default())
            .await
            .is_empty()
    );
    report(&test, &lease, vec![failed("b", "no")], counts(0, 1)).await;
    assert_eq!(
        names(&test, &ada, run, RunItemQuery::default()).await,
        ["b"]
    );
}

#[tokio::test]
async fn a_late_worker_adds_no_item() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let run = start(&test, &ada, tenant).await;
    let lease = claimed(&test, run).await;
    end(&test, run, Outcome::Failed).await;
    let update = RunUpdate {
        counts: Some(counts(1, 0)),
        items: vec![ended("a", ItemEnd::Succeeded)],
        ..RunUpdate::default()
    };
    lease.report(&test.db, update).await.unwrap_err();
    assert!(
        names(&test, &ada, run, RunItemQuery::default())
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_month_after_the_end_only_what_failed_is_kept_and_the_page_says_so() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let run = start(&test, &ada, tenant).await;
    let lease = claimed(&test, run).await;
    let items = vec![ended("fine", ItemEnd::Succeeded), failed("bad", "no")];
    report(&test, &lease, items, counts(1, 1)).await;
    // Ended 31 days ago, as only a fresh row can say.
    for statement in [
        "alter table operation_runs disable trigger operation_runs_guard",
        "update operation_runs set status = 'completed', outcome = 'failed', lease_token = null,
             lease_expires_at = null, completed_at = now() - interval '31 days'",
    ] {
        sqlx::query(statement).execute(test.sql()).await.unwrap();
    }
    runs::tidy_items(&test.db).await.unwrap();
    let page = runs::items(&ada, &test.db, run, &RunItemQuery::default())
        .await
        .unwrap();
    assert!(page.only_failed_kept);
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.rows[0].name, "bad");
}

#[tokio::test]
async fn what_is_usual_is_told_once_there_are_three_to_go_by() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let mut last = None;
    for seconds in [10.0, 20.0, 60.0] {
        let run = start(&test, &ada, tenant).await;
        last = Some(run);
        let earlier = runs::detail(&ada, &test.db, run).await.unwrap();
        assert_eq!(earlier.usual, None);
        claimed(&test, run).await;
        end(&test, run, Outcome::Succeeded).await;
        sqlx::query("alter table operation_runs disable trigger operation_runs_guard")
            .execute(test.sql())
            .await
            .unwrap();
        sqlx::query("update operation_runs set started_at = completed_at - make_interval(secs => $2) where id = $1")
            .bind(run)
            .bind(seconds)
            .execute(test.sql())
            .await
            .unwrap();
        sqlx::query("alter table operation_runs enable trigger operation_runs_guard")
            .execute(test.sql())
            .await
            .unwrap();
    }
    let run = start(&test, &ada, tenant).await;
    let usual = runs::detail(&ada, &test.db, run)
        .await
        .unwrap()
        .usual
        .unwrap();
    assert_eq!(usual.runs, 3);
    assert!((usual.median_seconds - 20.0).abs() < 0.01, "{usual:?}");
    assert!((usual.p95_seconds - 56.0).abs() < 0.01, "{usual:?}");
    // A run is not measured by itself.
    let own = runs::detail(&ada, &test.db, last.unwrap())
        .await
        .unwrap()
        .usual;
    assert_eq!(own, None);
}

#[tokio::test]
async fn a_handed_over_run_shows_what_happened_and_no_names_until_it_expires_or_is_withdrawn() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test
        .person("Ada Lovelace", &[(tenant, Role::Operator)])
        .await;
    let ben = test.person("Ben", &[(tenant, Role::Readonly)]).await;
    let run = start(&test, &ada, tenant).await;
    let refused = runs::hand_over(&ben, &test.db, run).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Forbidden(_)), "{refused}");
    let token = runs::hand_over(&ada, &test.db, run).await.unwrap();
    let other = runs::hand_over(&ada, &test.db, run).await.unwrap();
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select token_hash from run_handovers")
        .fetch_all(test.sql())
        .await
        .unwrap();
    assert!(stored.iter().all(|hash| hash != token.as_bytes()));
    let shown = runs::handed_over(&test.db, &token).await.unwrap().unwrap();
    assert_eq!((shown.run_id, shown.tenant_name.as_str()), (run, "Contoso"));
    let all = serde_json::to_string(&shown).unwrap();
    assert!(!all.contains("Ada"), "{all}");

    // Whoever may not make links is not told of them either.
    let seen_by_ben = runs::detail(&ben, &test.db, run).await.unwrap().handovers;
    assert!(seen_by_ben.is_empty());
    let links = runs::detail(&ada, &test.db, run).await.unwrap().handovers;
    assert_eq!(links.len(), 2);
    runs::withdraw_handover(&ada, &test.db, run, links[0].id)
        .await
        .unwrap();
    assert!(runs::handed_over(&test.db, &token).await.unwrap().is_none());
    assert!(runs::handed_over(&test.db, &other).await.unwrap().is_some());
    sqlx::query("update run_handovers set created_at = now() - interval '8 days', expires_at = now() - interval '1 s'")
        .execute(test.sql())
        .await
        .unwrap();
    assert!(runs::handed_over(&test.db, &other).await.unwrap().is_none());
    let owner = test.person("Olga", &[(tenant, Role::Owner)]).await;
    let last = runs::hand_over(&ada, &test.db, run).await.unwrap();
    let remove = access::remove_member(&owner, &test.db, tenant, ada.user_id);
    remove.await.unwrap();
    assert!(
        runs::handed_over(&test.db, &last).await.unwrap().is_none(),
        "links end with the right of whoever made them"
    );
    runs::tidy_handovers(&test.db).await.unwrap();
    assert_eq!(test.number("select count(*) from run_handovers").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_has_twenty_links_at_most_however_many_are_asked_for_at_once() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let run = start(&test, &ada, tenant).await;
    let asked = (0..30).map(|_| runs::hand_over(&ada, &test.db, run));
    let answers = futures::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 20);
    assert_eq!(test.number("select count(*) from run_handovers").await, 20);
}
