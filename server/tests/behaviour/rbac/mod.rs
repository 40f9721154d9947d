//! Access setup through the whole router: delegated access, what it is good for, when it is gone, and that nothing of
//! it is found anywhere else.

mod assigning;
mod secrecy;
mod signing_in;
mod states;

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::{Role, TenantId};
use graph::{GraphClient, GraphSettings};
use graph_simulator::{Faults, RunningSimulator, SimulatedTenant, Simulator, TenantSpec};
use http_body_util::BodyExt;
use server::http::{Site, Web, router};
use services::{
    access::{self, NewUser, SessionKey},
    changes::Changes,
    rbac::DelegatedAccess,
    tenants::SecretKey,
    testing::{KEY, TestDatabase},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const PASSWORD: &str = "correct horse battery";

/// A tenant of a simulated Graph, and a server that people reach at `http://atlas.test`.
struct Scene {
    test: TestDatabase,
    router: Router,
    delegated: DelegatedAccess,
    simulator: RunningSimulator,
    simulated: SimulatedTenant,
    tenant: TenantId,
    /// Headers and bodies of every answer so far.
    answers: Mutex<Vec<String>>,
}

struct Page {
    status: StatusCode,
    location: String,
    policy: String,
    cookie: String,
    text: String,
}

impl Page {
    fn shows(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.text.contains(part), "no {part} in {}", self.text);
        }
    }

    fn search_state(&self) -> &str {
        let (_, rest) = self.text.split_once("data-search-state=\"").unwrap();
        rest.split('"').next().unwrap()
    }

    /// The value of a hidden field.
    fn field(&self, name: &str) -> &str {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self
            .text
            .split_once(&mark)
            .unwrap_or_else(|| panic!("no {name}"));
        rest.split('"').next().unwrap()
    }
}

impl Scene {
    async fn new() -> Self {
        let spec = TenantSpec::new("Contoso")
            .policies(7)
            .kinds(&["roleDefinitions"])
            .extra_group("Kiosk Wardens")
            .extra_group("Kiosk Devices");
        Self::with(spec).await
    }

    async fn with(spec: TenantSpec) -> Self {
        let test = TestDatabase::new().await;
        let graph = GraphClient::new(GraphSettings::interactive()).unwrap();
        let key = Arc::new(SecretKey::from_hex(KEY).unwrap());
        let delegated = DelegatedAccess::new(graph, Some(key));
        let simulator = Simulator::empty().spawn().await.unwrap();
        let simulated = simulator.simulator.add_tenant(spec);
        let tenant = test
            .tenant_at(
                &simulated.display_name,
                &simulator.base_url,
                &simulated.directory_id,
                (&simulated.client_id, &simulated.client_secret),
            )
            .await;
        let (changes, _relay) = Changes::listen(&test.db);
        let router = router(Web {
            db: test.db.clone(),
            changes,
            site: Arc::new(Site::none()),
            https: false,
            public_url: Some("http://atlas.test".into()),
            trusted_proxies: 0,
            delegated: delegated.clone(),
            key: None,
            shutdown: CancellationToken::new(),
        });
        Self {
            test,
            router,
            delegated,
            simulator,
            simulated,
            tenant,
            answers: Mutex::default(),
        }
    }

    /// Somebody with a role on the tenant, signed in; returns the cookie.
    async fn person(&self, name: &str, role: Option<Role>) -> String {
        let new = NewUser {
            email: format!("{name}@example.test"),
            name: name.into(),
            password: PASSWORD.to_owned().into(),
        };
        let user = access::create_user(&self.test.db, new).await.unwrap();
        if let Some(role) = role {
            access::grant(&self.test.db, user, self.tenant, role)
                .await
                .unwrap();
        }
        self.session(name).await
    }

    /// One more session of a person.
    async fn session(&self, name: &str) -> String {
        let form = format!(
            "email={name}%40example.test&password={}",
            PASSWORD.replace(' ', "+")
        );
        let page = self.post("/login", "", &form).await;
        page.cookie.split(';').next().unwrap().to_owned()
    }

    fn path(&self) -> String {
        format!("/tenants/{}/rbac", self.tenant)
    }

    /// The page with a query.
    async fn page(&self, cookie: &str, query: &str) -> Page {
        let page = self.get(&format!("{}{query}", self.path()), cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page
    }

    async fn get(&self, path: &str, cookie: &str) -> Page {
        let request = Request::get(path)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Page {
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::HOST, "atlas.test")
            .header(header::ORIGIN, "http://atlas.test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    /// The same as a program asks: it wants the answer itself, not a page.
    async fn call(&self, path: &str, cookie: &str, form: &str) -> Page {
        let request = Request::post(path)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        // Without the marks at which the script takes the page over: they stand between words.
        let text = String::from_utf8_lossy(&bytes).replace("<!>", "");
        let answer = format!("{:?}\n{text}", parts.headers);
        self.answers.lock().unwrap().push(answer);
        let header = |name| {
            let value = parts.headers.get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        Page {
            status: parts.status,
            location: header(header::LOCATION),
            policy: header(header::CONTENT_SECURITY_POLICY),
            cookie: header(header::SET_COOKIE),
            text,
        }
    }

    /// Presses "Sign in to Microsoft"; returns the address of Microsoft's page.
    async fn begin(&self, cookie: &str, back: &str) -> String {
        let path = format!("{}/sign-in", self.path());
        let page = self.post(&path, cookie, &format!("back={back}")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        page.location
    }

    /// Presses a button of Microsoft's page; returns the path that it leads back to.
    async fn at_microsoft(&self, page: &str, answer: &str) -> String {
        let mut form: Vec<(String, String)> = reqwest::Url::parse(page)
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
        let location = led.headers()["location"].to_str().unwrap();
        location
            .strip_prefix("http://atlas.test")
            .unwrap()
            .to_owned()
    }

    /// Signs in to Microsoft, all the way; returns the callback's path.
    async fn sign_in(&self, cookie: &str) -> String {
        let page = self.begin(cookie, "").await;
        let callback = self.at_microsoft(&page, "sign-in").await;
        let led = self.get(&callback, cookie).await;
        assert_eq!(
            (led.status, led.location),
            (StatusCode::SEE_OTHER, self.path())
        );
        callback
    }

    /// Whether the session is signed in to Microsoft, as the page says.
    async fn has_access(&self, cookie: &str) -> bool {
        let page = self.page(cookie, "").await;
        page.text.contains("Signed in to Microsoft as")
    }

    fn holds(&self, cookie: &str) -> bool {
        let token = cookie.split_once('=').unwrap().1;
        self.delegated.holds(&SessionKey::of(token))
    }

    fn faults(&self, faults: Faults) {
        let directory = &self.simulated.directory_id;
        self.simulator.simulator.set_faults(directory, faults);
    }

    fn group(&self, name: &str) -> String {
        let groups = self
            .simulator
            .simulator
            .groups(&self.simulated.directory_id);
        let found = groups.unwrap().into_iter().find(|group| group.name == name);
        found.unwrap().id
    }

    /// Ids of what Intune has of a kind.
    fn of_kind(&self, kind: &str) -> Vec<String> {
        let all = self
            .simulator
            .simulator
            .policies(&self.simulated.directory_id);
        let all = all.unwrap().into_iter().filter(|one| one.kind == kind);
        all.map(|one| one.id).collect()
    }
}
