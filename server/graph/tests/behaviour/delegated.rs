//! Access on a signed-in person's behalf: signing in with PKCE, renewing, searching groups, assigning roles.

use std::time::Duration;

use graph::{
    DelegatedToken, GraphClient, GraphErrorKind, GraphSettings, NewRoleAssignment, PersonGraph,
    RoleScope, TenantGraph,
};
use graph_simulator::{Faults, RequestFilter, TenantSpec};
use reqwest::Url;
use secrecy::SecretString;

use crate::support::{Simulated, connection};

const BACK: &str = "http://127.0.0.1:9/tenants/1/rbac/callback";

struct Person {
    simulated: Simulated,
    client: GraphClient,
    tenant: TenantGraph,
}

impl Person {
    async fn of(spec: TenantSpec) -> Self {
        let simulated = Simulated::new(spec).await;
        let client = GraphClient::new(GraphSettings::interactive()).unwrap();
        let tenant = client.tenant(simulated_connection(&simulated));
        Self {
            simulated,
            client,
            tenant,
        }
    }

    /// Presses "Sign in" on Microsoft's page and gives the code that it leads back with.
    async fn pressed(&self, page: &str, answer: &str) -> (String, String) {
        let mut form: Vec<(String, String)> = Url::parse(page)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect();
        form.push(("answer".into(), answer.into()));
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let address = page.split('?').next().unwrap();
        let led = browser.post(address).form(&form).send().await.unwrap();
        let location = led.headers()["location"].to_str().unwrap().to_owned();
        let parts = Url::parse(&location).unwrap();
        let part = |name: &str| {
            let found = parts.query_pairs().find(|(one, _)| one == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        (part("code"), part("state"))
    }

    async fn sign_in(&self) -> DelegatedToken {
        let begun = self.tenant.begin_sign_in(BACK).unwrap();
        let (code, state) = self.pressed(&begun.url, "sign-in").await;
        assert_eq!(state, begun.state);
        let code = SecretString::from(code);
        let token = self.tenant.redeem_code(&code, &begun.verifier, BACK).await;
        token.unwrap()
    }

    fn graph(&self, token: &DelegatedToken) -> PersonGraph {
        self.client
            .person(simulated_connection(&self.simulated), token)
    }

    fn faults(&self, faults: Faults) {
        let directory = &self.simulated.tenant.directory_id;
        self.simulated
            .running
            .simulator
            .set_faults(directory, faults);
    }
}

fn simulated_connection(simulated: &Simulated) -> graph::TenantConnection {
    let tenant = &simulated.tenant;
    connection(
        &simulated.running.base_url,
        &tenant.directory_id,
        &tenant.client_id,
        &tenant.client_secret,
    )
}

#[tokio::test]
async fn a_sign_in_shows_neither_verifier_nor_secret_and_debug_shows_nothing() {
    let person = Person::of(TenantSpec::new("Contoso")).await;
    let begun = person.tenant.begin_sign_in(BACK).unwrap();
    let verifier = secrecy::ExposeSecret::expose_secret(&begun.verifier).to_owned();
    assert!(verifier.len() >= 43);
    assert!(!begun.url.contains(&verifier));
    assert!(!begun.url.contains(&person.simulated.tenant.client_secret));
    assert!(begun.url.contains("code_challenge_method=S256"));
    assert_ne!(
        begun.state,
        person.tenant.begin_sign_in(BACK).unwrap().state
    );
    let token = person.sign_in().await;
    assert_eq!(token.account.as_deref(), Some("Contoso Administrator"));
    let shown = format!("{begun:?} {token:?}");
    let simulator = &person.simulated.running.simulator;
    let issued = simulator
        .issued(&person.simulated.tenant.directory_id)
        .unwrap();
    assert!(issued.len() >= 5);
    for secret in issued
        .iter()
        .map(|one| one.value.as_str())
        .chain([verifier.as_str()])
    {
        assert!(!shown.contains(secret));
    }
}

#[tokio::test]
async fn a_wrong_verifier_or_a_code_used_twice_is_refused() {
    let person = Person::of(TenantSpec::new("Contoso")).await;
    let begun = person.tenant.begin_sign_in(BACK).unwrap();
    let (code, _) = person.pressed(&begun.url, "sign-in").await;
    let code = SecretString::from(code);
    let other = SecretString::from("another verifier, as long as the right one is");
    let wrong = person
        .tenant
        .redeem_code(&code, &other, BACK)
        .await
        .unwrap_err();
    assert_eq!(wrong.code.as_deref(), Some("AADSTS501481"));
    let again = person
        .tenant
        .redeem_code(&code, &begun.verifier, BACK)
        .await
        .unwrap_err();
    assert_eq!(again.kind, GraphErrorKind::TokenRefused);
    assert_eq!(again.code.as_deref(), Some("AADSTS54005"));
}

#[tokio::test]
async fn access_is_renewed_until_it_is_revoked() {
    let spec = TenantSpec::new("Contoso").token_lifetime(Duration::ZERO);
    let person = Person::of(spec).await;
    let token = person.sign_in().await;
    assert!(!token.is_fresh());
    let renewed = person.tenant.renew(&token).await.unwrap().unwrap();
    assert_eq!(renewed.account, token.account);
    person.faults(Faults {
        revoke_tokens: true,
        ..Faults::default()
    });
    let refused = person.tenant.renew(&renewed).await.unwrap_err();
    assert_eq!(refused.kind, GraphErrorKind::TokenRefused);
}

#[tokio::test]
async fn groups_are_searched_with_the_persons_token_and_never_the_applications() {
    let spec = TenantSpec::new("Contoso")
        .roles(&[])
        .extra_group("Kiosk Wardens")
        .extra_group("Kiosk \"night\" shift")
        .extra_group("Wardens");
    let person = Person::of(spec).await;
    let graph = person.graph(&person.sign_in().await);
    let found = graph.search_groups("kiosk").await.unwrap();
    let names: Vec<_> = found
        .groups
        .iter()
        .map(|group| group.display_name.as_str())
        .collect();
    assert_eq!(
        (found.total, names),
        (2, vec!["Kiosk \"night\" shift", "Kiosk Wardens"])
    );
    assert_eq!(graph.search_groups("\"night").await.unwrap().total, 1);
    assert_eq!(
        graph.search_groups("nobody & nothing").await.unwrap().total,
        0
    );
    let ids: Vec<_> = found.groups.iter().map(|group| group.id.clone()).collect();
    assert_eq!(graph.groups_by_id(&ids).await.unwrap().len(), 2);
    assert!(
        graph
            .groups_by_id(&["x') or id ne ('".into()])
            .await
            .is_err()
    );

    person.faults(Faults {
        withdrawn_consent: vec!["Group".into()],
        ..Faults::default()
    });
    let refused = graph.search_groups("kiosk").await.unwrap_err();
    assert_eq!(refused.kind, GraphErrorKind::Forbidden);
    person.faults(Faults {
        revoke_tokens: true,
        ..Faults::default()
    });
    let refused = graph.search_groups("kiosk").await.unwrap_err();
    assert_eq!(
        (refused.kind, refused.status),
        (GraphErrorKind::TokenRefused, Some(401))
    );
}

#[tokio::test]
async fn a_long_wait_is_told_at_once_and_kept_to() {
    let person = Person::of(TenantSpec::new("Contoso").groups(3)).await;
    let graph = person.graph(&person.sign_in().await);
    person.faults(Faults {
        throttle_every: Some(1),
        retry_after_seconds: Some(40),
        ..Faults::default()
    });
    for _ in 0..2 {
        let refused = graph.search_groups("a").await.unwrap_err();
        assert_eq!(refused.kind, GraphErrorKind::Throttled);
        assert!(refused.retry_after.unwrap() > Duration::from_secs(30));
    }
    // The second search was not even sent.
    let searched = RequestFilter::all().template("/v1.0/groups");
    assert_eq!(
        person.simulated.running.simulator.request_count(searched),
        1
    );
}

#[tokio::test]
async fn a_role_is_given_to_groups() {
    let spec = TenantSpec::new("Contoso")
        .policies(7)
        .kinds(&["roleDefinitions"])
        .groups(2);
    let person = Person::of(spec).await;
    let graph = person.graph(&person.sign_in().await);
    let roles = graph.role_definitions().await.unwrap();
    assert_eq!(roles.len(), 7);
    assert!(roles[0].is_built_in && !roles[6].is_built_in);
    let groups = person.simulated.groups();
    let new = |scope| NewRoleAssignment {
        display_name: "Helpdesk Europe".into(),
        role_definition_id: roles[0].id.clone(),
        members: vec![groups[0].clone()],
        scope,
    };
    let directory = &person.simulated.tenant.directory_id;
    for (scope, wanted) in [
        (RoleScope::AllDevicesAndUsers, "allDevicesAndLicensedUsers"),
        (RoleScope::Groups(vec![groups[1].clone()]), "resourceScope"),
    ] {
        let made = graph.create_role_assignment(&new(scope)).await.unwrap();
        assert_eq!(made.display_name, "Helpdesk Europe");
        let stored = person
            .simulated
            .running
            .simulator
            .policy(directory, &made.id)
            .unwrap();
        assert_eq!(stored["scopeType"], wanted);
        assert_eq!(stored["roleDefinition"]["id"], roles[0].id.as_str());
    }
    let refused = graph
        .create_role_assignment(&new(RoleScope::Groups(vec![])))
        .await;
    assert_eq!(refused.unwrap_err().kind, GraphErrorKind::BadRequest);
}
