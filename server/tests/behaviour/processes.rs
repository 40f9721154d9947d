//! The binary as processes: a killed worker, a drained one, and clear words when something is wrong.

use std::process::{Command, Output, Stdio};

use crate::support::{BINARY, Process, Scene, eventually};
use domain::OperationType;
use graph_simulator::{Faults, TenantSpec};
use services::{runs, testing::KEY};

fn slow() -> Faults {
    Faults {
        delay_ms: Some(120_000),
        ..Faults::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_a_killed_worker_is_ended_once_by_another_within_the_announced_time() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(5)).await;
    scene.faults(slow());
    let mut first = scene.worker_process();
    let run = scene.start(OperationType::TenantVerify).await;
    scene.running(run).await;
    first.0.kill().unwrap();
    let announced = runs::detail(&scene.ada, &scene.test.db, run)
        .await
        .unwrap()
        .lost_at
        .unwrap();
    let _second = scene.worker_process();
    assert_eq!(scene.outcome(run).await, "failed");
    assert_eq!(scene.codes(run).await, [("worker.lost".to_owned(), 1)]);
    let completed: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select completed_at from operation_runs")
            .fetch_one(scene.test.sql())
            .await
            .unwrap();
    assert!(completed <= announced, "{completed} is after {announced}");
    assert_eq!(
        scene
            .test
            .number("select count(*) from notifications where event = 'failed'")
            .await,
        1
    );
    // The work can be started again, and the second worker does it.
    scene.faults(Faults::default());
    let again = scene.start(OperationType::TenantVerify).await;
    assert_eq!(scene.outcome(again).await, "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_gets_sigterm_finishes_its_run_and_exits_with_zero() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(5)).await;
    scene.faults(Faults {
        delay_ms: Some(1_000),
        ..Faults::default()
    });
    let mut process = scene.worker_process();
    let run = scene.start(OperationType::TenantVerify).await;
    scene.running(run).await;
    let terminated = Command::new("kill")
        .arg(process.0.id().to_string())
        .status()
        .unwrap();
    assert!(terminated.success());
    assert_eq!(scene.outcome(run).await, "succeeded");
    let process = std::sync::Mutex::new(&mut process.0);
    let status = eventually(|| async { process.lock().unwrap().try_wait().unwrap() }).await;
    assert_eq!(status.code(), Some(0));
}

pub(crate) fn run_to_end(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(BINARY);
    command
        .args(arguments)
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null());
    for (name, value) in environment {
        command.env(name, value);
    }
    command.output().unwrap()
}

pub(crate) fn one_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn wrong_and_missing_settings_are_named_in_one_line_with_status_2() {
    for (arguments, environment, named) in [
        (vec!["serve"], vec![], "--database-url"),
        (
            vec!["serve"],
            vec![("DATABASE_URL", "nonsense")],
            "DATABASE_URL",
        ),
        (vec!["dev", "--addr", "nonsense"], vec![], "--addr"),
        (
            vec!["worker"],
            vec![("DATABASE_URL", "postgres://x/y")],
            "--secret-key",
        ),
        (
            vec!["worker"],
            vec![
                ("DATABASE_URL", "postgres://x/y"),
                ("TENANTATLAS_SECRET_KEY", "short"),
            ],
            "TENANTATLAS_SECRET_KEY",
        ),
        (
            vec!["serve", "--public-url", "https://atlas.example.com"],
            vec![
                ("DATABASE_URL", "postgres://x/y"),
                ("TENANTATLAS_ALERT_URL", "secret.example.com"),
            ],
            "TENANTATLAS_ALERT_URL",
        ),
        (
            vec!["serve"],
            vec![
                ("DATABASE_URL", "postgres://x/y"),
                ("TENANTATLAS_ALERT_URL", "https://secret.example.com/"),
            ],
            "--public-url",
        ),
        (
            vec!["serve", "--public-url", "https://atlas.example.com"],
            vec![
                ("DATABASE_URL", "postgres://x/y"),
                ("TENANTATLAS_ALERT_MAIL_TO", "ops@example.com"),
                ("TENANTATLAS_MAIL_FROM", "atlas@example.com"),
            ],
            "--smtp-url",
        ),
        (
            vec!["serve", "--public-url", "https://atlas.example.com"],
            vec![
                ("DATABASE_URL", "postgres://x/y"),
                ("TENANTATLAS_ALERT_MAIL_TO", "ops@example.com"),
                ("TENANTATLAS_MAIL_FROM", "atlas@example.com"),
                ("TENANTATLAS_SMTP_URL", "secret.example.com"),
            ],
            "TENANTATLAS_ALERT_MAIL_TO",
        ),
        (
            vec!["migrate"],
            vec![
                ("DATABASE_URL", "postgres://x/y"),
                ("TENANTATLAS_LOG", "server=loud"),
            ],
            "--log",
        ),
        (
            vec!["migrate"],
            vec![
                ("DATABASE_URL", "postgres://x/y"),
                ("TENANTATLAS_LOG_FORMAT", "loud"),
            ],
            "--log-format",
        ),
        (vec!["nonsense"], vec![], "nonsense"),
    ] {
        let output = run_to_end(&arguments, &environment);
        let line = one_line(&output);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(line.contains(named), "{line}");
        assert!(!line.contains("secret.example.com"), "{line}");
    }
}

#[test]
fn a_database_that_is_not_there_is_told_in_one_line() {
    let output = run_to_end(
        &["migrate"],
        &[("DATABASE_URL", "postgres://nobody:hunter2@127.0.0.1:1/none")],
    );
    let line = one_line(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        line.contains("can't be reached") && !line.contains("hunter2"),
        "{line}"
    );
}

#[test]
fn a_taken_port_and_an_unwritable_folder_are_told_in_one_line() {
    let site = tempfile();
    std::fs::write(
        site.join("manifest.json"),
        r#"{"js":"","wasm":"","css":""}"#,
    )
    .unwrap();
    let site = site.to_str().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run_to_end(&["dev", "--site-dir", site, "--addr", &address], &[]);
    assert!(one_line(&output).contains(&address));
    assert_eq!(output.status.code(), Some(1));
    let output = run_to_end(
        &[
            "dev",
            "--site-dir",
            site,
            "--addr",
            "127.0.0.1:0",
            "--data-dir",
            "/proc/none",
        ],
        &[],
    );
    assert!(one_line(&output).contains("/proc/none"));
    assert_eq!(output.status.code(), Some(1));
}

pub(crate) fn tempfile() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!(
        "ta-{}-{}",
        std::process::id(),
        uuid::Uuid::new_v4()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn help_names_the_settings_and_their_variables() {
    let output = run_to_end(&["worker", "--help"], &[]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for name in [
        "DATABASE_URL",
        "TENANTATLAS_SECRET_KEY",
        "TENANTATLAS_CONCURRENCY",
        "TENANTATLAS_RUN_TIMEOUT",
        "TENANTATLAS_LOG",
        "TENANTATLAS_LOG_FORMAT",
    ] {
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn the_version_is_told() {
    let output = run_to_end(&["--version"], &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        text.trim(),
        concat!("tenantatlas ", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_database_is_told_in_one_line_and_left_alone() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(0)).await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (99990101000000, 'of a later version', true, '', 0)",
    )
    .execute(scene.test.sql())
    .await
    .unwrap();
    for command in ["migrate", "worker"] {
        let environment = [
            ("DATABASE_URL", scene.test.url.as_str()),
            ("TENANTATLAS_SECRET_KEY", KEY),
        ];
        let output = run_to_end(&[command], &environment);
        let line = one_line(&output);
        assert!(line.contains("newer TenantAtlas"), "{command}: {line}");
        assert_eq!(output.status.code(), Some(1), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn web_and_workers_apart_share_one_database_and_sigterm_ends_the_web_with_zero() {
    let scene = Scene::with(TenantSpec::new("Contoso").policies(5)).await;
    let site = tempfile();
    std::fs::write(
        site.join("manifest.json"),
        r#"{"js":"","wasm":"","css":""}"#,
    )
    .unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let web = Command::new(BINARY)
        .args(["serve", "--addr", &address, "--site-dir"])
        .arg(&site)
        .env("DATABASE_URL", &scene.test.url)
        .env("TENANTATLAS_LOG", "warn")
        .spawn()
        .unwrap();
    let mut web = Process(web);
    let ready = format!("http://{address}/readyz");
    eventually(|| async {
        let answer = reqwest::get(&ready).await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
    let _workers = [scene.worker_process(), scene.worker_process()];
    let mut runs = Vec::new();
    for salt in 0..20 {
        runs.push(scene.start_distinct(salt).await);
    }
    for run in runs {
        assert_eq!(scene.outcome(run).await, "succeeded");
    }
    let terminated = Command::new("kill")
        .arg(web.0.id().to_string())
        .status()
        .unwrap();
    assert!(terminated.success());
    let web = std::sync::Mutex::new(&mut web.0);
    let status = eventually(|| async { web.lock().unwrap().try_wait().unwrap() }).await;
    assert_eq!(status.code(), Some(0));
}
