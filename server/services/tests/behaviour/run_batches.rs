//! One action for several selected runs: the exact set, and what became of each.

use std::collections::BTreeSet;

use domain::{
    FailureCode, OperationType, Outcome, Role, RunId, Status, SummaryCounts, TenantId,
    identity::Inputs,
    views::{
        run_batches::{BulkAction, BulkPreview, BulkReport, BulkResult, Everything, Obstacle},
        runs::RunQuery,
    },
};
use serde_json::json;
use services::{
    Caller, Db, ServiceError,
    runs::{self, EndedItem, Item, ItemEnd, RunUpdate},
    testing::TestDatabase,
};
use uuid::Uuid;

use crate::runs_list::ended_runs;

async fn started(
    test: &TestDatabase,
    who: &Caller,
    tenant: TenantId,
    what: OperationType,
) -> RunId {
    let answer = runs::start(who, &test.db, tenant, what, Inputs::new()).await;
    answer.unwrap().run.id
}

async fn ended(test: &TestDatabase, who: &Caller, tenant: TenantId, what: OperationType) -> RunId {
    let run = started(test, who, tenant, what).await;
    let end = Some(Outcome::Failed);
    runs::update_run(&test.db, run, Status::Completed, end, RunUpdate::default())
        .await
        .unwrap();
    run
}

async fn previewed(
    caller: &Caller,
    db: &Db,
    action: BulkAction,
    chosen: &[RunId],
) -> Result<BulkPreview, ServiceError> {
    let set = runs::set_of(caller, db, chosen).await?;
    Ok(runs::preview(caller, action, set))
}

async fn preview_everything(
    caller: &Caller,
    db: &Db,
    action: BulkAction,
    query: &RunQuery,
) -> Result<BulkPreview, ServiceError> {
    let set = runs::set_of_everything(caller, db, query).await?;
    Ok(runs::preview(caller, action, set))
}

#[tokio::test]
async fn a_preview_states_what_is_left_out_and_why() {
    let test = TestDatabase::new().await;
    let (a, b, c) = (
        test.tenant("Contoso").await,
        test.tenant("Fabrikam").await,
        test.tenant("Northwind").await,
    );
    let owner = test
        .person(
            "Olga",
            &[(a, Role::Owner), (b, Role::Owner), (c, Role::Owner)],
        )
        .await;
    let ada = test
        .person("Ada", &[(a, Role::Operator), (b, Role::Readonly)])
        .await;
    let (sync, verify) = (OperationType::InventorySync, OperationType::TenantVerify);
    let good = ended(&test, &owner, a, sync).await;
    let not_hers_to_start = ended(&test, &owner, b, sync).await;
    let unseen = ended(&test, &owner, c, sync).await;
    let active = started(&test, &owner, a, verify).await;
    let chosen = [good, not_hers_to_start, unseen, active, good];
    let again = previewed(&ada, &test.db, BulkAction::Again, &chosen)
        .await
        .unwrap();
    let ids =
        |rows: &[domain::views::runs::RunRow]| rows.iter().map(|run| run.id).collect::<Vec<_>>();
    assert_eq!(ids(&again.possible), [good]);
    let left_out: Vec<_> = again
        .impossible
        .iter()
        .map(|(run, why)| (run.id, *why))
        .collect();
    assert_eq!(
        left_out,
        [
            (not_hers_to_start, Obstacle::NotAllowed),
            (active, Obstacle::StillActive)
        ]
    );
    assert_eq!(again.unknown, [unseen]);
    let follow = previewed(&ada, &test.db, BulkAction::Follow, &chosen)
        .await
        .unwrap();
    assert_eq!(ids(&follow.possible), [active]);
    let refused = |runs: Vec<RunId>| {
        let (ada, db) = (ada.clone(), test.db.clone());
        async move {
            match previewed(&ada, &db, BulkAction::Again, &runs).await {
                Err(ServiceError::Invalid(why)) => why,
                other => panic!("{other:?}"),
            }
        }
    };
    assert!(refused(vec![]).await.starts_with("runs:"));
    assert!(
        refused((0..1_001).map(RunId).collect())
            .await
            .contains("at most 1000")
    );
}

#[tokio::test]
async fn everything_that_matches_is_what_the_caller_sees_of_it_with_what_is_left_out() {
    let test = TestDatabase::new().await;
    let (a, b, c) = (
        test.tenant("Contoso").await,
        test.tenant("Fabrikam").await,
        test.tenant("Northwind").await,
    );
    let roles = [a, b, c].map(|tenant| (tenant, Role::Owner));
    let owner = test.person("Olga", &roles).await;
    let ada = test
        .person("Ada", &[(a, Role::Operator), (b, Role::Readonly)])
        .await;
    let (sync, verify) = (OperationType::InventorySync, OperationType::TenantVerify);
    let good = ended(&test, &owner, a, sync).await;
    let not_hers_to_start = ended(&test, &owner, b, sync).await;
    ended(&test, &owner, c, sync).await;
    let active = started(&test, &owner, a, verify).await;
    let everything =
        async |query: RunQuery| preview_everything(&ada, &test.db, BulkAction::Again, &query).await;
    let all = everything(RunQuery::default()).await.unwrap();
    let possible: Vec<_> = all.possible.iter().map(|run| run.id).collect();
    let left_out = all.impossible.iter().map(|(run, why)| (run.id, *why));
    let left_out: Vec<_> = left_out.collect();
    assert_eq!(possible, [good]);
    assert_eq!(
        left_out,
        [
            (not_hers_to_start, Obstacle::NotAllowed),
            (active, Obstacle::StillActive)
        ]
    );
    assert_eq!(all.everything, Some(Everything::default()));
    let failed_of_b = RunQuery {
        tenant: Some(b),
        outcome: Some(Outcome::Failed.into()),
        ..RunQuery::default()
    };
    let of_b = everything(failed_of_b).await.unwrap();
    assert!(of_b.possible.is_empty() && of_b.impossible.len() == 1);
    let unseen = RunQuery {
        tenant: Some(c),
        ..RunQuery::default()
    };
    let unseen = everything(unseen).await;
    assert!(matches!(unseen, Err(ServiceError::NotFound)));
    let never = RunQuery {
        text: Some("nothing is called this".into()),
        ..RunQuery::default()
    };
    assert!(everything(never).await.unwrap().is_empty());
}

#[tokio::test]
async fn of_more_than_can_be_selected_the_newest_are_and_that_there_are_more_is_said() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let roles = [a, b].map(|tenant| (tenant, Role::Operator));
    let ada = test.person("Ada", &roles).await;
    ended_runs(&test, a, &ada, 700).await;
    ended_runs(&test, b, &ada, 300).await;
    let everything = async || {
        let query = RunQuery::default();
        let preview = preview_everything(&ada, &test.db, BulkAction::Again, &query);
        let preview = preview.await.unwrap();
        let all = preview.possible.iter();
        let all = all.chain(preview.impossible.iter().map(|(run, _)| run));
        let all: BTreeSet<RunId> = all.map(|run| run.id).collect();
        (all, preview.everything.unwrap().more)
    };
    let (all, more) = everything().await;
    assert_eq!((all.len(), more), (1_000, false));
    ended_runs(&test, b, &ada, 1).await;
    ended_runs(&test, a, &ada, 200).await;
    let (all, more) = everything().await;
    assert!(more);
    let newest: Vec<RunId> = sqlx::query_scalar(
        "select id from operation_runs order by created_at desc, id desc limit 1000",
    )
    .fetch_all(test.sql())
    .await
    .unwrap();
    assert_eq!(all, newest.into_iter().collect());
}

#[tokio::test]
async fn runs_that_are_run_again_share_a_batch_and_a_second_press_starts_nothing() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test
        .person("Ada", &[(a, Role::Operator), (b, Role::Operator)])
        .await;
    let bob = test.person("Bob", &[(a, Role::Operator)]).await;
    let (sync, verify) = (OperationType::InventorySync, OperationType::TenantVerify);
    let of_a = ended(&test, &ada, a, sync).await;
    let of_b = ended(&test, &ada, b, sync).await;
    let meanwhile = ended(&test, &ada, a, verify).await;
    let active = started(&test, &bob, a, verify).await;
    let batch = Uuid::new_v4();
    let chosen = [of_a, of_b, meanwhile];
    let act = async || runs::do_batch(&ada, &test.db, batch, BulkAction::Again, &chosen).await;
    act().await.unwrap();
    let report = runs::report(&ada, &test.db, batch).await.unwrap();
    let results: Vec<_> = report
        .items
        .iter()
        .map(|item| (item.run.id, &item.result))
        .collect();
    assert_eq!(results.len(), 3);
    assert!(matches!(results[0], (run, BulkResult::Started(_)) if run == of_a));
    assert!(matches!(results[1], (run, BulkResult::Started(_)) if run == of_b));
    assert!(
        matches!(results[2], (run, BulkResult::AlreadyActive(it)) if run == meanwhile && it.id == active)
    );
    let batch_of_new = "select count(*) from operation_runs where batch_id is not null and repeats_run_id is not null";
    assert_eq!(test.number(batch_of_new).await, 2);
    act().await.unwrap();
    assert_eq!(test.number("select count(*) from operation_runs").await, 6);
    assert_eq!(
        test.number("select count(distinct batch_id) from operation_runs")
            .await,
        1
    );
    assert!(matches!(
        runs::report(&bob, &test.db, batch).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn a_retry_of_several_runs_does_only_what_failed_in_each() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test
        .person("Ada", &[(a, Role::Operator), (b, Role::Operator)])
        .await;
    let (sync, verify) = (OperationType::InventorySync, OperationType::TenantVerify);
    let in_part = started(&test, &ada, a, sync).await;
    let counts = SummaryCounts {
        total: 18,
        success: 17,
        failed: 1,
        skipped: 0,
    };
    let half = RunUpdate {
        counts: Some(counts),
        items: vec![EndedItem {
            item: Item {
                kind: Some("compliance"),
                id: None,
                name: "All compliance policies".to_owned(),
            },
            note: None,
            end: ItemEnd::Failed {
                code: FailureCode::Forbidden,
                message: "Not allowed".to_owned(),
            },
        }],
        ..RunUpdate::default()
    };
    let outcome = Some(Outcome::PartiallySucceeded);
    runs::update_run(&test.db, in_part, Status::Completed, outcome, half)
        .await
        .unwrap();
    let as_a_whole = ended(&test, &ada, b, verify).await;
    let good = started(&test, &ada, a, verify).await;
    let outcome = Some(Outcome::Succeeded);
    runs::update_run(
        &test.db,
        good,
        Status::Completed,
        outcome,
        RunUpdate::default(),
    )
    .await
    .unwrap();
    let chosen = [in_part, as_a_whole, good];
    let preview = previewed(&ada, &test.db, BulkAction::Retry, &chosen)
        .await
        .unwrap();
    let possible: BTreeSet<RunId> = preview.possible.iter().map(|run| run.id).collect();
    assert_eq!(possible, BTreeSet::from([in_part, as_a_whole]));
    let left_out: Vec<_> = preview
        .impossible
        .iter()
        .map(|(run, why)| (run.id, *why))
        .collect();
    assert_eq!(left_out, [(good, Obstacle::NothingFailed)]);
    let batch = Uuid::parse_str(&preview.batch).unwrap();
    runs::do_batch(&ada, &test.db, batch, BulkAction::Retry, &chosen)
        .await
        .unwrap();
    let report = runs::report(&ada, &test.db, batch).await.unwrap();
    let mut inputs = Vec::new();
    for item in report.items {
        inputs.push(match item.result {
            BulkResult::Started(run) => {
                let detail = runs::detail(&ada, &test.db, run.id).await.unwrap();
                assert_eq!(detail.related.repeats.map(|run| run.id), Some(item.run.id));
                json!(detail.inputs)
            }
            other => json!(format!("{other:?}")),
        });
    }
    let refused =
        r#"Refused("It succeeded or was put right since; nothing of it is left to be retried.")"#;
    assert_eq!(
        inputs,
        [json!({"kinds": ["compliance"]}), json!({}), json!(refused)]
    );
    let outcome = Some(Outcome::Succeeded);
    let mended = RunId(
        test.number(
            "select id from operation_runs where type = 'inventory.sync' and status = 'queued'",
        )
        .await,
    );
    runs::update_run(
        &test.db,
        mended,
        Status::Completed,
        outcome,
        RunUpdate::default(),
    )
    .await
    .unwrap();
    let preview = previewed(&ada, &test.db, BulkAction::Retry, &[in_part])
        .await
        .unwrap();
    assert!(preview.possible.is_empty());
}

#[tokio::test]
async fn a_batch_cut_short_is_continued_and_starts_nothing_twice() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test
        .person("Ada", &[(a, Role::Operator), (b, Role::Operator)])
        .await;
    let sync = OperationType::InventorySync;
    let chosen = [
        ended(&test, &ada, a, sync).await,
        ended(&test, &ada, b, sync).await,
    ];
    let batch = Uuid::new_v4();
    let act = async || runs::do_batch(&ada, &test.db, batch, BulkAction::Again, &chosen).await;
    act().await.unwrap();
    // As if the first had been started but not noted, and the second not even started.
    let first = RunId(
        test.number("select min(id) from operation_runs where batch_id is not null")
            .await,
    );
    let end = Some(Outcome::Succeeded);
    runs::update_run(
        &test.db,
        first,
        Status::Completed,
        end,
        RunUpdate::default(),
    )
    .await
    .unwrap();
    for forget in [
        "update run_batch_items
         set result = 'not_done', answer_run_id = null, taken_at = now() - interval '2 minutes'",
        "delete from operation_runs where batch_id is not null and status = 'queued'",
    ] {
        sqlx::query(forget).execute(test.sql()).await.unwrap();
    }
    let results = async || {
        let report = runs::report(&ada, &test.db, batch).await.unwrap();
        report
            .items
            .into_iter()
            .map(|item| item.result)
            .collect::<Vec<_>>()
    };
    assert_eq!(results().await, [BulkResult::NotDone, BulkResult::NotDone]);
    act().await.unwrap();
    let results = results().await;
    assert!(
        matches!(&results[0], BulkResult::Started(run) if run.id == first),
        "{results:?}"
    );
    assert!(matches!(&results[1], BulkResult::Started(_)), "{results:?}");
    assert_eq!(test.number("select count(*) from operation_runs").await, 4);
}

#[tokio::test]
async fn what_has_changed_since_the_preview_is_refused_by_itself() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Readonly)]).await;
    let waits = started(&test, &ada, tenant, OperationType::InventorySync).await;
    let ends = started(&test, &ada, tenant, OperationType::TenantVerify).await;
    let preview = previewed(&bob, &test.db, BulkAction::Follow, &[waits, ends])
        .await
        .unwrap();
    assert_eq!(preview.possible.len(), 2);
    let end = Some(Outcome::Succeeded);
    runs::update_run(&test.db, ends, Status::Completed, end, RunUpdate::default())
        .await
        .unwrap();
    let batch = Uuid::parse_str(&preview.batch).unwrap();
    runs::do_batch(&bob, &test.db, batch, BulkAction::Follow, &[waits, ends])
        .await
        .unwrap();
    let report = runs::report(&bob, &test.db, batch).await.unwrap();
    assert_eq!(report.items[0].result, BulkResult::Following);
    assert!(
        matches!(&report.items[1].result, BulkResult::Refused(why) if why.contains("ended already"))
    );
    assert_eq!(
        test.number("select count(*) from operation_run_followers")
            .await,
        1
    );
}

#[tokio::test]
async fn a_batch_that_is_stopped_begins_nothing_more_until_its_owner_goes_on() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let both = [(a, Role::Operator), (b, Role::Operator)];
    let (ada, eve) = (
        test.person("Ada", &both).await,
        test.person("Eve", &both).await,
    );
    let sync = OperationType::InventorySync;
    let chosen = [
        ended(&test, &ada, a, sync).await,
        ended(&test, &ada, b, sync).await,
    ];
    let batch = Uuid::new_v4();
    let act = async || runs::do_batch(&ada, &test.db, batch, BulkAction::Again, &chosen).await;
    // Nothing can be started until the lock is let go.
    let mut lock = test.sql().begin().await.unwrap();
    sqlx::query("lock table operation_runs in share mode")
        .execute(&mut *lock)
        .await
        .unwrap();
    let stopping = async {
        let begun = "select count(*) from run_batch_items where taken_at is not null";
        while test.number(begun).await == 0 {
            tokio::task::yield_now().await;
        }
        let others = runs::stop(&eve, &test.db, batch).await;
        assert!(matches!(others, Err(ServiceError::NotFound)), "{others:?}");
        runs::stop(&ada, &test.db, batch).await.unwrap();
        lock.commit().await.unwrap();
    };
    let (done, ()) = tokio::join!(act(), stopping);
    done.unwrap();
    let report = async || runs::report(&ada, &test.db, batch).await.unwrap();
    let stopped = report().await;
    assert!(!stopped.under_way);
    let open = |report: &BulkReport| {
        let items = report.items.iter();
        items
            .filter(|item| item.result == BulkResult::NotDone)
            .count()
    };
    assert_eq!(open(&stopped), 1);
    act().await.unwrap();
    assert_eq!(open(&report().await), 0);
    assert_eq!(test.number("select count(*) from operation_runs").await, 4);
}
