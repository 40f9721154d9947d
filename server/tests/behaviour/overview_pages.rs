//! The overview as a page without a script: what needs someone, and the forms that say that somebody looks after it.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::{FailureCode, FailureGroup, Outcome, Role, RunId, Status};
use services::runs::{self, EndedItem, Item, ItemEnd, RunUpdate};

use crate::pages::{Page, Scene, read_until};

/// An inventory sync of Contoso, ended so; what failed for want of a permission.
async fn ended(scene: &Scene, outcome: Outcome) -> RunId {
    ended_by(scene, outcome, FailureCode::Forbidden).await
}

async fn ended_by(scene: &Scene, outcome: Outcome, code: FailureCode) -> RunId {
    let name = format!("Grace {outcome}");
    let grace = scene
        .test
        .person(&name, &[(scene.tenant, Role::Operator)])
        .await;
    let run = scene.run(&grace).await;
    let message = "Shell scripts: the app needs DeviceManagementScripts.Read.All";
    let update = match outcome {
        Outcome::Succeeded => RunUpdate::default(),
        _ => RunUpdate {
            failures: vec![FailureGroup::new(code, message)],
            items: vec![EndedItem {
                item: Item {
                    kind: None,
                    id: None,
                    name: "All shell scripts".to_owned(),
                },
                note: None,
                end: ItemEnd::Failed {
                    code,
                    message: message.to_owned(),
                },
            }],
            ..RunUpdate::default()
        },
    };
    runs::update_run(
        &scene.test.db,
        run,
        Status::Completed,
        Some(outcome),
        update,
    )
    .await
    .unwrap();
    run
}

fn assert_shows(page: &Page, parts: &[&str]) {
    for part in parts {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
}

/// Where the answer to a form leads, without the part of the page that it opens at.
fn led_to(answer: &Page) -> String {
    assert!(answer.status.is_redirection(), "{}", answer.text);
    let location = answer.header(header::LOCATION);
    let location = location.split('#').next().unwrap_or_default();
    location.trim_start_matches("http://atlas.test").to_owned()
}

/// The form as the overview's own page sends it: a browser says from where, and is sent back there if it is refused.
async fn post_from_overview(scene: &Scene, path: &str, cookie: &str, form: &str) -> Page {
    let request = Request::post(path)
        .header(header::ACCEPT, "text/html")
        .header(header::HOST, "atlas.test")
        .header(header::ORIGIN, "http://atlas.test")
        .header(header::REFERER, "http://atlas.test/?acknowledged=1")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie);
    let request = request.body(Body::from(form.to_owned())).unwrap();
    scene.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_acknowledged_resolved_and_comes_back_by_plain_forms() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Owner)).await;
    let bob = scene.signed_in("Bob", Some(Role::Operator)).await;
    let run = ended(&scene, Outcome::PartiallySucceeded).await;
    let page = scene.get("/", Some(&ada)).await;
    assert_shows(
        &page,
        &[
            "Grant the app the named permission",
            "the app needs DeviceManagementScripts.Read.All",
            &format!("/runs/{run}?items=failed&amp;items_code=graph.forbidden#items"),
            "Acknowledge …: Inventory sync for Contoso, Permission missing",
            "data-standing=\"new\"",
            "1 operation needs someone",
            &format!("/runs/bulk?action=retry&amp;runs[0]={run}"),
            "never backed up",
        ],
    );
    for all in ["Acknowledge all", "Retry all"] {
        assert!(!page.text.contains(all), "{all}");
    }

    let mut stream = scene.events(&bob).await;
    let form = format!("code=graph.forbidden&runs[0]={run}&note=ticket+4711+%3Cb%3E");
    let sent = scene
        .post("/api/acknowledge_failures", Some(&ada), &form)
        .await;
    // Open pages hear of it.
    read_until(&mut stream, &format!("\"tenants\":[{}]", scene.tenant)).await;
    assert_eq!(led_to(&sent), "/?acknowledged=1");
    let page = scene.get(&led_to(&sent), Some(&bob)).await;
    assert_shows(
        &page,
        &[
            "Acknowledged. It stands below",
            "Nothing new: somebody looks after all that failed.",
            "nothing needs anyone",
            "1 acknowledged",
            "data-standing=\"acknowledged\"",
            "<q>ticket 4711 &lt;b&gt;",
            "Take back: Inventory sync for Contoso, Permission missing",
        ],
    );
    assert!(!page.text.contains("Acknowledge …"));
    let again = scene
        .post("/api/acknowledge_failures", Some(&bob), &form)
        .await;
    assert_eq!(led_to(&again), "/?acknowledged=0");
    let page = scene.get(&led_to(&again), Some(&bob)).await;
    assert_shows(&page, &["Nothing was left to acknowledge"]);

    ended(&scene, Outcome::Succeeded).await;
    let page = scene.get("/", Some(&ada)).await;
    assert!(!page.text.contains("Permission missing"), "{}", page.text);
    ended(&scene, Outcome::Failed).await;
    let page = scene.get("/", Some(&ada)).await;
    assert_shows(
        &page,
        &[
            "data-standing=\"came_back\"",
            "Came back: was acknowledged by",
        ],
    );

    let id = "select max(id) from trouble_acknowledgements";
    let run = scene
        .test
        .number("select max(id) from operation_runs where outcome = 'failed'")
        .await;
    let form = format!("code=graph.forbidden&runs[0]={run}");
    scene
        .post("/api/acknowledge_failures", Some(&bob), &form)
        .await;
    let form = format!("acknowledgement={}", scene.test.number(id).await);
    let sent = scene
        .post("/api/take_back_acknowledgement", Some(&ada), &form)
        .await;
    let page = scene.get(&led_to(&sent), Some(&ada)).await;
    assert_shows(&page, &["Taken back: it needs someone again.", "Came back"]);
    let log = scene.get("/audit", Some(&ada)).await;
    assert_shows(
        &log,
        &[
            "Failure acknowledged",
            "Inventory sync: Permission missing. ticket 4711",
            "Acknowledgement taken back",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_secret_leads_who_may_replace_it_to_the_form() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Owner)).await;
    let bob = scene.signed_in("Bob", Some(Role::Operator)).await;
    ended(&scene, Outcome::Failed).await;
    let form = format!(
        "/tenants/{}?replace=client_secret#client-secret",
        scene.tenant
    );
    let leads_there = async |cookie| {
        let page = scene.get("/", Some(cookie)).await;
        page.text.contains(&form)
    };
    assert!(!leads_there(&ada).await, "another secret grants nothing");
    ended_by(&scene, Outcome::Failed, FailureCode::CredentialsRejected).await;
    assert!(leads_there(&ada).await);
    assert!(!leads_there(&bob).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_can_not_be_kept_is_refused_in_words_and_readers_have_no_forms() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Operator)).await;
    let rea = scene.signed_in("Rea", Some(Role::Readonly)).await;
    let sam = scene.signed_in("Sam", None).await;
    let run = ended(&scene, Outcome::Failed).await;
    let path = "/api/acknowledge_failures";
    let form = |note: &str| format!("code=graph.forbidden&runs[0]={run}&note={note}");
    let page = scene.get("/", Some(&rea)).await;
    assert_shows(&page, &["the app needs DeviceManagementScripts.Read.All"]);
    for offered in ["Acknowledge", "Retry"] {
        assert!(!page.text.contains(offered), "{}", page.text);
    }

    let sent = post_from_overview(&scene, path, &ada, &form("two%0Alines")).await;
    let page = scene.get(&led_to(&sent), Some(&ada)).await;
    assert_shows(
        &page,
        &["data-answer=\"refused\"", "it holds a character that can"],
    );
    for (cookie, form, status) in [
        (&ada, form(&"x".repeat(201)), StatusCode::BAD_REQUEST),
        (&ada, form("%00"), StatusCode::BAD_REQUEST),
        (
            &ada,
            "code=nonsense&runs[0]=1".into(),
            StatusCode::BAD_REQUEST,
        ),
        (&ada, "code=graph.forbidden".into(), StatusCode::BAD_REQUEST),
        (
            &ada,
            "code=graph.forbidden&runs[0]=x".into(),
            StatusCode::BAD_REQUEST,
        ),
        (&rea, form(""), StatusCode::FORBIDDEN),
        (&sam, form(""), StatusCode::NOT_FOUND),
    ] {
        let answer = scene.call(path, cookie, &form).await;
        assert_eq!(answer.status, status, "{form}: {}", answer.text);
    }
    let back = "/api/take_back_acknowledgement";
    let answer = scene.call(back, &ada, "acknowledgement=424242").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let kept = "select count(*) from trouble_acknowledgements";
    assert_eq!(scene.test.number(kept).await, 0);
    // What the address says is not believed further than it can be read.
    let odd = scene.get("/?acknowledged=%3Cscript%3E", Some(&ada)).await;
    assert_eq!(odd.status, StatusCode::OK);
    assert!(!odd.text.contains("data-answer"));
}
