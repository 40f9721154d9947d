//! What a chat or a program outside is told of runs that did not succeed.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use domain::{FailureCode, OperationType, Outcome, RunId, Status, TenantId};
use secrecy::SecretString;
use serde_json::Value;
use server::alerts::{AlertError, Alerts, MailRoute};
use services::{
    runs::{self, Initiator, RunUpdate},
    testing::TestDatabase,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::support::install_tls;

/// A place that takes messages; while it is down, it refuses them.
#[derive(Clone, Default)]
struct Chat(Arc<Mutex<(bool, Vec<Value>)>>);

impl Chat {
    async fn open(&self) -> String {
        let take = |State(chat): State<Self>, Json(message): Json<Value>| async move {
            let (is_down, messages) = &mut *chat.0.lock().unwrap();
            if *is_down {
                return StatusCode::BAD_GATEWAY;
            }
            messages.push(message);
            StatusCode::OK
        };
        let router = Router::new().route("/hooks/secret-path", post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, router.with_state(self.clone())).into_future());
        format!("http://{address}/hooks/secret-path")
    }

    fn is_down(&self, is_down: bool) {
        self.0.lock().unwrap().0 = is_down;
    }

    fn taken(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

/// A mail server that takes what it is sent, or refuses every recipient.
async fn mail_server(refuses: bool) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let mails = Arc::clone(&taken);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            let mut mail = String::new();
            let mut in_mail = false;
            writer.write_all(b"220 ready\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.as_str() {
                    "." if in_mail => {
                        in_mail = false;
                        mails.lock().unwrap().push(std::mem::take(&mut mail));
                        "250 taken"
                    }
                    text if in_mail => {
                        mail.push_str(text);
                        mail.push('\n');
                        continue;
                    }
                    "DATA" => {
                        in_mail = true;
                        "354 go on"
                    }
                    text if refuses && text.starts_with("RCPT") => "550 <ops@example.com>: nobody",
                    _ => "250 fine",
                };
                let written = writer.write_all(format!("{answer}\r\n").as_bytes()).await;
                if written.is_err() {
                    break;
                }
            }
        }
    });
    (url, taken)
}

fn by_mail(server: String) -> Result<Alerts, AlertError> {
    install_tls();
    let route = MailRoute {
        server: SecretString::from(server),
        from: "TenantAtlas <atlas@example.com>".to_owned(),
        to: "ops@example.com".to_owned(),
    };
    Alerts::to_mailbox(&route, "https://atlas.example.com".to_owned())
}

fn alerts(address: String) -> Alerts {
    install_tls();
    let public = "https://atlas.example.com".to_owned();
    Alerts::to_web(SecretString::from(address), public).unwrap()
}

async fn run(test: &TestDatabase, tenant: TenantId, operation: OperationType) -> RunId {
    let inputs = domain::Inputs::new();
    let ensured = runs::ensure_run(&test.db, tenant, operation, &inputs, &Initiator::System)
        .await
        .unwrap();
    ensured.run_id
}

async fn failed(test: &TestDatabase, tenant: TenantId, operation: OperationType) -> RunId {
    let run = run(test, tenant, operation).await;
    runs::fail_run(
        &test.db,
        run,
        FailureCode::Forbidden,
        &"Scripts: the app lacks a permission",
    )
    .await
    .unwrap();
    run
}

async fn let_time_pass(test: &TestDatabase, sql: &'static str) {
    sqlx::query(sql).execute(test.sql()).await.unwrap();
}

#[tokio::test]
async fn a_run_that_did_not_succeed_is_told_once_with_what_failed_and_a_link() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso <!all>").await;
    let good = run(&test, tenant, OperationType::TenantVerify).await;
    for (status, outcome) in [
        (Status::Running, None),
        (Status::Completed, Some(Outcome::Succeeded)),
    ] {
        runs::update_run(&test.db, good, status, outcome, RunUpdate::default())
            .await
            .unwrap();
    }
    let bad = failed(&test, tenant, OperationType::InventorySync).await;

    let chat = Chat::default();
    let address = chat.open().await;
    let (one, other) = (alerts(address.clone()), alerts(address));
    let (told, told_too) = tokio::join!(one.tell(&test.db), other.tell(&test.db));
    assert_eq!(told.unwrap() + told_too.unwrap(), 1);
    let messages = chat.taken();
    let [message] = &messages[..] else {
        panic!("{messages:?}");
    };
    let link = format!("https://atlas.example.com/runs/{bad}");
    let words = "1 run did not succeed.\n• Inventory sync for Contoso ‹!all›: failed. \
                 Scripts: the app lacks a permission. ";
    assert_eq!(message["text"], format!("{words}{link}"));
    assert_eq!(message["runs"][0]["id"], bad.0);
    assert_eq!(message["runs"][0]["outcome"], "failed");
    assert_eq!(message["runs"][0]["failures"][0]["code"], "graph.forbidden");
    assert_eq!(message["runs"][0]["url"], link);
    assert_eq!(one.tell(&test.db).await.unwrap(), 0);
    assert_eq!(chat.taken(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_mailbox_is_told_too_and_neither_place_waits_for_the_other() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let bad = failed(&test, tenant, OperationType::InventorySync).await;
    let (refusing, _) = mail_server(true).await;
    let refused = by_mail(refusing).unwrap().tell(&test.db).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.starts_with("the mail server did not take it"),
        "{refused}"
    );
    assert!(!refused.contains("ops@example.com"), "{refused}");
    let chat = Chat::default();
    assert_eq!(alerts(chat.open().await).tell(&test.db).await.unwrap(), 1);

    let (server, mails) = mail_server(false).await;
    let mailbox = by_mail(server).unwrap();
    assert_eq!(mailbox.tell(&test.db).await.unwrap(), 0);
    let_time_pass(&test, "update run_alerts set next_try_at = now()").await;
    assert_eq!(mailbox.tell(&test.db).await.unwrap(), 1);
    // Its lines are broken where mail may be.
    let mail = mails.lock().unwrap().pop().unwrap().replace("=\n", "");
    for part in [
        "From: TenantAtlas <atlas@example.com>\n",
        "To: ops@example.com\n",
        "Subject: Inventory sync for Contoso: failed\n",
        "Auto-Submitted: auto-generated\n",
        "Scripts: the app lacks a permission.",
        &format!("https://atlas.example.com/runs/{bad}"),
    ] {
        assert!(mail.contains(part), "{part} in {mail}");
    }
    assert_eq!(mailbox.tell(&test.db).await.unwrap(), 0);
    assert_eq!(test.number("select count(*) from run_alerts").await, 0);
}

#[test]
fn an_address_that_is_none_is_named_by_what_it_should_be_like() {
    for wrong in ["mail.example.com", "https://secret@mail.example.com"] {
        let error = by_mail(wrong.to_owned()).err().unwrap().to_string();
        assert!(
            error.contains("smtps://") && !error.contains("secret"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_could_not_be_told_comes_again_later_and_after_an_hour_no_more() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    failed(&test, tenant, OperationType::InventorySync).await;
    let chat = Chat::default();
    let alerts = alerts(chat.open().await);
    chat.is_down(true);
    let refused = alerts.tell(&test.db).await.unwrap_err();
    assert!(matches!(refused, AlertError::Refused(_)), "{refused}");
    assert!(!refused.to_string().contains("secret-path"), "{refused}");
    // Not at once, as the place may be busy.
    chat.is_down(false);
    assert_eq!(alerts.tell(&test.db).await.unwrap(), 0);
    let_time_pass(&test, "update run_alerts set next_try_at = now()").await;
    assert_eq!(alerts.tell(&test.db).await.unwrap(), 1);
    assert_eq!(chat.taken().len(), 1);

    failed(&test, tenant, OperationType::TenantVerify).await;
    let_time_pass(
        &test,
        "update run_alerts set created_at = now() - interval '61 minutes'",
    )
    .await;
    assert_eq!(alerts.tell(&test.db).await.unwrap(), 0);
    runs::tidy_alerts(&test.db).await.unwrap();
    assert_eq!(test.number("select count(*) from run_alerts").await, 0);
}

#[tokio::test]
async fn many_at_once_are_one_message_that_names_ten_and_holds_all() {
    let test = TestDatabase::new().await;
    for index in 0..12 {
        let tenant = test.tenant(&format!("Tenant {index}")).await;
        failed(&test, tenant, OperationType::InventorySync).await;
    }
    let chat = Chat::default();
    assert_eq!(alerts(chat.open().await).tell(&test.db).await.unwrap(), 12);
    let messages = chat.taken();
    let text = messages[0]["text"].as_str().unwrap();
    assert!(text.starts_with("12 runs did not succeed."), "{text}");
    let all = "• and 2 more: https://atlas.example.com/runs?outcome=not_succeeded&last=24h";
    assert!(text.ends_with(all), "{text}");
    assert_eq!(messages[0]["runs"].as_array().unwrap().len(), 12);
}
