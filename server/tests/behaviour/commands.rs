//! Commands beside the running program: people, tokens, and the demo's password.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use domain::Role;
use services::{
    access::{self, SignIn},
    testing::TestDatabase,
};

use crate::{
    processes::{one_line, tempfile},
    support::{BINARY, Process, eventually, install_tls},
};

const PASSWORD: &str = "correct horse battery";

/// Runs a command on this database, with a text on its standard input.
fn command(test: &TestDatabase, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(BINARY)
        .args(arguments)
        .env("DATABASE_URL", &test.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that refuses its arguments does not read.
    let _closed = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

async fn may_sign_in(test: &TestDatabase, email: &str, password: &str) -> bool {
    let attempt = access::sign_in(&test.db, email, password.to_owned().into()).await;
    matches!(attempt.unwrap(), SignIn::Welcome(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_created_with_roles_and_a_token_has_that_persons_rights() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let roles = [
        format!("{contoso}=operator"),
        format!("{fabrikam}=readonly"),
    ];
    let mut create = vec![
        "user",
        "create",
        "--email",
        "ada@example.test",
        "--name",
        "Ada",
    ];
    create.extend(roles.iter().flat_map(|role| ["--role", role]));
    let created = command(&test, &create, &format!("{PASSWORD}\n"));
    assert!(said(&created).starts_with("Created user "), "{created:?}");
    assert!(may_sign_in(&test, "ada@example.test", PASSWORD).await);

    let create = [
        "token",
        "create",
        "--email",
        "Ada@Example.test",
        "--name",
        "ci",
        "--days",
        "1",
    ];
    let token = said(&command(&test, &create, ""));
    let ada = access::by_token(&test.db, &token).await.unwrap().unwrap();
    assert_eq!(ada.name, "Ada");
    assert_eq!(ada.roles.on(contoso), Some(Role::Operator));
    assert_eq!(ada.roles.on(fabrikam), Some(Role::Readonly));
    let days = "select extract(epoch from expires_at - now())::bigint / 3600 from api_tokens";
    assert!([23, 24].contains(&test.number(days).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_values_are_named_in_one_line_and_nobody_is_created() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let good = format!("{tenant}=owner");
    let user = |email: &'static str, name: &'static str, role: &str| {
        let role = role.to_owned();
        ["user", "create", "--email", email, "--name", name, "--role"]
            .map(str::to_owned)
            .into_iter()
            .chain([role])
            .collect::<Vec<_>>()
    };
    let token = |email: &str, days: &str| {
        [
            "token", "create", "--email", email, "--name", "ci", "--days", days,
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let ada = "ada@example.test";
    for (arguments, password, named) in [
        (user(ada, "Ada", "owner"), PASSWORD, "--role owner"),
        (user(ada, "Ada", "x=owner"), PASSWORD, "--role x=owner"),
        (
            user(ada, "Ada", &format!("{tenant}=king")),
            PASSWORD,
            "=king",
        ),
        (
            user(ada, "Ada", "424242=owner"),
            PASSWORD,
            "no tenant 424242",
        ),
        (user("ada", "Ada", &good), PASSWORD, "email"),
        (user(ada, " ", &good), PASSWORD, "name"),
        (user(ada, "Ada", &good), "short", "password"),
        (user(ada, "Ada", &good), "", "password"),
        (token("nobody@example.test", "1"), "", "email"),
        (token(ada, "0"), "", "--days"),
        (token(ada, "many"), "", "--days"),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = command(&test, &arguments, password);
        let line = one_line(&output);
        assert!(line.contains(named), "{arguments:?}: {line}");
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(!line.contains(PASSWORD), "{line}");
    }
    assert_eq!(test.number("select count(*) from users").await, 0);
    assert_eq!(test.number("select count(*) from api_tokens").await, 0);
}

/// `tenantatlas dev` on a database, until its pages answer.
async fn demo(test: &TestDatabase, data_dir: &Path, password: Option<&str>) -> Process {
    install_tls();
    let site = data_dir.join("site");
    fs::create_dir_all(&site).unwrap();
    let manifest = r#"{"js":"","wasm":"","css":""}"#;
    fs::write(site.join("manifest.json"), manifest).unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut command = Command::new(BINARY);
    command
        .args(["dev", "--addr", &address, "--site-dir"])
        .arg(site)
        .arg("--data-dir")
        .arg(data_dir)
        .env("DATABASE_URL", &test.url)
        .stdout(Stdio::null());
    if let Some(password) = password {
        command.env("TENANTATLAS_DEMO_PASSWORD", password);
    }
    let process = Process(command.spawn().unwrap());
    let alive = format!("http://{address}/healthz");
    eventually(|| async { reqwest::get(&alive).await.ok() }).await;
    process
}

fn kept_password(data_dir: &Path) -> String {
    let file = data_dir.join("demo-password");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{mode:o}");
    fs::read_to_string(file).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_demo_has_a_password_of_its_own_that_only_its_owner_can_read_and_a_setting_replaces() {
    let (test, other) = (TestDatabase::new().await, TestDatabase::new().await);
    let (data, other_data) = (tempfile(), tempfile());
    let demo_address = "demo@tenantatlas.test";
    let mut first = demo(&test, &data, None).await;
    let random = kept_password(&data);
    assert!(may_sign_in(&test, demo_address, &random).await);
    assert!(random.len() >= 16, "{random}");
    let _second = demo(&other, &other_data, None).await;
    assert_ne!(kept_password(&other_data), random);
    // Anybody could read it, as an older version may have left it.
    first.kill();
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(data.join("demo-password"), open).unwrap();
    let _again = demo(&test, &data, Some(PASSWORD)).await;
    assert_eq!(kept_password(&data), PASSWORD);
    assert!(may_sign_in(&test, demo_address, PASSWORD).await);
    assert!(!may_sign_in(&test, demo_address, &random).await);
    for folder in [data, other_data] {
        fs::remove_dir_all(folder).unwrap();
    }
}
