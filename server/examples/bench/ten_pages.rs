//! Ten open run pages while their runs change a hundred times a second: what each page costs, and whether its last state is there.

use std::{process::Stdio, time::Duration};

use domain::{OperationType, SummaryCounts, TenantId};
use services::{
    Db,
    runs::{self, Claim, Initiator, Lease, RunUpdate},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::{Outcome, serve};

const PAGES: u32 = 10;
const CHANGES_A_SECOND: u32 = 100;
const SECONDS: u32 = 20;

pub async fn measure(db: &Db, tenant: TenantId, cookie: &str) -> Outcome<()> {
    let mut leases = Vec::new();
    for salt in 0..PAGES {
        leases.push(claimed(db, tenant, salt).await?);
    }
    let (address, stop) = serve(db).await?;
    let mut browser = Command::new("node")
        .args(["bench/watch-many.mjs", &format!("http://{address}"), cookie])
        .args(leases.iter().map(|(run, _)| format!("/runs/{run}")))
        .current_dir("end2end")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = browser.stdout.take().ok_or("the browser has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let mut commands = browser.stdin.take().ok_or("the browser has no input")?;
    while lines.next_line().await?.ok_or("the browser ended early")? != "ready" {}
    commands.write_all(b"begin\n").await?;
    let changes = CHANGES_A_SECOND * SECONDS;
    let mut ticks = interval(Duration::from_secs(1) / CHANGES_A_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let began = Instant::now();
    for change in 0..changes {
        ticks.tick().await;
        let (_, lease) = &leases[(change % PAGES) as usize];
        lease
            .report(db, counts(change / PAGES, changes / PAGES))
            .await?;
    }
    let took = began.elapsed();
    for (_, lease) in &leases {
        let all = counts(changes / PAGES, changes / PAGES);
        lease.complete(db, domain::Outcome::Succeeded, all).await?;
    }
    commands.write_all(b"end\n").await?;
    let line = lines.next_line().await?.ok_or("the browser ended early")?;
    let mut numbers = line.split(' ');
    let mut next = || numbers.next().ok_or("the browser printed something else");
    let (right, late) = (next()?, next()?);
    let mut shares: Vec<f64> = numbers.map(str::parse).collect::<Result<_, _>>()?;
    shares.sort_by(f64::total_cmp);
    println!(
        "{PAGES} pages, {:.0} changes a second: {right} show the last state {late} ms after it; \
         share of a core, median {:.1} %, most {:.1} %",
        f64::from(changes) / took.as_secs_f64(),
        shares[shares.len() / 2] * 100.0,
        shares[shares.len() - 1] * 100.0,
    );
    stop.cancel();
    browser.wait().await?;
    Ok(())
}

async fn claimed(db: &Db, tenant: TenantId, salt: u32) -> Outcome<(domain::RunId, Lease)> {
    let inputs = [("page".to_owned(), salt.into())].into_iter().collect();
    let run = runs::ensure_run(
        db,
        tenant,
        OperationType::InventorySync,
        &inputs,
        &Initiator::System,
    )
    .await?
    .run_id;
    match runs::claim(db, run, i64::from(PAGES) + 1).await? {
        Claim::Acquired(lease) => Ok((run, lease)),
        _ => Err("the run could not be claimed".into()),
    }
}

fn counts(success: u32, total: u32) -> RunUpdate {
    RunUpdate {
        counts: Some(SummaryCounts {
            total,
            success,
            ..SummaryCounts::default()
        }),
        ..RunUpdate::default()
    }
}
