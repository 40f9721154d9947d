//! Settings through the whole router: plain forms whose answers are pages, and what every other page makes of them.

use axum::http::{StatusCode, header};
use domain::Role;
use secrecy::ExposeSecret;
use services::tenants;

use crate::{
    pages::{Page, Scene},
    support::secret_key,
};

const LOOK: &str = "theme=dark&zone=browser&own_zone=Asia%2FKolkata&shortcuts=on";

/// The page's markup without the marks that the script finds its texts by.
fn markup(page: &Page) -> String {
    page.text.replace("<!>", "")
}

/// Sends a form of the settings page; gives where it leads and the page there.
async fn sent(scene: &Scene, cookie: &str, path: &str, form: &str) -> (String, Page) {
    let answer = scene.post(path, Some(cookie), form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let to = answer.header(header::LOCATION).to_owned();
    let page = scene.get(&to, Some(cookie)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    (to, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_and_a_zone_are_on_every_page_from_the_server_on() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    scene
        .post("/api/start_operation", Some(&cookie), &scene.start_form())
        .await;
    let before = scene.get("/runs", Some(&cookie)).await;
    assert!(!before.text.contains("data-theme") && markup(&before).contains(" UTC</time>"));

    let saved = scene.post("/settings/look", Some(&cookie), LOOK).await;
    assert_eq!(saved.header(header::LOCATION), "/settings?saved=look");
    let theme = saved.header(header::SET_COOKIE);
    assert!(
        theme.starts_with("theme=dark; ") && theme.contains("HttpOnly"),
        "{theme}"
    );
    for path in [
        "/settings?saved=look",
        "/runs",
        "/runs/1",
        "/tenants",
        "/nowhere",
    ] {
        let page = scene.get(path, Some(&cookie)).await;
        assert!(
            page.text.contains("<html lang=\"en\" data-theme=\"dark\">"),
            "{path}"
        );
        assert!(page.text.contains("Times in Asia/Kolkata"), "{path}");
    }
    let runs = markup(&scene.get("/runs", Some(&cookie)).await);
    let (until, rest) = runs.split_once(" UTC+5:30</time>").expect(&runs);
    let time = until.rsplit_once("<time").unwrap().1;
    // For machines it stays UTC, and the tooltip has both.
    for part in ["Z\" title=\"", "(Asia/Kolkata)", " UTC\">"] {
        assert!(time.contains(part), "{part} in {time}");
    }
    assert!(!rest.contains(" UTC</time>"), "one zone a page");

    // Somebody else's pages are as they were, and the sign-in page only knows the cookie.
    let other = scene.signed_in("Bob", Some(Role::Readonly)).await;
    let page = scene.get("/runs", Some(&other)).await;
    assert!(!page.text.contains("data-theme") && markup(&page).contains(" UTC</time>"));
    let page = scene.get("/login", Some("theme=dark")).await;
    assert!(page.text.contains("data-theme=\"dark\""));
    let page = scene.get("/login", Some("theme=%22%3E%3Cscript")).await;
    assert!(page.status == StatusCode::OK && !page.text.contains("data-theme"));
}

#[tokio::test(flavor = "multi_thread")]
async fn times_of_a_tenant_are_written_in_its_zone_wherever_they_stand() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Owner)).await;
    let tenant = scene.test.number("select id from tenants").await;
    scene
        .post("/api/start_operation", Some(&cookie), &scene.start_form())
        .await;
    let path = format!("/tenants/{tenant}/time-zone");
    let (to, page) = sent(&scene, &cookie, &path, "time_zone=Tokyo").await;
    assert_eq!(to, format!("/tenants/{tenant}?refused=time_zone"));
    assert!(page.text.contains("That is no time zone"));
    let (_, page) = sent(&scene, &cookie, &path, "time_zone=Asia%2FTokyo").await;
    assert!(
        markup(&page).contains("<dd>Asia/Tokyo</dd>"),
        "{}",
        page.text
    );
    sent(
        &scene,
        &cookie,
        "/settings/look",
        "theme=system&zone=tenant&own_zone=",
    )
    .await;
    for path in [
        "/runs".to_owned(),
        "/runs/1".to_owned(),
        format!("/tenants/{tenant}"),
    ] {
        let page = scene.get(&path, Some(&cookie)).await;
        assert!(markup(&page).contains(" UTC+9</time>"), "{path}");
    }
    let operator = scene.signed_in("Bob", Some(Role::Operator)).await;
    let refused = scene.post(&path, Some(&operator), "time_zone=UTC").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let stranger = scene.signed_in("Sam", None).await;
    let refused = scene.post(&path, Some(&stranger), "time_zone=UTC").await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_replaces_the_client_secret_and_nobody_else_does() {
    let scene = Scene::new().await;
    let (db, tenant) = (&scene.test.db, scene.tenant);
    let cookie = scene.signed_in("Ada", Some(Role::Owner)).await;
    let path = format!("/tenants/{tenant}/client-secret");
    let secret = || async {
        let connection = tenants::connection(db, &secret_key(), tenant)
            .await
            .unwrap();
        connection.client_secret.expose_secret().to_owned()
    };
    let before = secret().await;
    for unusable in [
        "",
        "+%0A",
        "two+words",
        "A719D202-c2d7-4c08-bf7c-25ef6627ff35",
    ] {
        let form = format!("client_secret={unusable}");
        let (to, page) = sent(&scene, &cookie, &path, &form).await;
        assert_eq!(to, format!("/tenants/{tenant}?refused=client_secret"));
        assert!(
            page.text.contains("Not stored. Paste the secret's value"),
            "{unusable}"
        );
        assert_eq!(secret().await, before, "{unusable}");
    }

    let (to, page) = sent(&scene, &cookie, &path, "client_secret=+a8Q~new%2Bone+").await;
    assert_eq!(to, format!("/tenants/{tenant}?saved=client_secret"));
    assert!(page.text.contains("Stored. Verify the connection") && !page.text.contains("a8Q~new"));
    assert_eq!(secret().await, "a8Q~new+one");
    let audit = scene.get("/audit", Some(&cookie)).await;
    assert!(audit.text.contains("client secret replaced") && !audit.text.contains("a8Q~new"));

    for (name, role, status) in [
        ("Bob", Some(Role::Operator), StatusCode::FORBIDDEN),
        ("Sam", None, StatusCode::NOT_FOUND),
    ] {
        let cookie = scene.signed_in(name, role).await;
        let refused = scene
            .post(&path, Some(&cookie), "client_secret=theirs")
            .await;
        assert_eq!(refused.status, status, "{name}");
        assert_eq!(secret().await, "a8Q~new+one", "{name}");
        let page = scene
            .get(&format!("/tenants/{tenant}"), Some(&cookie))
            .await;
        assert!(!page.text.contains("Replace the client secret"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_used_is_named_on_the_page_and_with_a_status_to_programs() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Owner)).await;
    for (path, form, refused, words) in [
        (
            "look",
            "theme=dark&zone=utc&own_zone=Mars",
            "own_zone",
            "Your own time zone",
        ),
        ("look", "theme=dim&zone=utc", "theme", "can't be used"),
        ("look", "", "theme", "can't be used"),
        (
            "notifications",
            "notify_about=gossip",
            "notify_about",
            "can't be used",
        ),
        ("name", "name=++", "name", "one line of 1 to 100"),
        (
            "password",
            "current=nope&new=another+good+password",
            "current",
            "current password is another",
        ),
        (
            "password",
            "current=correct+horse+battery&new=short",
            "password",
            "too short",
        ),
    ] {
        let path = format!("/settings/{path}");
        let (to, page) = sent(&scene, &cookie, &path, form).await;
        assert_eq!(to, format!("/settings?refused={refused}"));
        assert!(
            page.text.contains(words) && page.text.contains("Not saved."),
            "{form}"
        );
        let program = scene.call(&path, &cookie, form).await;
        assert_eq!(program.status, StatusCode::BAD_REQUEST, "{form}");
        assert!(
            program.text.starts_with(&format!("{refused}: ")),
            "{}",
            program.text
        );
    }
    assert_eq!(
        scene.test.number("select count(*) from preferences").await,
        0
    );
    let page = scene
        .post("/settings/password", Some(&cookie), "current=x")
        .await;
    assert_eq!(page.header(header::LOCATION), "/settings?refused=form");
    let page = scene.post("/settings/name", None, "name=Eve").await;
    assert!(page.header(header::LOCATION).starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions_and_keeps_this_one() {
    let scene = Scene::new().await;
    let here = scene.signed_in("Ada", Some(Role::Owner)).await;
    let sign_in = "email=ada%40example.test&password=correct+horse+battery&next=/runs";
    let elsewhere = scene.post("/login", None, sign_in).await;
    let elsewhere = elsewhere
        .header(header::SET_COOKIE)
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let page = scene.get("/settings", Some(&here)).await;
    assert_eq!(page.text.matches("data-this=\"").count(), 2);
    assert_eq!(page.text.matches("data-this=\"true\"").count(), 1);
    let form = "current=correct+horse+battery&new=another+good+password";
    let (to, page) = sent(&scene, &here, "/settings/password", form).await;
    assert_eq!(to, "/settings?saved=password");
    assert!(page.text.contains("Password changed") && !page.text.contains("horse"));
    let ended = scene.get("/runs", Some(&elsewhere)).await;
    assert!(ended.header(header::LOCATION).starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runs_list_has_the_columns_that_its_reader_wants_in_that_order() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    scene
        .post("/api/start_operation", Some(&cookie), &scene.start_form())
        .await;
    let columns = async |cookie: &str| {
        let page = scene.get("/runs?view=all", Some(cookie)).await.text;
        let (_, first_row) = page.split_once("data-run-id").unwrap();
        let (first_row, _) = first_row.split_once("</tr>").unwrap();
        let labels = first_row.split("data-label=\"").skip(1);
        let labels = labels.map(|rest| rest.split('"').next().unwrap().to_owned());
        labels.collect::<Vec<_>>()
    };
    let all = [
        "State",
        "Operation",
        "Tenant",
        "Started by",
        "Progress",
        "Items",
        "Created",
        "Took",
    ];
    assert_eq!(columns(&cookie).await, all);
    let form = "order=tenant&order=started_by&order=progress&order=items&order=created&order=took\
                &shown=tenant&shown=created";
    let (to, page) = sent(&scene, &cookie, "/settings/columns", form).await;
    assert_eq!(to, "/settings?saved=columns");
    assert!(page.text.contains("has these columns from now on"));
    assert_eq!(
        columns(&cookie).await,
        ["State", "Operation", "Tenant", "Created"]
    );
    let form = "order=created&order=tenant&shown=took&shown=created&shown=tenant&later=created";
    let (_, page) = sent(&scene, &cookie, "/settings/columns", form).await;
    let moved = ["State", "Operation", "Tenant", "Created", "Took"];
    assert_eq!(columns(&cookie).await, moved);
    assert!(page.text.contains("aria-label=\"Move Created before\""));
    for form in ["shown=colour", "order=colour", "earlier=colour"] {
        let (to, _) = sent(&scene, &cookie, "/settings/columns", form).await;
        assert_eq!(to, "/settings?refused=columns");
    }
    assert_eq!(columns(&cookie).await, moved);
    let other = scene.signed_in("Bob", Some(Role::Operator)).await;
    assert_eq!(columns(&other).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_the_readers_active_runs_and_the_shortcuts_unless_switched_off() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    let page = scene.get("/notifications", Some(&cookie)).await;
    assert!(!page.text.contains("Your active runs"));
    assert!(page.text.contains("<dialog"));
    scene
        .post("/api/start_operation", Some(&cookie), &scene.start_form())
        .await;
    for path in ["/", "/notifications", "/tenants", "/settings"] {
        let page = scene.get(path, Some(&cookie)).await;
        let panel = page
            .text
            .split_once("aria-label=\"Your active runs\"")
            .expect(path)
            .1;
        assert!(panel.contains("1 active run of yours"), "{path}");
        assert!(panel.contains("href=\"/runs/1\"") && panel.contains("Inventory sync for Contoso"));
    }
    let other = scene.signed_in("Bob", Some(Role::Operator)).await;
    let page = scene.get("/notifications", Some(&other)).await;
    assert!(!page.text.contains("Your active runs"));

    sent(&scene, &cookie, "/settings/look", "theme=system&zone=utc").await;
    let page = scene.get("/notifications", Some(&cookie)).await;
    assert!(!page.text.contains("<dialog"));
}
