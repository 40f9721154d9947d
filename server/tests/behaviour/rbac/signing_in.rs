//! Signing in to Microsoft: who may, what a callback is good for, and when the access is gone.

use axum::http::StatusCode;
use domain::Role;
use graph_simulator::{Faults, TenantSpec};

use super::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_to_microsoft_and_comes_back_to_the_search() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    let before = scene.page(&ada, "?q=kiosk").await;
    assert_eq!(before.search_state(), "disabled");
    before.shows(&[
        "Sign in to Microsoft",
        "you are not signed in to Microsoft here",
        "disabled",
    ]);
    assert_eq!(before.field("back"), format!("{}?q=kiosk", scene.path()));

    let back = format!("{}%3Fq%3Dkiosk", scene.path());
    let microsoft = scene.begin(&ada, &back).await;
    assert!(
        microsoft.starts_with(&scene.simulator.base_url),
        "{microsoft}"
    );
    let callback = scene.at_microsoft(&microsoft, "sign-in").await;
    let led = scene.get(&callback, &ada).await;
    assert_eq!(led.location, format!("{}?q=kiosk", scene.path()));
    let after = scene.page(&ada, "?q=kiosk").await;
    assert_eq!(after.search_state(), "results");
    after.shows(&["Contoso Administrator", "Kiosk Wardens", "Kiosk Devices"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_elsewhere_after_signing_in() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    for back in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2Fruns",
        "%2Ftenants%2F1%2Frbacx",
    ] {
        let microsoft = scene.begin(&ada, back).await;
        let callback = scene.at_microsoft(&microsoft, "sign-in").await;
        assert_eq!(
            scene.get(&callback, &ada).await.location,
            scene.path(),
            "{back}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_good_once_and_only_in_the_session_that_began_it() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    let other = scene.session("ada").await;
    let eve = scene.person("eve", Some(Role::Owner)).await;
    let again = format!("{}?sign_in=again", scene.path());

    let made_up = format!("{}/callback?code=0.made-up&state=made-up", scene.path());
    assert_eq!(scene.get(&made_up, &ada).await.location, again);

    let microsoft = scene.begin(&ada, "").await;
    let callback = scene.at_microsoft(&microsoft, "sign-in").await;
    for somebody in [&other, &eve] {
        let led = scene.get(&callback, somebody).await;
        assert_eq!(
            (led.status, led.location.as_str()),
            (StatusCode::SEE_OTHER, again.as_str())
        );
        assert!(!scene.has_access(somebody).await);
    }
    // Without a session: to sign in, and on to the page, with nothing of the code.
    let led = scene.get(&callback, "").await;
    assert!(led.location.starts_with("/login?next="), "{}", led.location);
    assert!(!led.location.contains("code") && !led.location.contains("callback"));

    let led = scene.get(&callback, &ada).await;
    assert_eq!(led.location, scene.path());
    assert!(scene.has_access(&ada).await);
    let replayed = scene.get(&callback, &ada).await;
    assert_eq!(replayed.location, again);
    scene
        .page(&ada, "?sign_in=again")
        .await
        .shows(&["was used already"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_belongs_to_one_session_and_one_tenant_and_ends_with_them() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    let other = scene.session("ada").await;
    scene.sign_in(&ada).await;
    assert!(scene.has_access(&ada).await && !scene.has_access(&other).await);
    assert!(scene.holds(&ada) && !scene.holds(&other));

    let out = scene
        .post(&format!("{}/sign-out", scene.path()), &ada, "")
        .await;
    assert_eq!(out.location, scene.path());
    assert!(!scene.has_access(&ada).await && !scene.holds(&ada));

    scene.sign_in(&ada).await;
    assert!(scene.holds(&ada));
    scene.post("/logout", &ada, "").await;
    assert!(!scene.holds(&ada));

    scene.sign_in(&other).await;
    scene.delegated.forget_ended(&scene.test.db).await.unwrap();
    assert!(scene.holds(&other));
    let ended = "update sessions set created_at = now() - interval '2 days', expires_at = now() - interval '1 second'";
    sqlx::query(ended).execute(scene.test.sql()).await.unwrap();
    assert_eq!(
        scene.get(&scene.path(), &other).await.status,
        StatusCode::SEE_OTHER
    );
    scene.delegated.forget_ended(&scene.test.db).await.unwrap();
    assert!(!scene.holds(&other));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_operators_and_owners_of_the_tenant_may_sign_in() {
    let scene = Scene::new().await;
    let reader = scene.person("rita", Some(Role::Readonly)).await;
    let page = scene.page(&reader, "").await;
    assert_eq!(page.search_state(), "disabled");
    page.shows(&["Your role on this tenant is read only"]);
    assert!(!page.text.contains("Sign in to Microsoft</button>"));
    let sign_in = format!("{}/sign-in", scene.path());
    assert_eq!(
        scene.post(&sign_in, &reader, "back=").await.status,
        StatusCode::FORBIDDEN
    );

    let stranger = scene.person("sam", None).await;
    assert_eq!(
        scene.get(&scene.path(), &stranger).await.status,
        StatusCode::NOT_FOUND
    );
    for end in ["sign-in", "sign-out"] {
        let path = format!("{}/{end}", scene.path());
        assert_eq!(
            scene.post(&path, &stranger, "").await.status,
            StatusCode::NOT_FOUND
        );
    }
    let callback = format!("{}/callback?code=a&state=b", scene.path());
    assert_eq!(
        scene.get(&callback, &stranger).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_microsoft_refuses_at_the_sign_in_is_told_in_words() {
    let scene = Scene::new().await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    let microsoft = scene.begin(&ada, "").await;
    let callback = scene.at_microsoft(&microsoft, "cancel").await;
    let led = scene.get(&callback, &ada).await;
    let page = scene.get(&led.location, &ada).await;
    page.shows(&["The sign-in was cancelled", "data-answer=\"refused\""]);

    scene.faults(Faults {
        withdrawn_consent: vec![String::new()],
        ..Faults::default()
    });
    let microsoft = scene.begin(&ada, "").await;
    let callback = scene.at_microsoft(&microsoft, "sign-in").await;
    let led = scene.get(&callback, &ada).await;
    let page = scene.get(&led.location, &ada).await;
    page.shows(&[
        "graph.consent_missing",
        "administrator must act",
        "AADSTS65001",
    ]);

    scene.faults(Faults::default());
    let microsoft = scene.begin(&ada, "").await;
    let callback = scene.at_microsoft(&microsoft, "sign-in").await;
    scene.faults(Faults {
        reject_credentials: true,
        ..Faults::default()
    });
    let led = scene.get(&callback, &ada).await;
    let page = scene.get(&led.location, &ada).await;
    page.shows(&["graph.credentials_rejected"]);
    assert!(!scene.has_access(&ada).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_this_page_lets_its_form_lead_to_the_tenants_sign_in() {
    let scene = Scene::with(TenantSpec::new("Contoso")).await;
    let ada = scene.person("ada", Some(Role::Operator)).await;
    let allowed = format!("form-action 'self' {};", scene.simulator.base_url);
    assert!(scene.page(&ada, "").await.policy.contains(&allowed));
    let tenant = format!("/tenants/{}", scene.tenant);
    let page = scene.get(&tenant, &ada).await;
    assert!(
        page.policy.contains("form-action 'self';"),
        "{}",
        page.policy
    );
    page.shows(&["rel=\"external\"", "Access setup"]);
    let stranger = scene.person("sam", None).await;
    let page = scene.get(&scene.path(), &stranger).await;
    assert!(
        page.policy.contains("form-action 'self';"),
        "{}",
        page.policy
    );
}
