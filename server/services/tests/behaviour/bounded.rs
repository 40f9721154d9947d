//! What a monitoring page reads does not grow with the history, as the database itself counts what it read.

use std::collections::BTreeMap;

use domain::{
    Role, RunId, TenantId,
    views::{
        audit::AuditQuery,
        runs::{RunItemQuery, RunQuery},
    },
};
use services::{
    Caller, Db, audit, notifications, overview, queues, runs, saved_views, tenants,
    testing::TestDatabase,
};

use crate::runs_list::ended_runs;

const PAGES: [&str; 12] = [
    "the frame of every page",
    "overview",
    "runs with counts",
    "how many runs",
    "older runs",
    "a run",
    "a run's items",
    "queues",
    "notifications",
    "views",
    "tenants",
    "audit",
];

async fn ask(page: &str, reader: &Caller, db: &Db, run: RunId) {
    match page {
        "the frame of every page" => _ = notifications::frame(reader, db).await.unwrap(),
        "overview" => _ = overview::overview(reader, db).await.unwrap(),
        "runs with counts" => {
            let query = RunQuery::default();
            _ = runs::list_with_counts(reader, db, &query).await.unwrap();
        }
        "how many runs" => {
            let query = RunQuery::default();
            _ = runs::how_many(reader, db, &query).await.unwrap();
        }
        "older runs" => {
            let first = runs::list(reader, db, &RunQuery::default()).await.unwrap();
            let query = RunQuery {
                cursor: first.older.and_then(|older| older.parse().ok()),
                ..RunQuery::default()
            };
            _ = runs::list(reader, db, &query).await.unwrap();
        }
        "a run" => _ = runs::detail(reader, db, run).await.unwrap(),
        "a run's items" => {
            let query = RunItemQuery::default();
            _ = runs::items(reader, db, run, &query).await.unwrap();
        }
        "queues" => _ = queues::queues(reader, db).await.unwrap(),
        "notifications" => _ = notifications::list(reader, db, None).await.unwrap(),
        "views" => _ = saved_views::list(reader, db).await.unwrap(),
        "tenants" => _ = tenants::list(reader, db).await.unwrap(),
        "audit" => {
            let query = AuditQuery::default();
            _ = audit::list(reader, db, &query).await.unwrap();
        }
        other => panic!("{other} is no page"),
    }
}

/// How many entries of the table of runs each page reads, with so many runs of each of three tenants.
async fn read_with(runs_of_each: i64) -> BTreeMap<&'static str, i64> {
    let test = TestDatabase::new().await;
    let mut all = Vec::<TenantId>::new();
    for name in ["Contoso", "Fabrikam", "Northwind"] {
        all.push(test.tenant(name).await);
    }
    let roles: Vec<_> = all.iter().map(|tenant| (*tenant, Role::Owner)).collect();
    let ada = test.person("Ada", &roles).await;
    for tenant in &all {
        ended_runs(&test, *tenant, &ada, runs_of_each).await;
    }
    sqlx::query("analyze").execute(test.sql()).await.unwrap();
    let newest = test.number("select max(id) from operation_runs").await;
    let mut read = BTreeMap::new();
    for page in PAGES {
        let asked = test.read_of("operation_runs", async |db: &Db| {
            ask(page, &ada, db, RunId(newest)).await;
        });
        read.insert(page, asked.await);
    }
    read
}

#[tokio::test]
async fn no_page_reads_more_of_a_longer_history() {
    let (short, long) = (read_with(6_000).await, read_with(24_000).await);
    assert!(
        short["runs with counts"] >= 50,
        "what is read is not counted: {short:?}"
    );
    for (page, short) in short {
        let long = long[page];
        assert!(
            long <= short + short / 4 + 50,
            "{page}: {short} entries of 18,000 runs, {long} of 72,000"
        );
    }
}
