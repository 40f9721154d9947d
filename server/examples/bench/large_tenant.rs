//! A tenant of 5,000 policies: the worker's memory while it is backed up, and the restore's pages while it is previewed.

use std::{
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{RetryPolicy, Role, RunId, TenantId, UserId};
use graph::{GraphClient, GraphSettings};
use graph_simulator::{Simulator, TenantSpec};
use secrecy::SecretString;
use serde_json::{Value, json};
use server::worker::{self, Limits};
use services::{
    Db, access,
    operations::Operations,
    tenants::{self, NewEndpoints, NewTenant, SecretKey},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use tokio_util::sync::CancellationToken;

use crate::{Outcome, serve, summary};

const SMALL: usize = 500;
const LARGE: usize = 5_000;

/// What a child process of this program does.
pub async fn part(name: &str) -> Outcome<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "there is a crypto provider already")?;
    match name {
        "simulator" => simulate().await,
        "worker" => work().await,
        other => Err(format!("there is no part {other}").into()),
    }
}

/// Serves two tenants and prints how to reach them, then waits to be killed.
async fn simulate() -> Outcome<()> {
    let running = Simulator::empty().spawn().await?;
    for policies in [SMALL, LARGE] {
        let spec = TenantSpec::new(&format!("{policies} policies"))
            .policies(policies)
            .groups(200);
        let tenant = running.simulator.add_tenant(spec);
        println!(
            "{}",
            json!({ "base": running.base_url, "directory": tenant.directory_id, "client": tenant.client_id,
                    "secret": tenant.client_secret })
        );
    }
    std::future::pending().await
}

/// A worker on the database that the environment names.
async fn work() -> Outcome<()> {
    let setting = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let operations = Operations {
        db: Db::connect(&setting("BENCH_DATABASE")?, 10).await?,
        graph: GraphClient::new(GraphSettings::default())?,
        key: Arc::new(SecretKey::from_hex(&setting("BENCH_KEY")?)?),
    };
    worker::work(
        operations,
        Limits::default(),
        RetryPolicy::default(),
        CancellationToken::new(),
    )
    .await?;
    Ok(())
}

fn child(part: &str) -> Outcome<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(part).kill_on_drop(true);
    Ok(command)
}

pub async fn measure(db: &Db, url: &str, cookie: &str) -> Outcome<()> {
    let key = SecretKey::generate_hex();
    let mut simulator = child("simulator")?.stdout(Stdio::piped()).spawn()?;
    let stdout = simulator
        .stdout
        .take()
        .ok_or("the simulator has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let (address, stop) = serve(db).await?;
    let mut browser = Browser {
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        base: format!("http://{address}"),
        cookie: cookie.to_owned(),
        sql: sqlx::PgPool::connect(url).await?,
    };
    let mut peaks = Vec::new();
    let mut last = None;
    for policies in [SMALL, LARGE] {
        let line = lines
            .next_line()
            .await?
            .ok_or("the simulator ended early")?;
        let tenant = save(
            db,
            &browser.sql,
            &key,
            policies,
            &serde_json::from_str(&line)?,
        )
        .await?;
        let worker = worker(url, &key)?;
        let began = Instant::now();
        let run = browser
            .post("back_up_now", &[("tenant_id", tenant.to_string())])
            .await?;
        browser.ended(&run).await?;
        let peak = peak_memory(&worker).await?;
        println!(
            "backup of {policies:>4} policies    {:.1} s, the worker's peak memory {:.0} MiB",
            began.elapsed().as_secs_f64(),
            peak
        );
        peaks.push(peak);
        last = Some((tenant, worker));
    }
    if let [small, large] = peaks[..] {
        println!("memory, 5,000 against 500  {:.2} x", large / small);
    }
    if let Some((tenant, _worker)) = last {
        wizard(&mut browser, tenant).await?;
    }
    stop.cancel();
    Ok(())
}

/// The restore wizard's pages: before, while and after the preview of everything.
async fn wizard(browser: &mut Browser, tenant: TenantId) -> Outcome<()> {
    let set: i64 = sqlx::query_scalar("select id from backup_sets where tenant_id = $1")
        .bind(tenant)
        .fetch_one(&browser.sql)
        .await?;
    let restores = format!("/tenants/{tenant}/restores");
    let new = format!("{restores}/new?set={set}");
    for (what, path) in [
        ("choosing a backup", format!("{restores}/new")),
        ("choosing policies", new),
    ] {
        browser.time(what, &path, 20).await?;
    }
    let fields = [
        ("tenant_id", tenant.to_string()),
        ("set_id", set.to_string()),
        ("only_chosen", "false".into()),
        ("with_assignments", "true".into()),
    ];
    let restore = browser.post("begin_restore", &fields).await?;
    let page = format!("{restores}/{restore}");
    let fields = [
        ("tenant_id", tenant.to_string()),
        ("restore_id", restore.to_string()),
    ];
    let run = browser.post("generate_preview", &fields).await?;
    let mut during = Vec::new();
    while !browser.has_ended(&run).await? {
        during.push(browser.get(&page).await?);
    }
    println!(
        "restore page, previewing   {} ({} loads)",
        summary(&mut during),
        during.len()
    );
    browser.time("restore page, previewed", &page, 20).await?;
    browser.time("restore's list", &restores, 20).await
}

async fn save(
    db: &Db,
    sql: &sqlx::PgPool,
    key: &str,
    policies: usize,
    at: &Value,
) -> Outcome<TenantId> {
    let text = |name: &str| at[name].as_str().unwrap_or_default().to_owned();
    let tenant = NewTenant {
        name: format!("{policies} policies"),
        directory_id: text("directory"),
        endpoints: NewEndpoints::Custom {
            login: text("base"),
            graph: text("base"),
        },
        client_id: text("client"),
        client_secret: SecretString::from(text("secret")),
    };
    let tenant = tenants::save(db, &SecretKey::from_hex(key)?, tenant).await?;
    let user: UserId = sqlx::query_scalar("select id from users")
        .fetch_one(sql)
        .await?;
    access::grant(db, user, tenant, Role::Owner).await?;
    Ok(tenant)
}

fn worker(url: &str, key: &str) -> Outcome<Child> {
    Ok(child("worker")?
        .env("BENCH_DATABASE", url)
        .env("BENCH_KEY", key)
        .spawn()?)
}

/// The most that the process ever held, in MiB.
async fn peak_memory(process: &Child) -> Outcome<f64> {
    let id = process.id().ok_or("the worker has ended")?;
    let status = tokio::fs::read_to_string(format!("/proc/{id}/status")).await?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .ok_or("the system does not tell a process's memory")?;
    Ok(kib / 1024.0)
}

/// Asks as a person's browser does.
pub struct Browser {
    pub http: reqwest::Client,
    pub base: String,
    pub cookie: String,
    pub sql: sqlx::PgPool,
}

impl Browser {
    pub async fn get(&self, path: &str) -> Outcome<Duration> {
        let began = Instant::now();
        // Compressed as for a browser, and left so: what a reader's machine does with it is not the server's time.
        let request = self
            .http
            .get(format!("{}{path}", self.base))
            .header("cookie", &self.cookie)
            .header("accept-encoding", "br");
        let answer = request.send().await?;
        let status = answer.status();
        answer.bytes().await?;
        if !status.is_success() {
            return Err(format!("{path} answered {status}").into());
        }
        Ok(began.elapsed())
    }

    async fn time(&self, what: &str, path: &str, times: usize) -> Outcome<()> {
        let mut taken = Vec::new();
        for _ in 0..times {
            taken.push(self.get(path).await?);
        }
        println!("{what:<26} {}", summary(&mut taken));
        Ok(())
    }

    /// Presses a button and returns the answer.
    async fn post(&self, endpoint: &str, fields: &[(&str, String)]) -> Outcome<Value> {
        let request = self.http.post(format!("{}/api/{endpoint}", self.base));
        let answer = request
            .header("cookie", &self.cookie)
            .header("accept", "application/json")
            .form(fields)
            .send()
            .await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("{endpoint} answered {status}").into());
        }
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }

    async fn has_ended(&self, started: &Value) -> Outcome<bool> {
        let run: RunId = serde_json::from_value(started["run"]["id"].clone())?;
        let state: (String, String) =
            sqlx::query_as("select status, outcome from operation_runs where id = $1")
                .bind(run)
                .fetch_one(&self.sql)
                .await?;
        match (state.0.as_str(), state.1.as_str()) {
            ("completed", "succeeded") => Ok(true),
            ("completed", other) => Err(format!("run {run} has {other}").into()),
            _ => Ok(false),
        }
    }

    async fn ended(&self, started: &Value) -> Outcome<()> {
        while !self.has_ended(started).await? {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}
