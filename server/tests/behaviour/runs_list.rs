//! The runs list through the router: filters, counts, saved views, exports, and several runs at once; all without a script.

use axum::http::{StatusCode, header};
use domain::{OperationType, Outcome, Role, RunId, Status, identity::Inputs};
use services::{
    runs::{self, Initiator, RunUpdate},
    saved_views,
};

use crate::pages::{Page, Scene};

/// A run that has ended, started by the system.
async fn ended(scene: &Scene, operation: OperationType, outcome: Outcome) -> RunId {
    let inputs = Inputs::new();
    let db = &scene.test.db;
    let run = runs::ensure_run(db, scene.tenant, operation, &inputs, &Initiator::System)
        .await
        .unwrap()
        .run_id;
    runs::update_run(
        db,
        run,
        Status::Completed,
        Some(outcome),
        RunUpdate::default(),
    )
    .await
    .unwrap();
    run
}

fn shows(page: &Page, run: RunId) -> bool {
    page.text.contains(&format!("<tr data-run-id=\"{run}\""))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_filters_by_its_address_and_counts_each_state() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    let good = ended(&scene, OperationType::InventorySync, Outcome::Succeeded).await;
    let bad = ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    let page = scene
        .get("/runs?outcome=failed&initiator=system", Some(&cookie))
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(shows(&page, bad) && !shows(&page, good));
    for part in [
        "Remove filter Outcome: Failed",
        "href=\"/runs?initiator=system\"",
        "Remove filter Started by System",
        "data-state=\"failed\" data-runs=\"1\"",
        "data-state=\"succeeded\" data-runs=\"1\"",
        "href=\"/runs?outcome=succeeded&amp;initiator=system\"",
        "href=\"/runs/export.csv?outcome=failed&amp;initiator=system\"",
    ] {
        assert!(page.text.contains(part), "{part}\n{}", page.text);
    }
    for (part, bad) in [
        ("initiator:", "/runs?initiator=ada"),
        ("view:", "/runs?view=best"),
        ("cursor:", "/runs?cursor=o5"),
        ("operation:", "/runs?operation=%00"),
        ("text:", "/runs?text=a%00"),
        ("operation:", "/runs/export.csv?operation=x%00"),
        ("initiator:", "/runs/export.csv?initiator=ada"),
        ("runs:", "/runs/export.json?runs%5B0%5D=x"),
        ("action:", "/runs/bulk?action=delete&runs%5B0%5D=1"),
    ] {
        let page = scene.get(bad, Some(&cookie)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(page.text.contains(part), "{bad}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_saved_opened_by_its_link_and_its_name_is_not_taken_twice() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Operator)).await;
    let bob = scene.signed_in("Bob", Some(Role::Readonly)).await;
    let eve = scene.signed_in("Eve", None).await;
    let bad = ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    let form = "name=What+failed&filters=text%3D%26outcome%3Dfailed%26status%3D&scope=team";
    let saved = scene.post("/api/save_view", Some(&ada), form).await;
    assert!(saved.status.is_redirection(), "{}", saved.text);
    let opened = saved.header(header::LOCATION).to_owned();
    assert_eq!(opened, "/runs?outcome=failed&view=1");
    let page = scene.get(&opened, Some(&ada)).await;
    assert!(page.text.contains("What failed") && page.text.contains("data-view=\"1\""));
    assert!(shows(&page, bad));
    let again = scene.post("/api/save_view", Some(&ada), form).await;
    assert!(again.status.is_redirection());
    assert_eq!(
        scene.test.number("select count(*) from saved_views").await,
        1
    );
    let unusable = "name=x&filters=outcome%3Dnever";
    scene.post("/api/save_view", Some(&ada), unusable).await;
    assert_eq!(
        scene.test.number("select count(*) from saved_views").await,
        1
    );

    // Whoever looks after a tenant together with its owner gets the filters by the link; nobody else learns of them.
    let link = scene.get("/runs?view=1", Some(&bob)).await;
    assert_eq!(
        (link.status, link.header(header::LOCATION)),
        (StatusCode::FOUND, "/runs?outcome=failed&view=1")
    );
    let page = scene.get("/runs?outcome=failed&view=1", Some(&bob)).await;
    assert!(shows(&page, bad) && page.text.contains("What failed"));
    let elsewhere = scene.get("/runs?view=1", Some(&eve)).await;
    assert_eq!(elsewhere.status, StatusCode::OK);
    assert!(elsewhere.text.contains("not shared with you"));
    assert!(!elsewhere.text.contains("What failed") && !shows(&elsewhere, bad));
    let refused = scene
        .post("/api/change_view", Some(&bob), "view=1&name=Mine")
        .await;
    assert!(refused.status.is_redirection());
    let page = scene.get("/runs/views", Some(&bob)).await;
    assert!(page.text.contains("Shared by Ada") && !page.text.contains("Rename: "));

    let deleted = scene.post("/api/delete_view", Some(&ada), "view=1").await;
    assert_eq!(deleted.header(header::LOCATION), "/runs/views");
    let gone = scene.get("/runs?view=1", Some(&ada)).await;
    assert_eq!(gone.status, StatusCode::OK);
    assert!(gone.text.contains("not there any more") && shows(&gone, bad));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_tells_of_new_ones_until_it_is_told_to_stop() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Operator)).await;
    let bob = scene.signed_in("Bob", Some(Role::Readonly)).await;
    let eve = scene.signed_in("Eve", None).await;
    for form in [
        "name=Trouble&filters=outcome%3Dfailed&scope=team",
        "name=Running&filters=status%3Drunning&scope=team",
    ] {
        scene.post("/api/save_view", Some(&ada), form).await;
    }
    for path in ["/runs/views", "/runs?outcome=failed&view=1"] {
        let page = scene.get(path, Some(&bob)).await;
        for (part, is_there) in [
            ("aria-label=\"Tell me about new ones: Trouble\"", true),
            ("Tell me about new ones: Running", false),
            ("You are told when a run of it ends.", false),
        ] {
            assert_eq!(page.text.contains(part), is_there, "{path}: {part}");
        }
    }
    let form = "view=1&told=true&open=true";
    let watched = scene.post("/api/watch_view", Some(&bob), form).await;
    assert_eq!(watched.header(header::LOCATION), "/runs?view=1");
    for path in ["/runs/views", "/runs?outcome=failed&view=1"] {
        let page = scene.get(path, Some(&bob)).await;
        assert!(page.text.contains("Stop telling me: Trouble"), "{path}");
        assert!(page.text.contains("You are told when a run of it ends."));
    }
    let refused = scene
        .call("/api/watch_view", &bob, "view=2&told=true")
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("no run that has ended"));
    let unseen = scene
        .call("/api/watch_view", &eve, "view=1&told=true")
        .await;
    assert_eq!(unseen.status, StatusCode::NOT_FOUND);

    let tell = || saved_views::tell(&scene.test.db, app::runs::views_api::query_of);
    let bad = ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    ended(&scene, OperationType::TenantVerify, Outcome::Succeeded).await;
    assert_eq!(tell().await.unwrap(), 1);
    let page = scene.get("/notifications", Some(&bob)).await;
    assert!(
        page.text
            .contains("Connection check for Contoso: failed (in “Trouble”)")
    );
    assert!(page.text.contains(&format!("href=\"/runs/{bad}\"")));
    for _ in 0..11 {
        ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    }
    assert_eq!(tell().await.unwrap(), 11);
    let page = scene.get("/notifications", Some(&bob)).await;
    assert!(page.text.contains("11 runs ended in “Trouble”: 11 failed"));
    assert!(page.text.contains("Notifications, 2 unread"));
    let line = page.text.split("name=\"digest\" value=\"").nth(1).unwrap();
    let digest = line.split('"').next().unwrap();
    let form = format!("run={bad}&digest={digest}");
    let read = scene.post("/api/mark_line_read", Some(&bob), &form).await;
    assert_eq!(read.header(header::LOCATION), "/notifications");
    ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    tell().await.unwrap();
    let page = scene.get("/notifications", Some(&bob)).await;
    assert!(page.text.contains("Notifications, 2 unread"));
    // Opening the view reads the line that leads to it, and no other.
    let view = scene.get("/runs?outcome=failed&view=1", Some(&bob)).await;
    assert!(view.text.contains("Notifications, 1 unread"));

    let stop = scene
        .post("/api/watch_view", Some(&bob), "view=1&told=false")
        .await;
    assert_eq!(stop.header(header::LOCATION), "/runs/views");
    ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    assert_eq!(tell().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_view_opens_where_no_filter_is_given_and_everything_stays_reachable() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Operator)).await;
    let plain = scene.get("/runs", Some(&ada)).await;
    assert_eq!(plain.status, StatusCode::OK);
    let form = "name=Failed&filters=outcome%3Dfailed";
    scene.post("/api/save_view", Some(&ada), form).await;
    let pinned = scene
        .post("/api/change_view", Some(&ada), "view=1&default=true")
        .await;
    assert_eq!(pinned.header(header::LOCATION), "/runs/views");
    let bare = scene.get("/runs", Some(&ada)).await;
    assert_eq!(bare.header(header::LOCATION), "/runs?outcome=failed&view=1");
    for path in [
        "/runs?view=all",
        "/runs?status=&outcome=",
        "/runs?status=queued",
    ] {
        let page = scene.get(path, Some(&ada)).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_what_the_list_filters_and_no_spreadsheet_formula() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Readonly)).await;
    let bob = scene.signed_in("Bob", None).await;
    let good = ended(&scene, OperationType::InventorySync, Outcome::Succeeded).await;
    let bad = ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    sqlx::query("update tenants set name = '=cmd(\"calc\"),x'")
        .execute(scene.test.sql())
        .await
        .unwrap();
    let csv = scene
        .get("/runs/export.csv?outcome=failed", Some(&ada))
        .await;
    assert_eq!(csv.status, StatusCode::OK);
    assert!(csv.header(header::CONTENT_TYPE).starts_with("text/csv"));
    assert!(csv.header(header::CONTENT_DISPOSITION).contains("runs.csv"));
    // The mark tells spreadsheets that it is UTF-8.
    let text = csv.text.strip_prefix('\u{feff}').unwrap();
    let lines: Vec<_> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("id,operation,operation_type,tenant_id,tenant,"));
    let expected = format!(
        "{bad},Connection check,tenant.verify,{},\"'=cmd(\"\"calc\"\"),x\",completed,failed,System,2",
        scene.tenant
    );
    assert!(lines[1].starts_with(&expected), "{}", lines[1]);
    assert!(lines[1].contains("Z,"), "{}", lines[1]);
    let json = scene.get("/runs/export.json", Some(&ada)).await;
    let all: Vec<serde_json::Value> = serde_json::from_str(&json.text).unwrap();
    let ids: Vec<_> = all.iter().map(|run| run["id"].clone()).collect();
    assert_eq!(ids, [bad.0, good.0].map(serde_json::Value::from));
    let path = format!("/runs/export.json?runs%5B0%5D={good}");
    let chosen = scene.get(&path, Some(&ada)).await;
    let chosen: Vec<serde_json::Value> = serde_json::from_str(&chosen.text).unwrap();
    assert_eq!(chosen.len(), 1);
    let nothing = scene.get("/runs/export.json", Some(&bob)).await;
    let none: Vec<serde_json::Value> = serde_json::from_str(&nothing.text).unwrap();
    assert!(none.is_empty());
    let path = format!("/runs/export.csv?tenant={}", scene.tenant);
    assert_eq!(
        scene.get(&path, Some(&bob)).await.status,
        StatusCode::NOT_FOUND
    );
    let nobody = scene.get("/runs/export.csv", None).await;
    assert!(nobody.status.is_redirection());
}

#[tokio::test(flavor = "multi_thread")]
async fn selected_runs_are_previewed_confirmed_and_reported() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Operator)).await;
    let sync = ended(&scene, OperationType::InventorySync, Outcome::Failed).await;
    let verify = ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    let list = scene.get("/runs", Some(&ada)).await;
    assert!(
        list.text.contains("name=\"runs[0]\"") && list.text.contains("formaction=\"/runs/export\"")
    );
    let active = start(&scene, &ada).await;
    let path = format!(
        "/runs/bulk?runs%5B0%5D={sync}&runs%5B1%5D={verify}&runs%5B2%5D={active}&runs%5B3%5D=999&action=again"
    );
    let preview = scene.get(&path, Some(&ada)).await;
    assert_eq!(preview.status, StatusCode::OK);
    for part in [
        "Run 2 runs again",
        "Contoso 2",
        "Connection check 1 · Inventory sync 1",
        "1 run left out",
        "1 run: It has not ended yet.",
        "Not found, or not of your tenants: #999.",
    ] {
        assert!(preview.text.contains(part), "{part}\n{}", preview.text);
    }
    let path = format!("/runs/export?runs%5B0%5D={sync}&runs%5B1%5D={active}&runs%5B2%5D=999");
    let export = scene.get(&path, Some(&ada)).await;
    assert_eq!(export.status, StatusCode::OK);
    for part in [
        "Export 2 runs",
        "Contoso 2",
        "Not found, or not of your tenants: #999.",
        &format!("/runs/export.csv?runs[0]={sync}&amp;runs[1]={active}"),
        &format!("/runs/export.json?runs[0]={sync}&amp;runs[1]={active}"),
    ] {
        assert!(export.text.contains(part), "{part}\n{}", export.text);
    }
    let before = preview
        .text
        .split("name=\"batch\" value=\"")
        .nth(1)
        .unwrap();
    let batch = before.split('"').next().unwrap();
    let form = format!("batch={batch}&action=again&runs[0]={sync}&runs[1]={verify}");
    let done = scene.post("/api/bulk_runs", Some(&ada), &form).await;
    let report = done.header(header::LOCATION);
    assert_eq!(report, format!("/runs/bulk/{batch}"));
    let page = scene.get(report, Some(&ada)).await;
    assert!(
        page.text.contains("1 started, 1 already running."),
        "{}",
        page.text
    );
    let other = scene.signed_in("Bob", Some(Role::Owner)).await;
    assert_eq!(
        scene.get(report, Some(&other)).await.status,
        StatusCode::NOT_FOUND
    );
    // As it stands while the server is at it.
    sqlx::query(
        "update run_batch_items set result = 'not_done', answer_run_id = null, taken_at = now()",
    )
    .execute(scene.test.sql())
    .await
    .unwrap();
    let form = format!("batch={batch}");
    scene.post("/api/stop_bulk_runs", Some(&other), &form).await;
    let going_on = scene.get(report, Some(&ada)).await;
    assert!(going_on.text.contains("Stop here"), "{}", going_on.text);
    let stopped = scene.post("/api/stop_bulk_runs", Some(&ada), &form).await;
    assert_eq!(stopped.header(header::LOCATION), report);
    let page = scene.get(report, Some(&ada)).await;
    assert!(!page.text.contains("Stop here"), "{}", page.text);
    assert!(page.text.contains("Do what was not done"), "{}", page.text);
    let none = scene.get("/runs/bulk?action=again", Some(&ada)).await;
    assert!(none.text.contains("No runs are selected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_matches_is_frozen_by_its_preview_and_done_as_it_was_shown() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Operator)).await;
    let sync = ended(&scene, OperationType::InventorySync, Outcome::Failed).await;
    let verify = ended(&scene, OperationType::TenantVerify, Outcome::Failed).await;
    let good = ended(
        &scene,
        OperationType::DirectoryGroupsSync,
        Outcome::Succeeded,
    )
    .await;
    let list = scene.get("/runs?outcome=failed", Some(&ada)).await;
    for part in [
        "type=\"checkbox\" name=\"matching\" value=\"1\"",
        "Select everything that matches (about 2)",
        "type=\"hidden\" name=\"outcome\" value=\"failed\"",
    ] {
        assert!(list.text.contains(part), "{part}\n{}", list.text);
    }
    // What is ticked besides does not count.
    let path = format!("/runs/bulk?outcome=failed&runs%5B0%5D={good}&matching=1&action=again");
    let preview = scene.get(&path, Some(&ada)).await;
    assert_eq!(preview.status, StatusCode::OK);
    for part in [
        "Run 2 runs again",
        "Everything that matches Outcome: Failed.",
        "Contoso 2",
        "href=\"/runs?outcome=failed\"",
    ] {
        assert!(preview.text.contains(part), "{part}\n{}", preview.text);
    }
    let later = ended(&scene, OperationType::DirectoryGroupsSync, Outcome::Failed).await;
    let values = |name: &str| -> Vec<String> {
        let before = format!("name=\"{name}");
        let after = preview.text.split(&before).skip(1);
        after
            .filter_map(|text| text.split("value=\"").nth(1)?.split('"').next())
            .map(str::to_owned)
            .collect()
    };
    let frozen = values("runs[");
    assert_eq!(frozen, [sync.to_string(), verify.to_string()]);
    let batch = values("batch").remove(0);
    let form = format!(
        "batch={batch}&action=again&runs[0]={}&runs[1]={}",
        frozen[0], frozen[1]
    );
    let done = scene.post("/api/bulk_runs", Some(&ada), &form).await;
    let page = scene.get(done.header(header::LOCATION), Some(&ada)).await;
    assert!(page.text.contains("2 started."), "{}", page.text);
    let repeated = "select count(*) from operation_runs where repeats_run_id is not null";
    assert_eq!(scene.test.number(repeated).await, 2);

    let export = format!("/runs/export.json?outcome=failed&runs%5B0%5D={good}&matching=1");
    let export = scene.get(&export, Some(&ada)).await;
    let all: Vec<serde_json::Value> = serde_json::from_str(&export.text).unwrap();
    let ids: Vec<_> = all.iter().map(|run| run["id"].clone()).collect();
    assert_eq!(
        ids,
        [later.0, verify.0, sync.0].map(serde_json::Value::from)
    );
    let nothing = scene
        .get(
            "/runs/bulk?outcome=cancelled&matching=1&action=again",
            Some(&ada),
        )
        .await;
    assert!(nothing.text.contains("No runs match these filters"));
    for (part, bad) in [
        (
            "outcome:",
            "/runs/bulk?outcome=never&matching=1&action=again",
        ),
        ("action:", "/runs/bulk?matching=1"),
    ] {
        let page = scene.get(bad, Some(&ada)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(page.text.contains(part), "{bad}: {}", page.text);
    }
    let elsewhere = scene
        .get("/runs/bulk?tenant=999&matching=1&action=follow", Some(&ada))
        .await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_selected_runs_fit_into_one_form() {
    let scene = Scene::new().await;
    let ada = scene.signed_in("Ada", Some(Role::Operator)).await;
    for statement in [
        "alter table operation_runs disable trigger user",
        "insert into operation_runs
             (tenant_id, initiator_name, type, status, outcome, run_identity_hash, context, completed_at)
         select id, 'System', 'inventory.sync', 'completed', case when i % 200 = 0 then 'succeeded' else 'failed' end, md5(i::text) || md5(i::text),
                jsonb_build_object('identity', jsonb_build_object('inputs', jsonb_build_object('salt', i))), now()
         from tenants, generate_series(1, 1010) i",
        "alter table operation_runs enable trigger user",
    ] {
        sqlx::query(statement)
            .execute(scene.test.sql())
            .await
            .unwrap();
    }
    let preview = scene
        .get("/runs/bulk?matching=1&action=again", Some(&ada))
        .await;
    for part in [
        "Run 1,000 runs again",
        "More than 1,000 match; only the newest 1,000 are in this set.",
        "No filter is chosen: every run that you may see.",
    ] {
        assert!(preview.text.contains(part), "{part}");
    }
    let export = "/runs/export?matching=1&outcome=failed&runs%5B0%5D=1";
    let export = scene.get(export, Some(&ada)).await;
    for part in [
        "Export more than 1,000 runs",
        "the newest are listed here. The file holds all, up to the newest 100,000.",
        "href=\"/runs/export.csv?outcome=failed\"",
    ] {
        assert!(export.text.contains(part), "{part}");
    }
    let runs = preview.text.split("name=\"runs[").skip(1);
    let fields: Vec<_> = runs
        .enumerate()
        .filter_map(|(index, text)| {
            let value = text.split("value=\"").nth(1)?.split('"').next()?;
            Some(format!("runs%5B{index}%5D={value}"))
        })
        .collect();
    let batch = "6f2cbb0a-5c8f-4a0e-9d3a-000000000009";
    let form = format!("batch={batch}&action=again&{}", fields.join("&"));
    let done = scene.post("/api/bulk_runs", Some(&ada), &form).await;
    assert_eq!(done.header(header::LOCATION), format!("/runs/bulk/{batch}"));
    // What takes longer than anybody waits goes on, and its page says so.
    let started = "select count(*) from operation_runs where repeats_run_id is not null";
    let report = format!("/runs/bulk/{batch}");
    loop {
        let under_way = scene.test.number(started).await < 1_000;
        let page = scene.get(&report, Some(&ada)).await;
        if page.text.contains(">1000 started.<") {
            break;
        }
        assert!(!under_way || page.text.contains("It is being done still"));
        assert!(!page.text.contains("Do what was not done"));
    }
}

/// Starts another run of the tenant's inventory sync, which is active then.
async fn start(scene: &Scene, cookie: &str) -> RunId {
    let form = scene.start_form();
    let answer = scene
        .post("/api/start_operation", Some(cookie), &form)
        .await;
    let address = answer.header(header::LOCATION).to_owned();
    let number = address.split("run=").nth(1).unwrap();
    number.split('&').next().unwrap().parse().unwrap()
}
