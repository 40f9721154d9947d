//! The runs list at its edges: order, people, counts, searches that take long, exports, and what it costs.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{
    AuditAction, OperationType, Outcome, Role, RunCursor, RunId, Status, TenantId,
    identity::Inputs,
    views::{
        audit::AuditQuery,
        run_batches::Everything,
        run_list::{InitiatorFilter, Last, OutcomeFilter},
        runs::RunQuery,
    },
};
use serde_json::{Value, json};
use services::{
    Caller, ServiceError, access, audit,
    runs::{self, Export},
    testing::TestDatabase,
};
use sqlx::AssertSqlSafe;

/// `count` ended runs of this tenant, one a minute back from now; each tenth failed, each seventh is Ada's.
pub(crate) async fn ended_runs(test: &TestDatabase, tenant: TenantId, person: &Caller, count: i64) {
    let statements = [
        "alter table operation_runs disable trigger user".to_owned(),
        format!(
            "insert into operation_runs
                 (tenant_id, user_id, initiator_name, type, status, outcome, run_identity_hash, failure_summary,
                  started_at, completed_at, created_at, updated_at)
             select {tenant}, u, case when u is null then 'System' else 'Ada' end,
                    (array['inventory.sync', 'tenant.verify', 'backup_schedule.run'])[1 + i % 3], 'completed',
                    case when i % 10 = 0 then 'failed' else 'succeeded' end, md5(i::text) || md5(i::text),
                    case when i % 10 = 0 then '[{{\"code\":\"graph.throttled\",\"message\":\"Too many\",\"count\":1}}]'::jsonb end,
                    at, at, at, at
             from (select i, now() - i * interval '1 minute' as at, case when i % 7 = 0 then {} end as u
                   from generate_series(1, {count}) i) s",
            person.user_id
        ),
        format!(
            "insert into run_initiators values ({tenant}, {}, 'Ada') on conflict do nothing",
            person.user_id
        ),
        "alter table operation_runs enable trigger user".to_owned(),
    ];
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement))
            .execute(test.sql())
            .await
            .unwrap();
    }
}

async fn ids(test: &TestDatabase, caller: &Caller, query: RunQuery) -> Vec<RunId> {
    let page = runs::list(caller, &test.db, &query).await.unwrap();
    page.rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn runs_of_one_moment_are_on_one_page_each_and_late_numbers_stand_where_they_belong() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    ended_runs(&test, tenant, &ada, 130).await;
    // Sixty at the same moment, which is older than that of lower numbers.
    sqlx::query("alter table operation_runs disable trigger user")
        .execute(test.sql())
        .await
        .unwrap();
    sqlx::query("update operation_runs set created_at = now() - interval '1 day' where id > 70")
        .execute(test.sql())
        .await
        .unwrap();
    let expected: Vec<RunId> =
        sqlx::query_scalar("select id from operation_runs order by created_at desc, id desc")
            .fetch_all(test.sql())
            .await
            .unwrap();
    let mut seen = Vec::new();
    let mut query = RunQuery::default();
    let mut last = None;
    loop {
        let page = runs::list(&ada, &test.db, &query).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.id));
        let Some(older) = page.older else {
            last = last.or(page.newer);
            break;
        };
        query.cursor = Some(older.parse().unwrap());
    }
    assert_eq!(seen, expected);
    query.cursor = last.map(|cursor| cursor.parse::<RunCursor>().unwrap());
    assert_eq!(ids(&test, &ada, query).await, expected[50..100]);
}

#[tokio::test]
async fn a_named_person_and_the_system_can_be_chosen_and_only_people_of_own_tenants_are_offered() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test.person("Ada", &[(a, Role::Owner)]).await;
    let bob = test.person("Bob", &[(b, Role::Owner)]).await;
    let inputs = domain::identity::Inputs::new;
    let sync = domain::OperationType::InventorySync;
    let hers = runs::start(&ada, &test.db, a, sync, inputs())
        .await
        .unwrap();
    runs::start(&bob, &test.db, b, sync, inputs())
        .await
        .unwrap();
    let verify = domain::OperationType::TenantVerify;
    let system = runs::ensure_run(&test.db, a, verify, &inputs(), &runs::Initiator::System)
        .await
        .unwrap();
    let by = |initiator| RunQuery {
        initiator: Some(initiator),
        ..RunQuery::default()
    };
    let person = InitiatorFilter::Person(ada.user_id);
    assert_eq!(ids(&test, &ada, by(person)).await, [hers.run.id]);
    assert_eq!(
        ids(&test, &ada, by(InitiatorFilter::System)).await,
        [system.run_id]
    );
    assert_eq!(ids(&test, &bob, by(person)).await, []);
    let offered = runs::initiators(&ada, &test.db).await.unwrap();
    let names: Vec<_> = offered.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Ada"]);
}

#[tokio::test]
async fn counts_respect_the_other_filters_and_stop_at_a_bound() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test
        .person("Ada", &[(a, Role::Owner), (b, Role::Owner)])
        .await;
    ended_runs(&test, a, &ada, 1_300).await;
    ended_runs(&test, b, &ada, 20).await;
    let counted = async |query: RunQuery| {
        let listed = runs::list_with_counts(&ada, &test.db, &query).await;
        let (_, counts) = listed.unwrap();
        let shown = counts.unwrap().into_iter();
        shown
            .map(|count| count.runs.to_string())
            .collect::<Vec<_>>()
    };
    // Running, queued, failed, partially succeeded, succeeded.
    assert_eq!(
        counted(RunQuery::default()).await,
        ["0", "0", "132", "0", "500+"]
    );
    let only_b = RunQuery {
        tenant: Some(b),
        ..RunQuery::default()
    };
    assert_eq!(counted(only_b.clone()).await, ["0", "0", "2", "0", "18"]);
    // Whatever state is chosen, the others are counted still.
    let failed_of_b = RunQuery {
        outcome: Some(Outcome::Failed.into()),
        ..only_b
    };
    assert_eq!(counted(failed_of_b).await, ["0", "0", "2", "0", "18"]);
    let hers = RunQuery {
        mine: true,
        ..RunQuery::default()
    };
    assert_eq!(counted(hers).await, ["0", "0", "18", "0", "169"]);
    let search = RunQuery {
        text: Some("throttled".into()),
        ..RunQuery::default()
    };
    assert_eq!(counted(search).await, ["0", "0", "132", "0", "0"]);
}

#[tokio::test]
async fn a_search_that_takes_too_long_looks_less_far_back_and_says_so() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    ended_runs(&test, tenant, &ada, 200).await;
    for statement in [
        "alter table operation_runs disable trigger user",
        "update operation_runs set created_at = now() - interval '9 days' where id > 100",
        "alter table operation_runs rename to real_runs",
        "create function slowly() returns boolean language plpgsql volatile cost 100000 as
             $$ begin perform pg_sleep(0.5); return true; end $$",
        "create view operation_runs as
             select * from real_runs where created_at > now() - interval '4 days' or slowly()",
    ] {
        sqlx::query(statement).execute(test.sql()).await.unwrap();
    }
    let query = RunQuery {
        text: Some("throttled".into()),
        ..RunQuery::default()
    };
    let page = runs::list(&ada, &test.db, &query).await.unwrap();
    assert_eq!(page.rows.len(), 10, "those of the last days");
    assert!(page.cut_off);
    let since = page.searched_since.unwrap();
    assert_eq!(page.as_of.date_naive() - since, TimeDelta::days(2));
    let everything = runs::set_of_everything(&ada, &test.db, &query).await;
    let everything = everything.unwrap();
    let cut_off = Everything {
        more: false,
        searched_since: Some(since),
        cut_off: true,
    };
    assert_eq!(everything.everything, Some(cut_off));
    assert_eq!(everything.runs.len(), 10);
    let recent = RunQuery {
        from: Some(since),
        ..query
    };
    let page = runs::list(&ada, &test.db, &recent).await.unwrap();
    assert_eq!((page.cut_off, page.searched_since), (false, None));
}

#[tokio::test]
async fn a_number_is_found_however_long_ago_its_run_was() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[]).await;
    ended_runs(&test, tenant, &ada, 3).await;
    for statement in [
        "alter table operation_runs disable trigger user",
        "update operation_runs set created_at = now() - interval '400 days'",
    ] {
        sqlx::query(statement).execute(test.sql()).await.unwrap();
    }
    let number: i64 = test.number("select max(id) from operation_runs").await;
    let query = RunQuery {
        text: Some(format!("#{number}")),
        ..RunQuery::default()
    };
    assert_eq!(ids(&test, &ada, query.clone()).await, [RunId(number)]);
    assert_eq!(ids(&test, &bob, query).await, []);
}

#[tokio::test]
async fn runs_are_found_by_what_they_were_given() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[]).await;
    let start = async |operation, inputs: Value| {
        let inputs: Inputs = serde_json::from_value(inputs).unwrap();
        let started = runs::start(&ada, &test.db, tenant, operation, inputs).await;
        started.unwrap().run.id
    };
    let sync = OperationType::InventorySync;
    let scripts = start(sync, json!({"kinds": ["shell_scripts", "scope_tags"]})).await;
    let tags = start(sync, json!({"kinds": ["scope_tags"]})).await;
    let everything = start(sync, json!({})).await;
    let found = async |caller: &Caller, text: &str| {
        let query = RunQuery {
            text: Some(text.to_owned()),
            ..RunQuery::default()
        };
        ids(&test, caller, query).await
    };
    assert_eq!(found(&ada, "Shell scripts").await, [scripts]);
    assert_eq!(found(&ada, "scope_tags").await, [tags, scripts]);
    assert_eq!(found(&ada, "kinds=shell_scripts").await, [scripts]);
    assert_eq!(found(&ada, "kinds=shell").await, []);
    assert_eq!(found(&ada, "inputs=shell_scripts").await, []);
    assert_eq!(found(&ada, "Inventory").await, [everything, tags, scripts]);
    assert_eq!(found(&bob, "scope_tags").await, []);
}

#[tokio::test]
async fn an_export_holds_each_matching_run_once_and_chosen_ones_only_of_own_tenants() {
    let test = TestDatabase::new().await;
    let (a, b) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let ada = test.person("Ada", &[(a, Role::Readonly)]).await;
    ended_runs(&test, a, &ada, 1_240).await;
    ended_runs(&test, b, &ada, 30).await;
    let exported = async |query: RunQuery, chosen: Vec<RunId>| {
        let export = Export::begin(ada.clone(), test.db.clone(), &query, &chosen).await;
        let mut export = export.unwrap();
        let mut all = Vec::new();
        loop {
            let page = export.next_page().await.unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    };
    let all = exported(RunQuery::default(), vec![]).await;
    let unique: BTreeSet<_> = all.iter().map(|run| run.id).collect();
    assert_eq!((all.len(), unique.len()), (1_240, 1_240));
    assert!(all.iter().all(|run| run.tenant == "Contoso"));
    let failed = RunQuery {
        outcome: Some(Outcome::Failed.into()),
        ..RunQuery::default()
    };
    let failed = exported(failed, vec![]).await;
    assert_eq!(failed.len(), 124);
    assert_eq!(failed[0].failures[0].code, "graph.throttled");
    let of_b: i64 = test.number("select max(id) from operation_runs").await;
    let chosen = exported(RunQuery::default(), vec![failed[0].id, RunId(of_b)]).await;
    assert_eq!(
        chosen.iter().map(|run| run.id).collect::<Vec<_>>(),
        [failed[0].id]
    );
    let query = RunQuery {
        tenant: Some(b),
        ..RunQuery::default()
    };
    let refused = Export::begin(ada.clone(), test.db.clone(), &query, &[]).await;
    assert!(matches!(refused, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn an_export_is_told_to_owners_and_ends_when_its_readers_roles_change() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Readonly)]).await;
    let olga = test.person("Olga", &[(tenant, Role::Owner)]).await;
    ended_runs(&test, tenant, &ada, 600).await;
    let query = RunQuery::default();
    let export = Export::begin(ada.clone(), test.db.clone(), &query, &[]).await;
    let mut export = export.unwrap();
    assert_eq!(export.next_page().await.unwrap().len(), 500);
    let log = audit::list(&olga, &test.db, &AuditQuery::default()).await;
    let told = log.unwrap().rows;
    assert!(
        told.iter()
            .any(|row| row.action == AuditAction::ExportDownload && row.actor == "Ada"),
        "{told:?}"
    );
    access::remove_member(&olga, &test.db, tenant, ada.user_id)
        .await
        .unwrap();
    let late = export.next_page().await;
    assert!(matches!(late, Err(ServiceError::Forbidden(_))), "{late:?}");
}

#[tokio::test]
async fn an_export_is_full_only_when_there_is_more_than_it_holds() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Readonly)]).await;
    ended_runs(&test, tenant, &ada, 20).await;
    for (room, held, is_full) in [(19, 19, true), (20, 20, false), (21, 20, false)] {
        let query = RunQuery::default();
        let export = Export::begin(ada.clone(), test.db.clone(), &query, &[]).await;
        let mut export = export.unwrap().with_room_for(room);
        assert_eq!(export.next_page().await.unwrap().len(), held);
        assert!(export.next_page().await.unwrap().is_empty());
        assert_eq!(export.is_full(), is_full, "room for {room}");
    }
}

#[tokio::test]
async fn no_statement_of_the_list_reads_the_whole_table_skips_rows_or_counts_without_end() {
    let test = TestDatabase::new().await;
    let mut roles = Vec::new();
    let nobody = test.person("Nobody", &[]).await;
    for index in 0..20 {
        let tenant = test.tenant(&format!("Tenant {index}")).await;
        ended_runs(&test, tenant, &nobody, 2_000).await;
        roles.push((tenant, Role::Owner));
    }
    sqlx::query("vacuum analyze operation_runs")
        .execute(test.sql())
        .await
        .unwrap();
    let ada = test.person("Ada", &roles).await;
    let today = runs::list(&ada, &test.db, &RunQuery::default())
        .await
        .unwrap();
    let cursor = today.older.unwrap().parse::<RunCursor>().unwrap();
    for bits in 0..1_024_u32 {
        let with = |bit: u32| bits & (1 << bit) != 0;
        let query = RunQuery {
            status: with(0).then_some(Status::Completed),
            outcome: match (with(1), with(8)) {
                (true, false) => Some(Outcome::Failed.into()),
                (true, true) => Some(OutcomeFilter::NotSucceeded),
                // What another pass has asked for already.
                (false, true) => continue,
                (false, false) => None,
            },
            last: with(9).then_some(Last::Day),
            operation_type: with(2).then(|| "tenant.verify".to_owned()),
            tenant: with(3).then_some(roles[0].0),
            initiator: with(4).then_some(InitiatorFilter::Person(nobody.user_id)),
            from: with(5).then(|| today.as_of.date_naive() - TimeDelta::days(1)),
            to: with(5).then(|| today.as_of.date_naive()),
            cursor: with(6).then_some(cursor),
            text: with(7).then(|| "throttled".to_owned()),
            ..RunQuery::default()
        };
        for (statement, plan) in runs::plans(&ada, &test.db, &query).await.unwrap() {
            assert!(!statement.contains("offset"), "{statement}");
            let whole = plan.contains("Seq Scan on operation_runs");
            assert!(!whole, "{query:?}\n{statement}\n{plan}");
            let lines: Vec<_> = plan.lines().collect();
            for pair in lines
                .windows(2)
                .filter(|pair| pair[0].contains("Aggregate "))
            {
                let bounded = pair[1].contains("Limit") || pair[0].contains("HashAggregate");
                assert!(bounded, "{query:?}\n{plan}");
            }
        }
    }

    // A page costs a page's worth of each tenant, however many runs there are: 4,000 of these have failed.
    let last_day = RunQuery {
        last: Some(Last::Day),
        ..outcome(OutcomeFilter::NotSucceeded)
    };
    let text = RunQuery {
        text: Some("too many".to_owned()),
        ..RunQuery::default()
    };
    let text_of_bad = RunQuery {
        text: text.text.clone(),
        ..outcome(OutcomeFilter::NotSucceeded)
    };
    for query in [
        RunQuery::default(),
        outcome(Outcome::Failed.into()),
        outcome(OutcomeFilter::NotSucceeded),
        last_day,
        text,
        text_of_bad,
    ] {
        let read = runs::rows_read(&ada, &test.db, &query).await.unwrap();
        assert!(read < 20 * 80, "{read} for {query:?}");
    }
}

fn outcome(outcome: OutcomeFilter) -> RunQuery {
    RunQuery {
        outcome: Some(outcome),
        ..RunQuery::default()
    }
}
