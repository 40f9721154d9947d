//! Proof by searching: whatever Microsoft's sign-in led to is in no table, no log line and no answer.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use domain::Role;
use graph_simulator::Faults;
use sqlx::AssertSqlSafe;
use tracing_subscriber::filter::LevelFilter;

use super::Scene;

/// The log, kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Every row of every table, as text.
async fn database(scene: &Scene) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema')",
    )
    .fetch_all(scene.test.sql())
    .await
    .unwrap();
    assert!(tables.iter().any(|table| table == "public.sessions"));
    let mut dump = String::new();
    for table in tables {
        let rows = AssertSqlSafe(format!("select t::text from {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(rows)
            .fetch_all(scene.test.sql())
            .await
            .unwrap();
        dump.push_str(&format!("{table}\n{}\n", rows.join("\n")));
    }
    dump
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_access_is_stored_logged_or_shown() {
    let log = Log::default();
    let to = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || to.clone())
        .init();
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Owner)).await;

    // Every way that a code and a token go: in, used, refused, renewed, replayed, out.
    let callback = scene.sign_in(&ada).await;
    scene.page(&ada, "?q=kiosk").await;
    scene.get(&callback, &ada).await;
    scene.get(&callback, "").await;
    let role = &scene.of_kind("roleDefinitions")[0];
    let member = scene.group("Kiosk Wardens");
    let choice = format!("member={member}&role={role}&name=Kiosk+help&step=review");
    let review = scene.page(&ada, &format!("?{choice}")).await;
    let form = format!(
        "tenant_id={}&once={}&choice%5Bname%5D=Kiosk+help&choice%5Brole%5D={role}&choice%5Bscope%5D=everyone&choice%5Bmembers%5D%5B0%5D={member}",
        scene.tenant,
        review.field("once"),
    );
    let led = scene.post("/api/assign_role", &ada, &form).await;
    scene
        .get(&led.location, &ada)
        .await
        .shows(&["was created in Intune"]);
    scene.faults(Faults {
        throttle_every: Some(1),
        retry_after_seconds: Some(60),
        ..Faults::default()
    });
    scene.page(&ada, "?q=kiosk").await;
    let other = scene.session("ada").await;
    let microsoft = scene.begin(&other, "").await;
    let callback = scene.at_microsoft(&microsoft, "sign-in").await;
    scene.faults(Faults {
        reject_credentials: true,
        ..Faults::default()
    });
    let led = scene.get(&callback, &other).await;
    scene
        .get(&led.location, &other)
        .await
        .shows(&["graph.credentials_rejected"]);
    scene.faults(Faults {
        revoke_tokens: true,
        ..Faults::default()
    });
    scene.page(&ada, "").await;
    scene.sign_in(&ada).await;
    scene.get("/", &ada).await;
    scene.get("/runs", &ada).await;
    scene.get(&format!("/tenants/{}", scene.tenant), &ada).await;

    let dump = database(&scene).await;
    let log = log.text();
    let answers = scene.answers.lock().unwrap().join("\n");
    for (place, text, known) in [
        ("the database", &dump, "Contoso"),
        ("the log", &log, "role assigned"),
        ("the answers", &answers, "Kiosk Wardens"),
    ] {
        assert!(text.contains(known), "{place} was not looked through");
    }
    let simulator = &scene.simulator.simulator;
    let issued = simulator.issued(&scene.simulated.directory_id).unwrap();
    let kinds = [
        "code",
        "code_verifier",
        "access_token",
        "refresh_token",
        "id_token",
    ];
    for kind in kinds {
        assert!(
            issued.iter().any(|one| one.kind == kind),
            "no {kind} was issued"
        );
    }
    for secret in &issued {
        for (place, text) in [
            ("the database", &dump),
            ("the log", &log),
            ("the answers", &answers),
        ] {
            assert!(
                !text.contains(&secret.value),
                "a {} is in {place}",
                secret.kind
            );
        }
    }
    assert!(
        !log.contains(&scene.simulated.client_secret),
        "the client secret is in the log"
    );
}
