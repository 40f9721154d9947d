//! A start that the queue did not take: the page says so, and the run's page says why and what to do.

use axum::http::{StatusCode, header};
use domain::Role;

use crate::pages::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_could_not_be_queued_is_told_in_clear_words() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    sqlx::query("alter table apalis.jobs add constraint down check (false) not valid")
        .execute(scene.test.sql())
        .await
        .unwrap();
    let form = scene.start_form();
    let start = || scene.post("/api/start_operation", Some(&cookie), &form);
    let pressed = start().await;
    assert!(pressed.status.is_redirection(), "{}", pressed.status);
    let answer = scene
        .get(pressed.header(header::LOCATION), Some(&cookie))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    for words in [
        "Could not be queued.",
        "Inventory sync was not started: the queue did not take it. Try again in a moment.",
        "View run",
        "href=\"/runs/1\"",
    ] {
        assert!(answer.text.contains(words), "{words} in {}", answer.text);
    }
    assert!(!answer.text.contains("Inventory sync queued."));
    let run = scene.get("/runs/1", Some(&cookie)).await;
    for words in [
        "data-status=\"completed\"",
        "data-outcome=\"failed\"",
        "Could not be queued",
        "The queue did not accept the job; nothing was done.",
        "queue.dispatch_failed",
        "Start it again",
    ] {
        assert!(run.text.contains(words), "{words} in {}", run.text);
    }
    // It is not in the way of another try.
    sqlx::query("alter table apalis.jobs drop constraint down")
        .execute(scene.test.sql())
        .await
        .unwrap();
    let again = start().await;
    let answer = scene
        .get(again.header(header::LOCATION), Some(&cookie))
        .await;
    assert!(
        answer.text.contains("Inventory sync queued."),
        "{}",
        answer.text
    );
}
