//! The states of the search, each in words and as data.

use std::time::Duration;

use domain::Role;
use graph_simulator::{Faults, RequestFilter, TenantSpec};

use super::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_groups_finds_none_or_is_not_made_yet() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    scene.sign_in(&ada).await;
    assert_eq!(scene.page(&ada, "").await.search_state(), "ready");
    let page = scene.page(&ada, "?q=wardens").await;
    assert_eq!(page.search_state(), "results");
    page.shows(&["Kiosk Wardens", "1 group.", &scene.group("Kiosk Wardens")]);
    assert!(!page.text.contains("Kiosk Devices"));
    let page = scene.page(&ada, "?q=%3Cnobody%3E%22").await;
    assert_eq!(page.search_state(), "empty");
    page.shows(&["No group named “&lt;nobody&gt;"]);
    // An operator searches; assigning is the owner's.
    page.shows(&["an owner can assign roles"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_search_says_until_when_and_asks_no_more_before() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    scene.sign_in(&ada).await;
    scene.faults(Faults {
        throttle_every: Some(1),
        retry_after_seconds: Some(90),
        ..Faults::default()
    });
    for _ in 0..2 {
        let page = scene.page(&ada, "?q=kiosk").await;
        assert_eq!(page.search_state(), "throttled");
        page.shows(&["asks to wait", " until ", " UTC</time>"]);
    }
    let searches = RequestFilter::all().template("/v1.0/groups");
    assert_eq!(scene.simulator.simulator.request_count(searches), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_consent_says_who_must_act_and_which_permission() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    scene.sign_in(&ada).await;
    scene.faults(Faults {
        withdrawn_consent: vec!["Group".into()],
        ..Faults::default()
    });
    let page = scene.page(&ada, "?q=kiosk").await;
    assert_eq!(page.search_state(), "consent-missing");
    page.shows(&["administrator must act", "GroupMember.Read.All"]);
    scene.faults(Faults::default());
    assert_eq!(scene.page(&ada, "?q=kiosk").await.search_state(), "results");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_in_the_words_of_the_registry() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    scene.sign_in(&ada).await;
    scene.faults(Faults {
        unavailable: Some(20),
        ..Faults::default()
    });
    let page = scene.page(&ada, "?q=kiosk").await;
    assert_eq!(page.search_state(), "failed");
    page.shows(&["graph.unavailable", "Microsoft must act"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_renewed_while_microsoft_does_so_and_then_told_to_have_run_out() {
    let spec = TenantSpec::new("Contoso")
        .extra_group("Kiosk Wardens")
        .token_lifetime(Duration::from_secs(1));
    let scene = Scene::with(spec).await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    scene.sign_in(&ada).await;
    // Each token is good for less than a second: one that was refused is renewed and asked with again.
    for _ in 0..3 {
        assert_eq!(scene.page(&ada, "?q=kiosk").await.search_state(), "results");
    }
    scene.faults(Faults {
        revoke_tokens: true,
        ..Faults::default()
    });
    for _ in 0..2 {
        let page = scene.page(&ada, "?q=kiosk").await;
        assert_eq!(page.search_state(), "disabled");
        page.shows(&["Your access to Microsoft ran out", "Sign in to Microsoft"]);
    }
    scene.sign_in(&ada).await;
    assert!(scene.has_access(&ada).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_access_microsoft_is_asked_nothing() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Owner)).await;
    let page = scene.page(&ada, "?q=kiosk&step=review").await;
    assert_eq!(page.search_state(), "disabled");
    assert_eq!(
        scene
            .simulator
            .simulator
            .request_count(RequestFilter::all()),
        0
    );
}
