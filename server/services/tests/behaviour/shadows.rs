//! Shadow runs follow their restores: whoever changes a restore, whenever the listener is there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{RestoreId, RestoreStatus, Role, RunId, TenantId};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use services::{
    Db,
    restores::{ShadowKeeper, catch_up, mirror, settle},
    runs::{self, RunUpdate},
    testing::TestDatabase,
};
use sqlx::{PgPool, Row};

/// Where a restore may go from each status.
fn next_of(status: RestoreStatus) -> &'static [RestoreStatus] {
    use RestoreStatus::*;
    match status {
        Draft => &[Scoped],
        Scoped => &[PreviewQueued],
        PreviewQueued => &[Previewed, Previewed, Scoped, Failed],
        Previewed => &[Queued, Queued, PreviewQueued, Scoped, Aborted],
        Queued => &[Running, Running, Failed, Aborted],
        Running => &[Completed, CompletedWithErrors, Failed, Aborted],
        // Run again, or preview again.
        Completed | CompletedWithErrors | Failed | Aborted => &[Queued, PreviewQueued],
    }
}

async fn restore(sql: &PgPool, tenant: TenantId) -> RestoreId {
    sqlx::query_scalar("insert into restore_runs (tenant_id) values ($1) returning id")
        .bind(tenant)
        .fetch_one(sql)
        .await
        .unwrap()
}

/// As anybody with a database client would.
async fn set(sql: &PgPool, restore: RestoreId, status: RestoreStatus) {
    let ended = status.has_ended();
    sqlx::query(
        "update restore_runs
         set status = $2,
             summary_counts = case when $3 then '{\"total\":3,\"success\":2,\"failed\":1,\"skipped\":0}'::jsonb
                              else summary_counts end,
             failure_summary = case when $2 = 'failed'
                               then '[{\"code\":\"graph.throttled\",\"message\":\"Throttled\",\"count\":1}]'::jsonb
                               else failure_summary end
         where id = $1",
    )
    .bind(restore)
    .bind(status.as_str())
    .bind(ended)
    .execute(sql)
    .await
    .unwrap();
}

/// Status of the restore, and status and outcome of its shadow.
async fn at_rest(sql: &PgPool, restore: RestoreId) -> (RestoreStatus, Option<(String, String)>) {
    let row = sqlx::query(
        "select r.status, o.status as shadow, o.outcome
         from restore_runs r left join operation_runs o on o.id = r.shadow_run_id where r.id = $1",
    )
    .bind(restore)
    .fetch_one(sql)
    .await
    .unwrap();
    let status: String = row.get("status");
    let shadow: Option<String> = row.get("shadow");
    let outcome: Option<String> = row.get("outcome");
    (status.parse().unwrap(), shadow.zip(outcome))
}

fn expected(status: RestoreStatus) -> Option<(String, String)> {
    status
        .shadow()
        .map(|(status, outcome)| (status.as_str().to_owned(), outcome.as_str().to_owned()))
}

/// Follows restores until told to stop, like the listener of a process.
fn listener(db: &Db) -> tokio::task::JoinHandle<()> {
    let mut keeper = ShadowKeeper::new(db);
    tokio::spawn(async move {
        loop {
            if keeper.step().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    })
}

/// Waits until every shadow says what its restore says; how many do not when time is up.
async fn disagreeing(sql: &PgPool, within: Duration) -> i64 {
    let deadline = Instant::now() + within;
    loop {
        let count: i64 = sqlx::query_scalar(
            "select count(*) from restore_runs r left join operation_runs o on o.id = r.shadow_run_id
             where coalesce(o.status || ' ' || o.outcome, 'none') <> case
                 when r.status in ('draft', 'scoped', 'preview_queued') then 'none'
                 when r.status in ('previewed', 'queued') then 'queued pending'
                 when r.status = 'running' then 'running pending'
                 when r.status = 'completed' then 'completed succeeded'
                 when r.status = 'completed_with_errors' then 'completed partially_succeeded'
                 else 'completed failed' end",
        )
        .fetch_one(sql)
        .await
        .unwrap();
        if count == 0 || Instant::now() > deadline {
            return count;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_status_has_the_shadow_of_the_table_and_none_before_previewed() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let path = [
        RestoreStatus::Draft,
        RestoreStatus::Scoped,
        RestoreStatus::PreviewQueued,
        RestoreStatus::Previewed,
        RestoreStatus::Queued,
        RestoreStatus::Running,
    ];
    for end in RestoreStatus::ALL.into_iter().filter(|one| one.has_ended()) {
        let id = restore(test.sql(), tenant).await;
        for status in path.into_iter().chain([end]) {
            set(test.sql(), id, status).await;
            // Twice, and from two places at once: notifications are repeated.
            let (one, other) = tokio::join!(mirror(&test.db, id), mirror(&test.db, id));
            one.and(other).unwrap();
            assert_eq!(
                at_rest(test.sql(), id).await.1,
                expected(status),
                "{status}"
            );
        }
        let shadows = "select count(*) from operation_runs where context ->> 'restore_run_id' = ";
        let sql = sqlx::AssertSqlSafe(format!("{shadows}'{id}'"));
        let count: i64 = sqlx::query_scalar(sql).fetch_one(test.sql()).await.unwrap();
        assert_eq!(count, 1);
        let counts: serde_json::Value = sqlx::query_scalar(
            "select o.summary_counts from operation_runs o join restore_runs r on r.shadow_run_id = o.id where r.id = $1",
        )
        .bind(id)
        .fetch_one(test.sql())
        .await
        .unwrap();
        assert_eq!(counts["success"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_random_histories_end_with_every_shadow_right_and_never_two() {
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    // Notes what the restore said whenever a shadow appears.
    for statement in [
        "create table born (restore_id bigint, execution integer, status text)",
        "create function note_birth() returns trigger language plpgsql as $$
         begin
             insert into born select id, execution, status from restore_runs
             where id = (new.context ->> 'restore_run_id')::bigint
               and execution = (new.context #>> '{identity,inputs,execution}')::integer;
             return null;
         end $$",
        "create trigger note_birth after insert on operation_runs for each row execute function note_birth()",
    ] {
        sqlx::query(statement).execute(test.sql()).await.unwrap();
    }
    let mut restores = Vec::new();
    for _ in 0..1000 {
        restores.push(restore(test.sql(), tenant).await);
    }
    let over = Arc::new(AtomicBool::new(false));
    let chaos = tokio::spawn({
        let (db, sql, over) = (test.db.clone(), test.sql().clone(), over.clone());
        async move {
            let mut random = StdRng::seed_from_u64(seed);
            let mut cuts = 0;
            let mut running = Some(listener(&db));
            while !over.load(Ordering::SeqCst) {
                match random.random_range(0..3) {
                    0 => {
                        if let Some(stopped) = running.take() {
                            stopped.abort();
                        }
                    }
                    1 => running = running.or_else(|| Some(listener(&db))),
                    _ => {
                        let cut: Vec<bool> = sqlx::query_scalar(
                            "select pg_terminate_backend(pid) from pg_stat_activity
                             where datname = current_database() and query ilike 'listen %'",
                        )
                        .fetch_all(&sql)
                        .await
                        .unwrap();
                        cuts += cut.len();
                    }
                }
                tokio::time::sleep(Duration::from_millis(random.random_range(1..60))).await;
            }
            (cuts, running)
        }
    });
    let writers = (0..4).map(|writer| {
        let sql = test.sql().clone();
        let mine: Vec<RestoreId> = restores.iter().skip(writer).step_by(4).copied().collect();
        async move {
            let mut random = StdRng::seed_from_u64(seed ^ (writer as u64 + 1));
            let mut statuses = vec![RestoreStatus::Draft; mine.len()];
            for _ in 0..mine.len() * 7 {
                let at = random.random_range(0..mine.len());
                let next = *next_of(statuses[at]).choose(&mut random).unwrap();
                set(&sql, mine[at], next).await;
                statuses[at] = next;
            }
        }
    });
    futures::future::join_all(writers).await;
    over.store(true, Ordering::SeqCst);
    let (cuts, running) = chaos.await.unwrap();
    assert!(cuts > 0, "no connection was ever cut");
    if let Some(running) = running {
        running.abort();
    }
    // A new process starts and catches up, whatever the others left.
    let last = listener(&test.db);
    assert_eq!(disagreeing(test.sql(), Duration::from_secs(30)).await, 0);
    last.abort();
    for id in restores {
        let (status, shadow) = at_rest(test.sql(), id).await;
        assert_eq!(shadow, expected(status), "restore {id} at {status}");
    }
    let early = "select count(*) from born where status in ('draft', 'scoped', 'preview_queued')";
    assert_eq!(test.number(early).await, 0);
    let doubles = "select count(*) from (
            select context ->> 'restore_run_id' as restore, context #>> '{identity,inputs,execution}' as execution
            from operation_runs where type = 'restore.execute' group by 1, 2 having count(*) > 1) as twice";
    assert_eq!(test.number(doubles).await, 0);
    let active = "select count(*) from (
            select context ->> 'restore_run_id' from operation_runs
            where type = 'restore.execute' and status <> 'completed' group by 1 having count(*) > 1) as twice";
    assert_eq!(test.number(active).await, 0);
    let forgotten = "select count(*) from operation_runs o where o.status <> 'completed'
            and not exists (select from restore_runs r where r.shadow_run_id = o.id)";
    assert_eq!(test.number(forgotten).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_whose_shadow_was_ended_from_outside_ends_the_same_way() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let id = restore(test.sql(), tenant).await;
    set(test.sql(), id, RestoreStatus::Running).await;
    mirror(&test.db, id).await.unwrap();
    let run: RunId = sqlx::query_scalar("select shadow_run_id from restore_runs where id = $1")
        .bind(id)
        .fetch_one(test.sql())
        .await
        .unwrap();
    let code = domain::FailureCode::WorkerLost;
    runs::fail_run(&test.db, run, code, &"no sign of life")
        .await
        .unwrap();
    assert_eq!(settle(&test.db).await.unwrap(), 1);
    let failed = (RestoreStatus::Failed, expected(RestoreStatus::Failed));
    assert_eq!(at_rest(test.sql(), id).await, failed);
    assert_eq!(settle(&test.db).await.unwrap(), 0);
    // Run again: another execution, another shadow; the ended one stays as it was.
    set(test.sql(), id, RestoreStatus::Queued).await;
    mirror(&test.db, id).await.unwrap();
    assert_eq!(
        at_rest(test.sql(), id).await.1,
        expected(RestoreStatus::Queued)
    );
    assert_eq!(
        test.state_of(run).await,
        ("completed".into(), "failed".into())
    );
    let late = runs::update_run(
        &test.db,
        run,
        domain::Status::Running,
        None,
        RunUpdate::default(),
    );
    assert!(late.await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_who_restores_is_told_once_that_it_waits_and_once_how_it_ended() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let id: RestoreId = sqlx::query_scalar(
        "insert into restore_runs (tenant_id, user_id, initiator_name) values ($1, $2, 'Ada') returning id",
    )
    .bind(tenant)
    .bind(ada.user_id)
    .fetch_one(test.sql())
    .await
    .unwrap();
    for status in [
        RestoreStatus::Previewed,
        RestoreStatus::Queued,
        RestoreStatus::Running,
        RestoreStatus::CompletedWithErrors,
    ] {
        set(test.sql(), id, status).await;
        mirror(&test.db, id).await.unwrap();
        mirror(&test.db, id).await.unwrap();
    }
    assert_eq!(test.number("select count(*) from notifications").await, 2);
    // The sweep gives a waiting shadow no job: only the button does.
    assert_eq!(test.number("select count(*) from apalis.jobs").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_can_not_go_where_no_restore_goes() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    for (from, to, constraint) in [
        ("running", "previewed", "restore_runs_only_forward"),
        ("queued", "scoped", "restore_runs_only_forward"),
        ("completed", "failed", "restore_runs_end_is_final"),
        ("draft", "paused", "restore_runs_status_known"),
    ] {
        let id: RestoreId = sqlx::query_scalar(
            "insert into restore_runs (tenant_id, status) values ($1, $2) returning id",
        )
        .bind(tenant)
        .bind(from)
        .fetch_one(test.sql())
        .await
        .unwrap();
        let refused = sqlx::query("update restore_runs set status = $2 where id = $1")
            .bind(id)
            .bind(to)
            .execute(test.sql())
            .await
            .unwrap_err();
        let database = refused.as_database_error().unwrap();
        assert_eq!(database.constraint(), Some(constraint), "{from} to {to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_changed_unheard_while_a_restore_runs_are_caught_up_with() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let id = restore(test.sql(), tenant).await;
    set(test.sql(), id, RestoreStatus::Running).await;
    mirror(&test.db, id).await.unwrap();
    // Nobody listens.
    sqlx::query(
        "update restore_runs
         set summary_counts = '{\"total\":9,\"success\":4,\"failed\":0,\"skipped\":0}' where id = $1",
    )
    .bind(id)
    .execute(test.sql())
    .await
    .unwrap();
    catch_up(&test.db).await.unwrap();
    let success: Option<i32> = sqlx::query_scalar(
        "select (o.summary_counts ->> 'success')::integer
         from operation_runs o join restore_runs r on r.shadow_run_id = o.id where r.id = $1",
    )
    .bind(id)
    .fetch_one(test.sql())
    .await
    .unwrap();
    assert_eq!(success, Some(4));
}
