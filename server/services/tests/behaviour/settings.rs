//! What a person chooses for themselves, and that it holds for nobody else.

use domain::{
    OperationType, Outcome, Role, RunId, TenantId,
    identity::Inputs,
    preferences::{DateStyle, NotifyAbout, Theme, ZoneChoice},
};
use secrecy::SecretString;
use services::{
    Caller, ServiceError,
    access::{self, NewUser, PasswordChange, SessionKey, SignIn},
    notifications, runs,
    settings::{self, Look},
    tenants,
    testing::TestDatabase,
};

const PASSWORD: &str = "correct horse battery";

fn look(zone: ZoneChoice, own_zone: &str) -> Look {
    Look {
        theme: Theme::Dark,
        zone,
        own_zone: own_zone.into(),
        dates: DateStyle::DayFirst,
        shortcuts: false,
    }
}

/// Somebody who can sign in, with the tokens of two sessions.
async fn signed_in_twice(test: &TestDatabase) -> (Caller, String, String) {
    let new = NewUser {
        email: "ada@example.test".into(),
        name: "Ada".into(),
        password: PASSWORD.to_owned().into(),
    };
    access::create_user(&test.db, new).await.unwrap();
    let first = sign_in(test, PASSWORD).await.unwrap();
    let second = sign_in(test, PASSWORD).await.unwrap();
    let caller = access::by_session(&test.db, &first).await.unwrap();
    (caller.unwrap(), first, second)
}

async fn sign_in(test: &TestDatabase, password: &str) -> Option<String> {
    let password = SecretString::from(password);
    match access::sign_in(&test.db, "ada@example.test", password).await {
        Ok(SignIn::Welcome(token)) => Some(token),
        Ok(SignIn::Refused | SignIn::Throttled) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn goes_on(test: &TestDatabase, token: &str) -> bool {
    let found = access::by_session(&test.db, token).await.unwrap();
    found.is_some()
}

async fn change(
    test: &TestDatabase,
    ada: &Caller,
    session: &str,
    current: &str,
    new: &str,
) -> Result<PasswordChange, ServiceError> {
    let key = SessionKey::of(session);
    let (current, new) = (SecretString::from(current), SecretString::from(new));
    access::change_password(ada, &test.db, Some(&key), current, new).await
}

#[tokio::test]
async fn a_look_holds_for_one_person_and_an_unknown_zone_changes_nothing() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Readonly)]).await;
    let unseen = test.tenant("Fabrikam").await;
    let eve = test.person("Eve", &[(unseen, Role::Owner)]).await;

    tenants::set_time_zone(&ada, &test.db, tenant, " America/New_York ")
        .await
        .unwrap();
    settings::set_look(&ada, &test.db, &look(ZoneChoice::Browser, "Europe/Berlin"))
        .await
        .unwrap();
    for (zone, own_zone) in [
        (ZoneChoice::Utc, "Mars/Olympus"),
        (ZoneChoice::Browser, "  "),
    ] {
        let refused = settings::set_look(&ada, &test.db, &look(zone, own_zone)).await;
        assert!(
            matches!(&refused, Err(ServiceError::Invalid(why)) if why.starts_with("own_zone: ")),
            "{refused:?}"
        );
    }
    let looks = settings::looks(&ada, &test.db, Some("de-DE"))
        .await
        .unwrap();
    assert_eq!(
        (
            looks.theme,
            looks.zones.choice,
            looks.dates,
            looks.shortcuts
        ),
        (Theme::Dark, ZoneChoice::Browser, DateStyle::DayFirst, false)
    );
    assert_eq!(looks.zones.own.unwrap().name, "Europe/Berlin");
    let [(of, zone)] = looks.zones.tenants.as_slice() else {
        panic!("{:?}", looks.zones.tenants)
    };
    assert_eq!((*of, zone.name.as_str()), (tenant, "America/New_York"));

    let looks = settings::looks(&bob, &test.db, Some("de-DE"))
        .await
        .unwrap();
    assert_eq!(
        (
            looks.theme,
            looks.zones.choice,
            looks.dates,
            looks.shortcuts
        ),
        (Theme::System, ZoneChoice::Utc, DateStyle::Dotted, true)
    );
    let looks = settings::looks(&eve, &test.db, None).await.unwrap();
    assert_eq!(looks.zones.tenants, [], "of a tenant that she does not see");
}

#[tokio::test]
async fn only_an_owner_sets_a_tenants_time_zone_and_only_to_one_that_exists() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let owner = test.person("Ada", &[(tenant, Role::Owner)]).await;
    let operator = test.person("Bob", &[(tenant, Role::Operator)]).await;
    let stranger = test.person("Eve", &[]).await;
    let set = async |caller: &Caller, name: &str| {
        tenants::set_time_zone(caller, &test.db, tenant, name).await
    };
    assert!(matches!(
        set(&operator, "Asia/Tokyo").await,
        Err(ServiceError::Forbidden(_))
    ));
    assert!(matches!(
        set(&stranger, "Asia/Tokyo").await,
        Err(ServiceError::NotFound)
    ));
    let unknown = set(&owner, "Tokyo").await.unwrap_err();
    assert!(
        unknown.to_string().starts_with("time_zone: “Tokyo”"),
        "{unknown}"
    );
    let stored = async || {
        tenants::detail(&owner, &test.db, tenant)
            .await
            .unwrap()
            .time_zone
    };
    assert_eq!(stored().await, "UTC");
    set(&owner, "Asia/Tokyo").await.unwrap();
    assert_eq!(stored().await, "Asia/Tokyo");
}

#[tokio::test]
async fn changing_the_password_needs_the_current_one_and_ends_every_other_session() {
    let test = TestDatabase::new().await;
    let (ada, here, elsewhere) = signed_in_twice(&test).await;

    let refused = change(&test, &ada, &here, "a wrong guess", "another good password").await;
    assert_eq!(refused.unwrap(), PasswordChange::Refused);
    let too_short = change(&test, &ada, &here, PASSWORD, "short").await;
    assert!(matches!(too_short, Err(ServiceError::Invalid(why)) if why.starts_with("password: ")));
    assert!(goes_on(&test, &elsewhere).await, "nothing has changed yet");

    let changed = change(&test, &ada, &here, PASSWORD, "another good password").await;
    assert_eq!(changed.unwrap(), PasswordChange::Changed);
    assert!(goes_on(&test, &here).await);
    assert!(!goes_on(&test, &elsewhere).await);
    assert_eq!(sign_in(&test, PASSWORD).await, None);
    assert!(sign_in(&test, "another good password").await.is_some());
}

#[tokio::test]
async fn guessing_the_current_password_is_slowed_down_as_at_the_sign_in() {
    let test = TestDatabase::new().await;
    let (ada, here, _) = signed_in_twice(&test).await;
    for _ in 0..10 {
        let refused = change(&test, &ada, &here, "a wrong guess", "another good password").await;
        assert_eq!(refused.unwrap(), PasswordChange::Refused);
    }
    let closed = change(&test, &ada, &here, PASSWORD, "another good password").await;
    assert_eq!(closed.unwrap(), PasswordChange::Throttled);
    assert!(goes_on(&test, &here).await);
}

#[tokio::test]
async fn signing_out_elsewhere_leaves_this_session_and_other_people_alone() {
    let test = TestDatabase::new().await;
    let (ada, here, elsewhere) = signed_in_twice(&test).await;
    let bob = test.person("Bob", &[]).await;
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0";
    access::note_browser(&test.db, &here, agent).await.unwrap();
    sqlx::query("insert into sessions (token_hash, user_id, expires_at) values (decode(repeat('ab', 32), 'hex'), $1, now() + interval '1 hour')")
        .bind(bob.user_id)
        .execute(test.sql())
        .await
        .unwrap();

    let key = SessionKey::of(&here);
    let page = settings::page(&ada, &test.db, Some(&key)).await.unwrap();
    let rows: Vec<_> = page
        .sessions
        .iter()
        .map(|row| (row.this, row.browser.as_deref()))
        .collect();
    assert_eq!(rows, [(false, None), (true, Some("Firefox on Linux"))]);

    access::sign_out_elsewhere(&ada, &test.db, Some(&key))
        .await
        .unwrap();
    assert!(goes_on(&test, &here).await);
    assert!(!goes_on(&test, &elsewhere).await);
    assert_eq!(test.number("select count(*) from sessions").await, 2);
}

#[tokio::test]
async fn a_name_is_one_line_that_is_not_empty() {
    let test = TestDatabase::new().await;
    let ada = test.person("Ada", &[]).await;
    for bad in ["", "  ", "two\nlines", &"x".repeat(101)] {
        let refused = settings::rename(&ada, &test.db, bad).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(why)) if why.starts_with("name: ")));
    }
    settings::rename(&ada, &test.db, " Ada Lovelace ")
        .await
        .unwrap();
    let page = settings::page(&ada, &test.db, None).await.unwrap();
    assert_eq!(page.name, "Ada Lovelace");
}

/// The events that this person was told of one run that ended so.
async fn told(test: &TestDatabase, caller: &Caller, tenant: TenantId, end: Outcome) -> Vec<String> {
    let operation = OperationType::TenantVerify;
    let started = runs::start(caller, &test.db, tenant, operation, Inputs::new());
    let run: RunId = started.await.unwrap().run.id;
    crate::digests::end(test, run, end).await;
    sqlx::query_scalar(
        "select event from notifications where run_id = $1 and user_id = $2 order by id",
    )
    .bind(run)
    .bind(caller.user_id)
    .fetch_all(test.sql())
    .await
    .unwrap()
}

#[tokio::test]
async fn a_person_is_told_what_this_person_wants_to_be_told_and_others_as_before() {
    let test = TestDatabase::new().await;
    let tenant = test.tenant("Contoso").await;
    let ada = test.person("Ada", &[(tenant, Role::Operator)]).await;
    let bob = test.person("Bob", &[(tenant, Role::Operator)]).await;
    let (good, bad) = (Outcome::Succeeded, Outcome::Failed);
    for (about, of_good, of_bad) in [
        (
            NotifyAbout::Everything,
            vec!["queued", "succeeded"],
            vec!["queued", "failed"],
        ),
        (NotifyAbout::Endings, vec!["succeeded"], vec!["failed"]),
        (NotifyAbout::Trouble, vec![], vec!["failed"]),
    ] {
        settings::set_notify_about(&ada, &test.db, about)
            .await
            .unwrap();
        assert_eq!(told(&test, &ada, tenant, good).await, of_good, "{about}");
        assert_eq!(told(&test, &ada, tenant, bad).await, of_bad, "{about}");
    }
    assert_eq!(
        told(&test, &bob, tenant, good).await,
        ["queued", "succeeded"]
    );

    // A run that both hear of is told to each as each wants it.
    let operation = OperationType::TenantVerify;
    let run = runs::start(&bob, &test.db, tenant, operation, Inputs::new())
        .await
        .unwrap()
        .run
        .id;
    runs::follow(&ada, &test.db, run).await.unwrap();
    crate::digests::end(&test, run, good).await;
    let unread = notifications::frame(&ada, &test.db).await.unwrap();
    assert!(unread.news.iter().all(|news| news.run_id != run));
}

#[tokio::test]
async fn the_panel_has_the_persons_own_active_runs_and_nobody_elses() {
    let test = TestDatabase::new().await;
    let (contoso, fabrikam) = (test.tenant("Contoso").await, test.tenant("Fabrikam").await);
    let both = [(contoso, Role::Operator), (fabrikam, Role::Operator)];
    let (ada, bob) = (
        test.person("Ada", &both).await,
        test.person("Bob", &both).await,
    );
    let start = async |caller: &Caller, tenant, operation| {
        let started = runs::start(caller, &test.db, tenant, operation, Inputs::new());
        started.await.unwrap().run.id
    };
    let ended = start(&ada, contoso, OperationType::TenantVerify).await;
    crate::digests::end(&test, ended, Outcome::Succeeded).await;
    let first = start(&ada, contoso, OperationType::InventorySync).await;
    start(&bob, contoso, OperationType::TenantVerify).await;
    let second = start(&ada, fabrikam, OperationType::InventorySync).await;

    let frame = notifications::frame(&ada, &test.db).await.unwrap();
    let shown: Vec<_> = frame.active.iter().map(|run| run.id).collect();
    assert_eq!((shown, frame.more_active), (vec![first, second], false));

    // Someone who lost a tenant does not hear of its runs any more, not even of their own.
    let lost = Caller {
        roles: domain::Roles::new(vec![(contoso, Role::Operator)]),
        ..ada
    };
    let frame = notifications::frame(&lost, &test.db).await.unwrap();
    let shown: Vec<_> = frame.active.iter().map(|run| run.id).collect();
    assert_eq!(shown, [first]);
}
