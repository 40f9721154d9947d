//! Making role assignments: read through first, made once, told by name.

use axum::http::StatusCode;
use domain::Role;
use graph_simulator::Faults;

use super::{Page, Scene};

/// The form of a review, as a browser sends it.
fn form_of(page: &Page, scene: &Scene) -> String {
    let fields = [
        "once",
        "choice[name]",
        "choice[role]",
        "choice[scope]",
        "choice[members][0]",
    ];
    let mut form = format!("tenant_id={}", scene.tenant);
    for name in fields {
        let encoded = name.replace('[', "%5B").replace(']', "%5D");
        let value = page.field(name).replace(' ', "+");
        form.push_str(&format!("&{encoded}={value}"));
    }
    form
}

fn review(scene: &Scene) -> String {
    let role = &scene.of_kind("roleDefinitions")[0];
    let member = scene.group("Kiosk Wardens");
    format!("?q=kiosk&member={member}&role={role}&scope=everyone&name=Kiosk+help&step=review")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_is_read_through_made_once_and_named() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Owner)).await;
    scene.sign_in(&ada).await;
    let page = scene.page(&ada, &review(&scene)).await;
    page.shows(&[
        "data-step=\"review\"",
        "Kiosk help",
        "Kiosk Wardens",
        "All devices and users",
        "Policy and Profile manager",
    ]);
    let form = form_of(&page, &scene);
    let led = scene.post("/api/assign_role", &ada, &form).await;
    assert!(led.status.is_redirection(), "{} {}", led.status, led.text);
    let answer = scene.get(&led.location, &ada).await;
    answer.shows(&[
        "data-answer=\"assigned\"",
        "Kiosk help",
        "was created in Intune",
    ]);

    let made = scene.of_kind("roleAssignments");
    assert_eq!(made.len(), 1);
    answer.shows(&[&made[0]]);
    let directory = &scene.simulated.directory_id;
    let stored = scene
        .simulator
        .simulator
        .policy(directory, &made[0])
        .unwrap();
    assert_eq!(stored["displayName"], "Kiosk help");
    assert_eq!(
        stored["members"],
        serde_json::json!([scene.group("Kiosk Wardens")])
    );
    assert_eq!(stored["scopeType"], "allDevicesAndLicensedUsers");

    // Pressed twice, or reloaded: the same answer, nothing made.
    let again = scene.post("/api/assign_role", &ada, &form).await;
    assert_eq!(again.location, led.location);
    assert_eq!(scene.of_kind("roleAssignments").len(), 1);
    // Another session is not told.
    let other = scene.session("ada").await;
    assert!(
        !scene
            .get(&led.location, &other)
            .await
            .text
            .contains("Kiosk help")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_is_not_complete_says_what_it_lacks_and_stays() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Owner)).await;
    scene.sign_in(&ada).await;
    let (wardens, devices) = (scene.group("Kiosk Wardens"), scene.group("Kiosk Devices"));
    let role = &scene.of_kind("roleDefinitions")[0];
    for (query, words) in [
        (
            "?step=review".to_owned(),
            "Tick at least one group under “Members”",
        ),
        (
            format!("?member={wardens}&scope=groups&step=review"),
            "under “Scope”",
        ),
        (format!("?member={wardens}&step=review"), "Choose a role."),
        (
            format!("?member={wardens}&role={role}&step=review"),
            "Give the assignment a name.",
        ),
        (
            format!("?member={wardens}&role=gone&name=x&step=review"),
            "The chosen role is not there",
        ),
        (
            format!("?member=00000000-0000-4000-8000-000000000000&role={role}&name=x&step=review"),
            "A chosen group is not there",
        ),
    ] {
        scene
            .page(&ada, &query)
            .await
            .shows(&["data-answer=\"lacks\"", words]);
    }
    // What was chosen stays on the page, though another search does not list it.
    let page = scene
        .page(&ada, &format!("?q=devices&member={wardens}"))
        .await;
    page.shows(&["Groups chosen before", &wardens, &devices, "checked"]);
    let page = scene
        .page(&ada, &format!("?member={wardens}&scope=groups&scope_group={devices}&role={role}&name=x&step=review"))
        .await;
    page.shows(&["data-step=\"review\"", "Kiosk Devices"]);
    scene
        .page(&ada, "?member=x%27)%20or%20id%20ne%20(%27")
        .await
        .shows(&["graph.bad_request"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_intune_refuses_is_told_with_who_must_act() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Owner)).await;
    scene.sign_in(&ada).await;
    let page = scene.page(&ada, &review(&scene)).await;
    scene.faults(Faults {
        forbidden_kinds: vec!["roleAssignments".into()],
        ..Faults::default()
    });
    let led = scene
        .post("/api/assign_role", &ada, &form_of(&page, &scene))
        .await;
    let answer = scene.get(&led.location, &ada).await;
    answer.shows(&[
        "Nothing was assigned",
        "graph.forbidden",
        "DeviceManagementRBAC.ReadWrite.All",
    ]);

    scene.faults(Faults::default());
    let page = scene.page(&ada, &review(&scene)).await;
    scene.faults(Faults {
        reset_connections: Some(1),
        ..Faults::default()
    });
    let led = scene
        .post("/api/assign_role", &ada, &form_of(&page, &scene))
        .await;
    let answer = scene.get(&led.location, &ada).await;
    answer.shows(&["may have been created all the same"]);
    assert_eq!(scene.of_kind("roleAssignments").len(), 1);

    let page = scene.page(&ada, &review(&scene)).await;
    scene.faults(Faults {
        revoke_tokens: true,
        ..Faults::default()
    });
    let led = scene
        .post("/api/assign_role", &ada, &form_of(&page, &scene))
        .await;
    let answer = scene.get(&led.location, &ada).await;
    answer.shows(&["Nothing was assigned", "ran out"]);
    assert_eq!(answer.search_state(), "disabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_with_access_of_their_own_assign_roles() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Owner)).await;
    let oskar = scene.person("oskar", Some(Role::Operator)).await;
    let stranger = scene.person("sam", None).await;
    scene.sign_in(&ada).await;
    scene.sign_in(&oskar).await;
    let form = form_of(&scene.page(&ada, &review(&scene)).await, &scene);
    assert!(
        !scene
            .page(&oskar, &review(&scene))
            .await
            .text
            .contains("data-step=\"review\"")
    );
    for (who, status) in [
        (&oskar, StatusCode::FORBIDDEN),
        (&stranger, StatusCode::NOT_FOUND),
        (&scene.session("ada").await, StatusCode::FORBIDDEN),
    ] {
        let answer = scene.call("/api/assign_role", who, &form).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    assert!(scene.of_kind("roleAssignments").is_empty());
}
