//! The monitoring pages over 10,000 and over 1,000,000 runs of 50 tenants: how much slower the larger database answers.

use std::time::Duration;

use domain::TenantId;

use services::Db;

use crate::{Outcome, large_tenant::Browser, median, serve, signed_in};

const TENANTS: i32 = 50;
const FEW: i32 = 10_000;
const MANY: i32 = 1_000_000;
const TIMES: usize = 31;

/// Filters as the list's address has them; `TENANT` and `DAY` are put in.
const PAGES: [&str; 27] = [
    "/",
    "/queues",
    "/notifications",
    "/tenants",
    "/runs",
    "/runs?status=queued",
    "/runs?status=running",
    "/runs?status=completed",
    "/runs?outcome=failed",
    "/runs?outcome=partially_succeeded",
    "/runs?outcome=succeeded",
    "/runs?operation=tenant.verify",
    "/runs?operation=policy.delete",
    "/runs?mine=1",
    "/runs?tenant=TENANT",
    "/runs?tenant=TENANT&outcome=failed",
    "/runs?tenant=TENANT&operation=inventory.sync&outcome=failed",
    "/runs?operation=tenant.verify&outcome=failed",
    "/runs?mine=1&outcome=failed",
    "/runs?mine=1&operation=policy.export&tenant=TENANT",
    "/runs?from=DAY&to=DAY",
    "/runs?from=DAY&to=DAY&outcome=failed&operation=inventory.sync",
    "/runs?outcome=not_succeeded",
    "/runs?outcome=not_succeeded&last=24h",
    "/runs?mine=1&outcome=not_succeeded",
    "/runs?text=permission",
    "/runs/RUN",
];

/// `url` is that of an empty database of its own.
pub async fn measure(url: &str) -> Outcome<()> {
    let db = Db::connect(url, 30).await?;
    db.migrate().await?;
    let sql = sqlx::PgPool::connect(url).await?;
    sqlx::query(
        "insert into tenants (name, directory_id, client_id, client_secret_sealed)
         select 'Tenant ' || lpad(n::text, 2, '0'), 'directory-' || n, 'bench', '' from generate_series(1, $1) n",
    )
    .bind(TENANTS)
    .execute(&sql)
    .await?;
    let first: i64 = sqlx::query_scalar("select min(id) from tenants")
        .fetch_one(&sql)
        .await?;
    let cookie = signed_in(&db, TenantId(first)).await?;
    sqlx::query(
        "insert into memberships (user_id, tenant_id, role)
         select u.id, t.id, 'operator' from users u, tenants t on conflict do nothing",
    )
    .execute(&sql)
    .await?;
    let (address, stop) = serve(&db).await?;
    let browser = Browser {
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        base: format!("http://{address}"),
        cookie,
        sql,
    };
    fill(&browser.sql, 0, FEW).await?;
    let few = all(&browser, first).await?;
    fill(&browser.sql, FEW, MANY).await?;
    let many = all(&browser, first).await?;
    println!("\nmonitoring pages              10,000 runs   1,000,000 runs   ratio");
    for ((page, few), many) in PAGES.iter().zip(few).zip(many) {
        let (few, many) = (few.as_secs_f64() * 1000.0, many.as_secs_f64() * 1000.0);
        println!(
            "{page:<68} {few:>7.1} ms {many:>7.1} ms {:>6.2}",
            many / few
        );
    }
    stop.cancel();
    db.close().await;
    Ok(())
}

/// The median of each page.
async fn all(browser: &Browser, tenant: i64) -> Outcome<Vec<Duration>> {
    let (run, day): (i64, String) = sqlx::query_as(
        "select max(id), to_char((now() - interval '3 days') at time zone 'utc', 'YYYY-MM-DD') from operation_runs",
    )
    .fetch_one(&browser.sql)
    .await?;
    let mut medians = Vec::new();
    for page in PAGES {
        let path = page
            .replace("TENANT", &tenant.to_string())
            .replace("DAY", &day)
            .replace("RUN", &run.to_string());
        let mut taken = Vec::new();
        for _ in 0..TIMES {
            taken.push(browser.get(&path).await?);
        }
        medians.push(median(&mut taken));
    }
    Ok(medians)
}

/// Runs number `from` to `to`, over a year up to now, as a busy service provider has them: most succeeded.
async fn fill(sql: &sqlx::PgPool, from: i32, to: i32) -> Outcome<()> {
    // The triggers notify pages and count days one by one; here both are done at once.
    sqlx::query("alter table operation_runs disable trigger user")
        .execute(sql)
        .await?;
    sqlx::query("delete from operation_runs where status <> 'completed'")
        .execute(sql)
        .await?;
    sqlx::query(
        "insert into operation_runs
             (tenant_id, user_id, initiator_name, type, status, outcome, run_identity_hash, summary_counts,
              failure_summary, context, started_at, completed_at, created_at, updated_at)
         select t.id, case when n % 4 = 0 then u.id end, case when n % 4 = 0 then u.name else 'System' end,
                (array['inventory.sync', 'directory_groups.sync', 'backup_schedule.run', 'backup_set.capture',
                       'policy.export', 'tenant.verify', 'restore.preview'])[1 + n % 7],
                'completed', o.outcome, encode(sha256(n::text::bytea), 'hex'),
                '{\"total\":400,\"success\":400,\"failed\":0,\"skipped\":0}',
                case when o.outcome <> 'succeeded' then
                    '[{\"code\":\"graph.forbidden\",\"message\":\"Scripts: the app lacks a permission\",\"count\":1}]'::jsonb end,
                '{\"identity\":{\"inputs\":{}}}',
                at + interval '2 seconds', at + interval '60 seconds', at, at
         from generate_series($1::int + 1, $2::int) n
             cross join lateral (
                 select case when n % 50 = 0 then 'failed' when n % 33 = 0 then 'partially_succeeded' else 'succeeded' end
                     as outcome) o
             cross join lateral (select now() - make_interval(secs => 365.0 * 86400 * ($2 - n + 1) / ($2 - $1))) a (at)
             join (select id, row_number() over (order by id) as position from tenants) t on t.position = 1 + n % $3
             cross join (select id, name from users limit 1) u",
    )
    .bind(from)
    .bind(to)
    .bind(TENANTS)
    .execute(sql)
    .await?;
    sqlx::query("delete from operation_run_days")
        .execute(sql)
        .await?;
    sqlx::query(
        "insert into operation_run_days (tenant_id, day, outcome, runs)
         select tenant_id, (created_at at time zone 'UTC')::date, outcome, count(*) from operation_runs group by 1, 2, 3",
    )
    .execute(sql)
    .await?;
    sqlx::query("alter table operation_runs enable trigger user")
        .execute(sql)
        .await?;
    sqlx::query("vacuum analyze").execute(sql).await?;
    Ok(())
}
