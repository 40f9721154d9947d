//! Access on a person's behalf: the sign-in page, codes with PKCE, refresh tokens, and what such tokens open.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph_simulator::{Faults, TenantSpec};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::caller::{Answer, Caller, http};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BACK: &str = "http://127.0.0.1:9/tenants/1/rbac/callback";
const SCOPE: &str = "https://graph.microsoft.com/.default openid profile offline_access";

/// A caller whose tenant a person signs in to.
struct Person {
    caller: Caller,
    browser: reqwest::Client,
}

impl Person {
    async fn of(spec: TenantSpec) -> Self {
        let caller = Caller::new(spec).await;
        let _the_provider_is_installed = http();
        let browser = reqwest::Client::builder()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self { caller, browser }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("client_id", self.caller.tenant.client_id.clone()),
            ("response_type", "code".into()),
            ("redirect_uri", BACK.into()),
            ("scope", SCOPE.into()),
            ("state", "a state".into()),
            ("code_challenge", CHALLENGE.into()),
            ("code_challenge_method", "S256".into()),
        ]
    }

    fn changed(&self, name: &str, value: &str) -> Vec<(&'static str, String)> {
        let mut parameters = self.parameters();
        parameters
            .iter_mut()
            .find(|(one, _)| *one == name)
            .unwrap()
            .1 = value.into();
        parameters
    }

    fn url(&self, end: &str) -> String {
        let tenant = &self.caller.tenant.directory_id;
        format!(
            "{}/{tenant}/oauth2/v2.0/{end}",
            self.caller.running.base_url
        )
    }

    /// The sign-in page with these parameters.
    async fn page(&self, parameters: &[(&str, String)]) -> reqwest::Response {
        let url = reqwest::Url::parse_with_params(&self.url("authorize"), parameters).unwrap();
        self.browser.get(url).send().await.unwrap()
    }

    /// Presses a button of the page; returns the parts of the address that it leads to.
    async fn press(&self, answer: &str) -> Vec<(String, String)> {
        let mut form = self.parameters();
        form.push(("answer", answer.into()));
        let request = self.browser.post(self.url("authorize")).form(&form);
        led_to(&request.send().await.unwrap())
    }

    async fn code(&self) -> String {
        part(&self.press("sign-in").await, "code")
    }

    async fn redeem(&self, code: &str, change: Option<(&str, &str)>) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", &self.caller.tenant.client_id),
            ("client_secret", &self.caller.tenant.client_secret),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        if let Some((name, value)) = change {
            form.iter_mut().find(|(one, _)| *one == name).unwrap().1 = value;
        }
        let request = self.browser.post(self.url("token")).form(&form);
        Answer::read(request.send().await.unwrap()).await
    }

    async fn refresh(&self, token: &str) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.caller.tenant.client_id),
            ("client_secret", &self.caller.tenant.client_secret),
            ("refresh_token", token),
        ];
        let request = self.browser.post(self.url("token")).form(&form);
        Answer::read(request.send().await.unwrap()).await
    }

    /// Signs in; the caller has the person's token from here on.
    async fn sign_in(&mut self) -> Value {
        let tokens = self.redeem(&self.code().await, None).await.json();
        self.caller.token = tokens["access_token"].as_str().unwrap().to_owned();
        tokens
    }

    fn faults(&self, faults: Faults) {
        let tenant = &self.caller.tenant.directory_id;
        self.caller.simulator().set_faults(tenant, faults);
    }

    async fn search(&self, text: &str) -> Answer {
        let path = format!("/v1.0/groups?$search=\"displayName:{text}\"&$count=true");
        let eventual = [("ConsistencyLevel", "eventual")];
        self.caller.get_with(&path, &eventual).await
    }
}

fn led_to(response: &reqwest::Response) -> Vec<(String, String)> {
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(BACK), "{location}");
    let url = reqwest::Url::parse(location).unwrap();
    url.query_pairs().into_owned().collect()
}

fn part(parts: &[(String, String)], name: &str) -> String {
    let found = parts.iter().find(|(one, _)| one == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {parts:?}"))
        .1
        .clone()
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn a_person_signs_in_on_a_page_and_comes_back_with_a_code_and_the_state() {
    let person = Person::of(TenantSpec::new("Contoso")).await;
    let page = person.page(&person.parameters()).await;
    assert_eq!(page.status(), 200);
    let text = page.text().await.unwrap();
    for word in [
        "Sign in to Contoso",
        ">Sign in</button>",
        ">Cancel</button>",
    ] {
        assert!(text.contains(word), "{text}");
    }
    let parts = person.press("sign-in").await;
    assert_eq!(part(&parts, "state"), "a state");
    assert!(part(&parts, "code").len() > 40);
    let cancelled = person.press("cancel").await;
    assert_eq!(part(&cancelled, "error"), "access_denied");
    assert_eq!(part(&cancelled, "state"), "a state");
}

#[tokio::test]
async fn a_code_becomes_a_token_with_scopes_instead_of_roles() {
    let person = Person::of(TenantSpec::new("Contoso").scopes(&["Group.Read.All"])).await;
    let answer = person.redeem(&person.code().await, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tokens = answer.json();
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["scp"], "Group.Read.All");
    assert!(access.get("roles").is_none());
    assert_eq!(claims(&tokens["id_token"])["name"], "Contoso Administrator");
    assert!(tokens["refresh_token"].is_string());
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier_and_its_address() {
    let person = Person::of(TenantSpec::new("Contoso")).await;
    let code = person.code().await;
    assert_eq!(person.redeem(&code, None).await.status, 200);
    let refused = |answer: Answer, code: u32| {
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(answer.json()["error"], "invalid_grant");
        assert_eq!(answer.json()["error_codes"], json!([code]));
    };
    refused(person.redeem(&code, None).await, 54_005);
    refused(person.redeem("0.unknown", None).await, 70_000);
    let code = person.code().await;
    let wrong = Some((
        "code_verifier",
        "another verifier, as long as the right one is",
    ));
    refused(person.redeem(&code, wrong).await, 501_481);
    refused(person.redeem(&code, None).await, 54_005);
    let code = person.code().await;
    let wrong = Some(("redirect_uri", "http://127.0.0.1:9/elsewhere"));
    refused(person.redeem(&code, wrong).await, 500_112);
    let code = person.code().await;
    let answer = person.redeem(&code, Some(("client_secret", "wrong"))).await;
    assert_eq!(answer.json()["error_codes"], json!([7_000_215]));
}

#[tokio::test]
async fn a_request_to_sign_in_that_is_wrong_is_answered_as_microsoft_does() {
    let person = Person::of(TenantSpec::new("Contoso")).await;
    for (name, value, error, code) in [
        (
            "response_type",
            "token",
            "unsupported_response_type",
            "AADSTS700054",
        ),
        ("code_challenge", "short", "invalid_request", "AADSTS501491"),
        (
            "code_challenge_method",
            "plain",
            "invalid_request",
            "AADSTS9002313",
        ),
        ("scope", "Mail.Read", "consent_required", "AADSTS65001"),
        ("scope", "", "invalid_request", "AADSTS900144"),
    ] {
        let page = person.page(&person.changed(name, value)).await;
        let parts = led_to(&page);
        assert_eq!(part(&parts, "error"), error, "{name}={value}");
        assert!(
            part(&parts, "error_description").starts_with(code),
            "{parts:?}"
        );
    }
    // Without a known application or address there is nowhere to lead to.
    for (name, value) in [("client_id", "unknown"), ("redirect_uri", "")] {
        let page = person.page(&person.changed(name, value)).await;
        assert_eq!(page.status(), 400, "{name}");
    }
}

#[tokio::test]
async fn a_refresh_token_renews_access_until_it_is_revoked() {
    let mut person = Person::of(TenantSpec::new("Contoso").groups(3)).await;
    let tokens = person.sign_in().await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let renewed = person.refresh(refresh).await;
    assert_eq!(renewed.status, 200);
    assert_ne!(renewed.json()["access_token"], tokens["access_token"]);
    person.faults(Faults {
        revoke_tokens: true,
        ..Faults::default()
    });
    assert_eq!(person.search("a").await.status, 401);
    let refused = person.refresh(refresh).await.json();
    assert_eq!(refused["error_codes"], json!([50_173]));
    assert_eq!(person.refresh("unknown").await.status, 400);
}

#[tokio::test]
async fn a_persons_token_searches_groups_as_long_as_there_is_consent() {
    let spec = TenantSpec::new("Contoso")
        .extra_group("Kiosk Wardens")
        .roles(&[]);
    let mut person = Person::of(spec).await;
    assert_eq!(person.search("kiosk").await.status, 403);
    person.sign_in().await;
    let found = person.search("kiosk").await;
    assert_eq!(found.json()["@odata.count"], 1, "{}", found.text);
    assert_eq!(found.value()[0]["displayName"], "Kiosk Wardens");
    let path = "/v1.0/groups?$search=\"displayName:kiosk\"";
    assert_eq!(person.caller.get(path).await.status, 400);

    person.faults(Faults {
        withdrawn_consent: vec!["Group".into()],
        ..Faults::default()
    });
    let refused = person.search("kiosk").await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "Authorization_RequestDenied")
    );
    let roles = "/beta/deviceManagement/roleDefinitions";
    assert_eq!(person.caller.get(roles).await.status, 200);
    person.faults(Faults {
        withdrawn_consent: vec![String::new()],
        ..Faults::default()
    });
    assert_eq!(
        part(&person.press("sign-in").await, "error"),
        "consent_required"
    );
}

#[tokio::test]
async fn a_role_is_assigned_to_members_within_a_scope() {
    let spec = TenantSpec::new("Contoso")
        .policies(7)
        .kinds(&["roleDefinitions"])
        .groups(2);
    let mut person = Person::of(spec).await;
    person.sign_in().await;
    let caller = &person.caller;
    let (roles, _) = caller.all("/beta/deviceManagement/roleDefinitions").await;
    let role = roles[0]["id"].as_str().unwrap();
    let groups = caller
        .simulator()
        .groups(&caller.tenant.directory_id)
        .unwrap();
    let body = |bound: &str, members: Value, scopes: Value| {
        json!({"displayName": "Helpdesk Europe", "scopeType": "resourceScope", "members": members,
            "resourceScopes": scopes,
            "roleDefinition@odata.bind": format!("{}/beta/deviceManagement/roleDefinitions('{bound}')", caller.running.base_url)})
    };
    let path = "/beta/deviceManagement/roleAssignments";
    let (members, scopes) = (json!([groups[0].id]), json!([groups[1].id]));
    for wrong in [
        body("unknown", members.clone(), scopes.clone()),
        body(role, json!([]), scopes.clone()),
        body(role, members.clone(), json!([])),
    ] {
        assert_eq!(caller.post(path, wrong).await.status, 400);
    }
    let made = caller.post(path, body(role, members, scopes)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let read = caller
        .get(&format!("{path}/{id}?$expand=roleDefinition"))
        .await
        .json();
    assert_eq!(read["roleDefinition"]["id"], role);
    assert_eq!(read["members"], json!([groups[0].id]));
}

#[tokio::test]
async fn what_was_issued_can_be_looked_up() {
    let mut person = Person::of(TenantSpec::new("Contoso")).await;
    let tokens = person.sign_in().await;
    let tenant = &person.caller.tenant.directory_id;
    let issued = person.caller.simulator().issued(tenant).unwrap();
    let of = |kind: &str| {
        issued
            .iter()
            .find(|one| one.kind == kind)
            .unwrap()
            .value
            .clone()
    };
    assert_eq!(of("access_token"), tokens["access_token"].as_str().unwrap());
    assert_eq!(
        of("refresh_token"),
        tokens["refresh_token"].as_str().unwrap()
    );
    assert_eq!(of("code_verifier"), VERIFIER);
    let path = format!("/_control/tenants/{tenant}/issued");
    assert_eq!(
        person
            .caller
            .get(&path)
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        issued.len()
    );
}
