//! Members, invitations and the audit log as pages: what stands on them, for whom, and how their forms answer.

use axum::http::{StatusCode, header};
use domain::{Role, UserId};
use services::access;

use crate::pages::{Page, Scene, read_until};

/// A browser drops an event without data.
const RESYNC: &str = "event: resync\ndata: ";

async fn id_of(scene: &Scene, name: &str) -> UserId {
    sqlx::query_scalar("select id from users where name = $1")
        .bind(name)
        .fetch_one(scene.test.sql())
        .await
        .unwrap()
}

/// The link on a page that shows a new invitation, as a path.
fn link_on(page: &Page) -> String {
    let from = page.text.find("/invitations/").expect(&page.text);
    let link = &page.text[from..];
    link[..link.find('"').unwrap()].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_manage_members_and_others_read_who_they_are_and_why_they_may_not() {
    let scene = Scene::new().await;
    let owner = scene.signed_in("Ada", Some(Role::Owner)).await;
    let operator = scene.signed_in("Bob", Some(Role::Operator)).await;
    let stranger = scene.signed_in("Sam", None).await;
    let path = format!("/tenants/{}/members", scene.tenant);
    let page = scene.get(&path, Some(&owner)).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "Change role of Bob",
        "the last owner",
        "Invite people, change roles, remove members",
        "Start: Inventory sync",
        "b… at example.test",
    ] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    assert!(!page.text.contains("bob@"), "no page shows an address");
    let page = scene.get(&path, Some(&operator)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("an owner can invite people"));
    assert!(!page.text.contains("Change role of"));
    assert_eq!(
        scene.get(&path, Some(&stranger)).await.status,
        StatusCode::NOT_FOUND
    );

    let (tenant, ada, bob) = (
        scene.tenant,
        id_of(&scene, "Ada").await,
        id_of(&scene, "Bob").await,
    );
    let form = |user: UserId, role: &str| format!("tenant_id={tenant}&user_id={user}&role={role}");
    let owners = "select count(*) from memberships where role = 'owner'";
    scene
        .post("/api/change_role", Some(&operator), &form(bob, "owner"))
        .await;
    scene
        .post("/api/change_role", Some(&owner), &form(ada, "readonly"))
        .await;
    assert_eq!(scene.test.number(owners).await, 1);
    let changed = scene
        .post("/api/change_role", Some(&owner), &form(bob, "owner"))
        .await;
    assert_eq!(changed.header(header::LOCATION), path);
    assert_eq!(scene.test.number(owners).await, 2);
    scene
        .post("/api/remove_member", Some(&owner), &form(bob, ""))
        .await;
    assert_eq!(
        scene.get(&path, Some(&operator)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_shown_once_and_accepted_without_being_signed_in() {
    let scene = Scene::new().await;
    let owner = scene.signed_in("Ada", Some(Role::Owner)).await;
    let operator = scene.signed_in("Bob", Some(Role::Operator)).await;
    let members = format!("/tenants/{}/members", scene.tenant);
    let form = "email=nina%40example.test&role=operator";
    let refused = scene.post(&members, Some(&operator), form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for (bad, part) in [
        ("email=nina&role=operator", "email: not an e-mail address"),
        ("email=nina%40example.test&role=king", "role: unknown role"),
    ] {
        let page = scene.post(&members, Some(&owner), bad).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.text.contains(part), "{}", page.text);
        assert!(page.text.contains("Members of Contoso"));
    }
    let page = scene.post(&members, Some(&owner), form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let link = link_on(&page);
    assert!(page.text.contains(&format!("http://atlas.test{link}")));
    let later = scene.get(&members, Some(&owner)).await;
    assert!(later.text.contains("n… at example.test"));
    assert!(!later.text.contains("/invitations/"), "{}", later.text);

    let offer = scene.get(&link, None).await;
    assert_eq!(offer.status, StatusCode::OK, "{}", offer.text);
    assert!(offer.text.contains("Ada invites you to look after Contoso"));
    assert_eq!(offer.header(header::REFERRER_POLICY), "strict-origin");
    assert_eq!(offer.header(header::CACHE_CONTROL), "no-store");
    let somebody_else = scene.get(&link, Some(&operator)).await;
    assert!(somebody_else.text.contains("whose address is another"));
    let taken = scene.post(&link, Some(&operator), "").await;
    assert_eq!(taken.status, StatusCode::FORBIDDEN);

    let account =
        |password: &str| format!("email=nina%40example.test&name=Nina&password={password}");
    let short = scene.post(&link, None, &account("short")).await;
    assert_eq!(short.status, StatusCode::BAD_REQUEST);
    assert!(short.text.contains("password: use at least 12 characters"));
    assert!(short.text.contains("value=\"Nina\""), "{}", short.text);
    let joined = scene
        .post(&link, None, &account("correct+horse+battery"))
        .await;
    let tenant_page = format!("/tenants/{}", scene.tenant);
    assert_eq!(
        (joined.status, joined.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, tenant_page.as_str())
    );
    let nina = joined.header(header::SET_COOKIE).split(';').next().unwrap();
    let page = scene.get(&tenant_page, Some(nina)).await;
    assert!(page.text.contains("Your role") && page.text.contains("Operator"));
    let used = scene.get(&link, None).await;
    assert_eq!(used.status, StatusCode::NOT_FOUND);
    assert!(used.text.contains("not good any more"), "{}", used.text);
    let used = scene
        .post(&link, None, &account("correct+horse+battery"))
        .await;
    assert_eq!(used.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_no_text_can_hold_is_nobodys() {
    let scene = Scene::new().await;
    let form = "email=%00&password=correct+horse+battery&next=/runs";
    let refused = scene.post("/login", None, form).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER, "{}", refused.text);
    assert_eq!(
        refused.header(header::LOCATION),
        "/login?error=credentials&next=/runs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_an_account_signs_in_and_accepts() {
    let scene = Scene::new().await;
    let owner = scene.signed_in("Ada", Some(Role::Owner)).await;
    let nina = scene.signed_in("Nina", None).await;
    let members = format!("/tenants/{}/members", scene.tenant);
    let form = "email=NINA%40example.test&role=readonly";
    let link = link_on(&scene.post(&members, Some(&owner), form).await);
    let offer = scene.get(&link, Some(&nina)).await;
    assert!(offer.text.contains("You are signed in as Nina"));
    assert_eq!(
        scene.get(&members, Some(&nina)).await.status,
        StatusCode::NOT_FOUND,
        "opening the link is not accepting"
    );
    let accepted = scene.post(&link, Some(&nina), "").await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER);
    assert_eq!(
        scene.get(&members, Some(&nina)).await.status,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_loses_a_tenant_at_once_with_the_membership() {
    let scene = Scene::new().await;
    let _owner = scene.signed_in("Ada", Some(Role::Owner)).await;
    let reader = scene.signed_in("Rea", Some(Role::Readonly)).await;
    let grace = scene
        .test
        .person("Grace", &[(scene.tenant, Role::Owner)])
        .await;
    let mut stream = scene.events(&reader).await;
    let run = scene.run(&grace).await;
    read_until(&mut stream, &format!("\"runs\":[{run}]")).await;
    let rea = id_of(&scene, "Rea").await;
    access::remove_member(&grace, &scene.test.db, scene.tenant, rea)
        .await
        .unwrap();
    read_until(&mut stream, RESYNC).await;
    // What happens on the tenant from now on is not for this stream; coming back is.
    let email = "rea@example.test";
    let invitation = access::invite(&grace, &scene.test.db, scene.tenant, email, Role::Operator);
    let invitation = invitation.await.unwrap();
    scene
        .post(
            &format!("/invitations/{}", invitation.token),
            Some(&reader),
            "",
        )
        .await;
    let heard = read_until(&mut stream, RESYNC).await;
    assert!(!heard.contains("changed"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_filtered_by_its_address_and_names_what_it_cannot_understand() {
    let scene = Scene::new().await;
    let owner = scene.signed_in("Ada", Some(Role::Owner)).await;
    let reader = scene.signed_in("Rea", Some(Role::Readonly)).await;
    scene
        .post("/api/start_operation", Some(&owner), &scene.start_form())
        .await;
    scene
        .post("/api/start_operation", Some(&reader), &scene.start_form())
        .await;
    let page = scene.get("/audit", Some(&owner)).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "You see what everybody did on Contoso",
        "Run started",
        "Refused",
        "Signed in",
    ] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    let events = |page: &Page| page.text.matches("data-event-id").count();
    let refused = scene
        .get("/audit?action=run.start&result=refused", Some(&owner))
        .await;
    assert_eq!(events(&refused), 1, "{}", refused.text);
    assert!(refused.text.contains("Remove filter Result: Refused"));
    let rea = id_of(&scene, "Rea").await;
    let of_rea = format!("/audit?tenant={}&person={rea}", scene.tenant);
    assert_eq!(events(&scene.get(&of_rea, Some(&owner)).await), 1);
    let none = scene
        .get("/audit?from=2020-01-01&to=2020-01-31", Some(&owner))
        .await;
    assert!(none.text.contains("No events match these filters"));
    let own = scene.get("/audit", Some(&reader)).await;
    assert!(own.text.contains("You see what you did yourself"));
    assert!(own.text.contains("Refused") && !own.text.contains(">Ada<"));
    for (bad, part) in [
        ("action=run.stop", "action:"),
        ("result=maybe", "result:"),
        ("person=ada", "person:"),
        ("from=yesterday", "from:"),
        ("cursor=7", "cursor:"),
    ] {
        for path in [
            format!("/audit?{bad}"),
            format!("/audit/export?format=csv&{bad}"),
        ] {
            let page = scene.get(&path, Some(&owner)).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path}");
            assert!(page.text.contains(part), "{path}: {}", page.text);
        }
    }
    let foreign = scene.get("/audit?tenant=999999", Some(&owner)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let xml = scene.get("/audit/export?format=xml", Some(&owner)).await;
    assert_eq!(xml.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_every_event_and_no_spreadsheet_takes_one_for_a_formula() {
    let scene = Scene::new().await;
    let owner = scene.signed_in("Ada", Some(Role::Owner)).await;
    let mallory = scene
        .test
        .person("=HYPERLINK(\"x\")", &[(scene.tenant, Role::Operator)])
        .await;
    // More than one page of the export's own.
    sqlx::query(
        "insert into audit_events (actor_id, actor_name, tenant_id, action, result, means)
         select $1, $2, $3, 'run.start', 'done', 'session' from generate_series(1, 1234)",
    )
    .bind(mallory.user_id)
    .bind(&mallory.name)
    .bind(scene.tenant)
    .execute(scene.test.sql())
    .await
    .unwrap();
    let path = "/audit/export?action=run.start&format=";
    let csv = scene.get(&format!("{path}csv"), Some(&owner)).await;
    assert_eq!(csv.status, StatusCode::OK);
    assert_eq!(csv.header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert!(
        csv.header(header::CONTENT_DISPOSITION)
            .contains("audit-log.csv")
    );
    assert_eq!(csv.text.lines().count(), 1235);
    assert_eq!(
        csv.text.matches(",\"'=HYPERLINK(\"\"x\"\")\",").count(),
        1234
    );
    let json = scene.get(&format!("{path}json"), Some(&owner)).await;
    let events: Vec<serde_json::Value> = serde_json::from_str(&json.text).unwrap();
    assert_eq!(events.len(), 1234);
    assert_eq!(events[0]["person"], "=HYPERLINK(\"x\")");
    assert_eq!(events[0]["action"], "run.start");
    let empty = scene
        .get("/audit/export?format=json&to=2020-01-01", Some(&owner))
        .await;
    assert_eq!(empty.text.trim(), "[\n]");
    let by_hand = format!("{path}csv&cursor=n{}", events[600]["id"]);
    let all = scene.get(&by_hand, Some(&owner)).await;
    assert_eq!(all.text, csv.text, "a file is not begun in the middle");
    let told = "select count(*) from audit_events where action = 'export.download'";
    assert_eq!(scene.test.number(told).await, 4);
    let nobody = scene.get(&format!("{path}csv"), None).await;
    assert_eq!(nobody.status, StatusCode::SEE_OTHER);
}
