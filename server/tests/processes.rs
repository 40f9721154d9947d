//! The binary as processes: a killed worker, a drained one, and clear words when something is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::process::{Child, Command, Output, Stdio};

use domain::OperationType;
use graph_simulator::{Faults, TenantSpec};
use services::{runs, testing::KEY};
use support::{Scene, eventually};

const BINARY: &str = env!("CARGO_BIN_EXE_tenantatlas");

/// Ended with the test, whatever becomes of it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _already_ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn worker(scene: &Scene) -> Process {
    let child = Command::new(BINARY)
        .arg("worker")
        .env("DATABASE_URL", &scene.test.url)
        .env("TENANTATLAS_SECRET_KEY", KEY)
        .env("TENANTATLAS_LOG", "warn")
        .spawn()
        .unwrap();
    Process(child)
}

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
    let mut first = worker(&scene);
    let run = scene.start(OperationType::TenantVerify).await;
    scene.running(run).await;
    first.0.kill().unwrap();
    let announced = runs::detail(&scene.ada, &scene.test.db, run)
        .await
        .unwrap()
        .lost_at
        .unwrap();
    let _second = worker(&scene);
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
    let mut process = worker(&scene);
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

fn run_to_end(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
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

fn one_line(output: &Output) -> String {
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
        (vec!["nonsense"], vec![], "nonsense"),
    ] {
        let output = run_to_end(&arguments, &environment);
        let line = one_line(&output);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(line.contains(named), "{line}");
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

fn tempfile() -> std::path::PathBuf {
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
    ] {
        assert!(text.contains(name), "{name}");
    }
}
