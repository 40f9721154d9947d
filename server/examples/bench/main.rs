//! Measures the built product on a database of its own: starts against their floor, commit to text, the download, a
//! tenant of 5,000 policies, open pages under many changes, and monitoring pages over a million runs.

mod large_tenant;
mod many_runs;
mod ten_pages;

use std::{
    error::Error,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use domain::{
    OperationType, Role, SummaryCounts, TenantId, identity::Inputs, views::runs::REPORTED_EVERY,
};
use futures::{StreamExt, stream};
use graph::{GraphClient, GraphSettings};
use secrecy::SecretString;
use server::{
    http::{Site, Web, router},
    private_postgres::{Options, PrivatePostgres},
};
use services::{
    Db,
    access::{self, NewUser, SignIn},
    changes::Changes,
    rbac::DelegatedAccess,
    runs::{self, Claim, Initiator, RunUpdate},
    tenants::{self, NewEndpoints, NewTenant, SecretKey},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, Box<dyn Error>>;

const CLIENTS: usize = 8;
const UPDATES: u32 = 100;

#[tokio::main]
async fn main() -> Outcome<()> {
    // The large tenant's simulator and workers are processes of their own, as their memory is measured.
    if let Some(part) = std::env::args().nth(1) {
        return large_tenant::part(&part).await;
    }
    let folder = std::env::temp_dir().join(format!("tenantatlas-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let options = Options {
        data_dir: folder.clone(),
        durable: true,
    };
    let postgres = PrivatePostgres::start(options).await?;
    let measured = async {
        Db::make(postgres.url(), "many_runs").await?;
        many_runs::measure(&postgres.url_of("many_runs")).await?;
        measure(postgres.url()).await
    }
    .await;
    postgres.stop().await?;
    std::fs::remove_dir_all(&folder)?;
    measured
}

async fn measure(url: &str) -> Outcome<()> {
    let db = Db::connect(url, 30).await?;
    db.migrate().await?;
    let key = SecretKey::from_hex(&SecretKey::generate_hex())?;
    let tenant = NewTenant {
        name: "Contoso".into(),
        directory_id: "bench".into(),
        endpoints: NewEndpoints::Cloud(graph::Cloud::Global),
        client_id: "bench".into(),
        client_secret: SecretString::from("bench"),
    };
    let tenant = tenants::save(&db, &key, tenant).await?;
    let cookie = signed_in(&db, tenant).await?;
    // Before thousands of runs are queued, as its workers would do those first.
    large_tenant::measure(&db, url, &cookie).await?;
    starts(&db, tenant).await?;
    floor(url, tenant).await?;
    commit_to_text(&db, tenant, &cookie).await?;
    ten_pages::measure(&db, tenant, &cookie).await?;
    download(Path::new("target/site/pkg"))?;
    db.close().await;
    Ok(())
}

async fn start(db: &Db, tenant: TenantId, salt: u32) -> Outcome<Duration> {
    let inputs: Inputs = [("salt".to_owned(), salt.into())].into_iter().collect();
    let began = Instant::now();
    runs::ensure_run(
        db,
        tenant,
        OperationType::InventorySync,
        &inputs,
        &Initiator::System,
    )
    .await?;
    Ok(began.elapsed())
}

/// Run, job and change in one transaction, as a start surface does it.
async fn starts(db: &Db, tenant: TenantId) -> Outcome<()> {
    let mut times = Vec::new();
    for salt in 0..500 {
        times.push(start(db, tenant, salt).await?);
    }
    println!("start, one after another   {}", summary(&mut times));
    let began = Instant::now();
    let total = 4_000_u32;
    let done: Vec<_> = stream::iter(1_000..1_000 + total)
        .map(|salt| start(db, tenant, salt))
        .buffer_unordered(CLIENTS)
        .collect()
        .await;
    done.into_iter().collect::<Outcome<Vec<_>>>()?;
    let rate = f64::from(total) / began.elapsed().as_secs_f64();
    println!("starts with {CLIENTS} clients       {rate:.0} per second");
    Ok(())
}

/// The same two inserts in plain SQL, by pgbench: what no program can be faster than.
async fn floor(url: &str, tenant: TenantId) -> Outcome<()> {
    let script = std::env::temp_dir().join(format!("tenantatlas-floor-{}.sql", std::process::id()));
    std::fs::write(
        &script,
        format!(
            "begin;\n\
             insert into operation_runs (tenant_id, initiator_name, type, run_identity_hash) values ({tenant}, 'System', \
             'bench.floor', encode(sha256(gen_random_uuid()::text::bytea), 'hex'));\n\
             insert into apalis.jobs (id, job_type, job, max_attempts) \
             values (apalis.generate_ulid()::text, 'floor', '{{}}'::bytea, 1);\n\
             commit;\n"
        ),
    )?;
    for clients in [1, CLIENTS] {
        let output = Command::new("pgbench")
            .args(["--no-vacuum", "--time=5", "--protocol=prepared"])
            .arg(format!("--client={clients}"))
            .arg("--jobs=2")
            .arg(format!("--file={}", script.display()))
            .arg(url)
            .output()
            .await;
        let Ok(output) = output else {
            println!("floor                      pgbench is not installed");
            break;
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let line = |word: &str| {
            text.lines()
                .find(|line| line.starts_with(word))
                .unwrap_or("?")
                .to_owned()
        };
        println!(
            "floor, {clients} client(s)         {}; {}",
            line("latency average"),
            line("tps")
        );
    }
    std::fs::remove_file(&script)?;
    Ok(())
}

/// From the worker's commit to the changed text in a browser on the same machine.
async fn commit_to_text(db: &Db, tenant: TenantId, cookie: &str) -> Outcome<()> {
    let run = runs::ensure_run(
        db,
        tenant,
        OperationType::TenantVerify,
        &Inputs::new(),
        &Initiator::System,
    )
    .await?
    .run_id;
    let Claim::Acquired(lease) = runs::claim(db, run, 10).await? else {
        return Err("the run could not be claimed".into());
    };
    let (address, stop) = serve(db).await?;
    let mut browser = Command::new("node")
        .args([
            "bench/watch-run.mjs",
            &format!("http://{address}"),
            &format!("/runs/{run}"),
            cookie,
        ])
        .current_dir("end2end")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = browser.stdout.take().ok_or("the browser has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    while lines.next_line().await?.ok_or("the browser ended early")? != "ready" {}
    let mut times = Vec::new();
    for number in 1..=UPDATES {
        let counts = SummaryCounts {
            total: UPDATES,
            success: number,
            ..SummaryCounts::default()
        };
        let update = RunUpdate {
            counts: Some(counts),
            ..RunUpdate::default()
        };
        lease.report(db, update).await?;
        let committed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
        // Waits for this number's text, so that each change is measured by itself.
        loop {
            let line = lines.next_line().await?.ok_or("the browser ended early")?;
            let (at, seen) = line
                .split_once(' ')
                .ok_or("the browser printed something else")?;
            if seen == number.to_string() {
                let at: f64 = at.parse()?;
                times.push(Duration::from_secs_f64((at / 1000.0 - committed).max(0.0)));
                break;
            }
        }
        // As often as a worker reports.
        tokio::time::sleep(REPORTED_EVERY).await;
    }
    println!("commit to text on the page {}", summary(&mut times));
    stop.cancel();
    drop(browser.stdin.take());
    browser.wait().await?;
    Ok(())
}

async fn signed_in(db: &Db, tenant: TenantId) -> Outcome<String> {
    let (email, password) = (
        "bench@tenantatlas.test",
        SecretString::from("correct horse battery"),
    );
    let user = access::create_user(
        db,
        NewUser {
            email: email.into(),
            name: "Bench".into(),
            password: password.clone(),
        },
    )
    .await?;
    access::grant(db, user, tenant, Role::Owner).await?;
    match access::sign_in(db, email, password).await? {
        SignIn::Welcome(token) => Ok(format!("session={token}")),
        _ => Err("signing in failed".into()),
    }
}

async fn serve(db: &Db) -> Outcome<(SocketAddr, CancellationToken)> {
    let shutdown = CancellationToken::new();
    let (changes, _relay) = Changes::listen(db);
    let router = router(Web {
        db: db.clone(),
        changes,
        site: Arc::new(Site::open(Path::new("target/site"))?),
        https: false,
        public_url: None,
        trusted_proxies: 0,
        delegated: DelegatedAccess::new(GraphClient::new(GraphSettings::interactive())?, None),
        key: None,
        shutdown: shutdown.clone(),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let stopped = shutdown.clone();
    tokio::spawn(async move {
        let _ended = axum::serve(listener, router)
            .with_graceful_shutdown(stopped.cancelled_owned())
            .await;
    });
    Ok((address, shutdown))
}

/// What a browser loads once: plain and with brotli.
fn download(folder: &Path) -> Outcome<()> {
    let mut names: Vec<_> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names
        .iter()
        .filter(|name| !name.ends_with(".br") && !name.ends_with(".gz"))
    {
        let size =
            |file: String| std::fs::metadata(folder.join(file)).map_or(0, |found| found.len());
        println!(
            "download {name:<34} {:>9} bytes, {:>8} with brotli",
            size(name.clone()),
            size(format!("{name}.br"))
        );
    }
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn summary(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    format!(
        "median {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        at(50),
        at(95),
        at(99)
    )
}
