//! Pages through the whole router, without a browser: what is on them, who may see them, and how bad input is answered.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode, header},
};
use domain::{OperationType, Role, RunId, TenantId, identity::Inputs};
use http_body_util::BodyExt;
use server::http::{Site, Web, router};
use services::{
    access::{self, NewUser},
    changes::Changes,
    runs,
    testing::TestDatabase,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::support::{no_delegated_access, secret_key};

pub(crate) struct Scene {
    pub(crate) test: TestDatabase,
    router: Router,
    pub(crate) tenant: TenantId,
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(&name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with_site(Site::none()).await
    }

    async fn with_site(site: Site) -> Self {
        let test = TestDatabase::new().await;
        let tenant = test.tenant("Contoso").await;
        let (changes, _relay) = Changes::listen(&test.db);
        let router = router(Web {
            db: test.db.clone(),
            changes,
            site: Arc::new(site),
            https: false,
            public_url: None,
            trusted_proxies: 0,
            delegated: no_delegated_access(),
            key: Some(Arc::new(secret_key())),
            shutdown: CancellationToken::new(),
        });
        Self {
            test,
            router,
            tenant,
        }
    }

    /// Somebody with a role on Contoso, signed in; returns the cookie.
    pub(crate) async fn signed_in(&self, name: &str, role: Option<Role>) -> String {
        let email = format!("{}@example.test", name.to_lowercase());
        let new = NewUser {
            email: email.clone(),
            name: name.into(),
            password: "correct horse battery".to_owned().into(),
        };
        let user = access::create_user(&self.test.db, new).await.unwrap();
        if let Some(role) = role {
            access::grant(&self.test.db, user, self.tenant, role)
                .await
                .unwrap();
        }
        let form = format!(
            "email={}&password=correct+horse+battery&next=/runs",
            email.replace('@', "%40")
        );
        let page = self.post("/login", None, &form).await;
        assert_eq!(
            (page.status, page.header(header::LOCATION)),
            (StatusCode::SEE_OTHER, "/runs")
        );
        let cookie = page.header(header::SET_COOKIE);
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        cookie.split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, path: &str, cookie: Option<&str>) -> Page {
        let mut request = Request::get(path).header(header::ACCEPT, "text/html");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, cookie: Option<&str>, form: &str) -> Page {
        let mut request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::HOST, "atlas.test")
            .header(header::ORIGIN, "http://atlas.test")
            .header(header::CONTENT_LENGTH, form.len())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    /// The same as a program asks: it wants the answer itself, not a page.
    pub(crate) async fn call(&self, path: &str, cookie: &str, form: &str) -> Page {
        let request = Request::post(path)
            .header(header::ACCEPT, "application/json")
            .header(header::HOST, "atlas.test")
            .header(header::ORIGIN, "http://atlas.test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    /// A form whose length nobody announces.
    async fn post_in_chunks(&self, path: &str, cookie: &str, form: &str) -> Page {
        let chunks: Vec<Result<_, std::io::Error>> = form
            .as_bytes()
            .chunks(16 * 1024)
            .map(|chunk| Ok(chunk.to_vec()))
            .collect();
        let body = Body::from_stream(futures::stream::iter(chunks));
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::HOST, "atlas.test")
            .header(header::ORIGIN, "http://atlas.test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie);
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Page {
        Page::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn run(&self, caller: &services::Caller) -> RunId {
        runs::start(
            caller,
            &self.test.db,
            self.tenant,
            OperationType::InventorySync,
            Inputs::new(),
        )
        .await
        .unwrap()
        .run
        .id
    }

    /// The event stream of an open page.
    pub(crate) async fn events(&self, cookie: &str) -> Body {
        self.events_at("/events", cookie).await
    }

    async fn events_at(&self, address: &str, cookie: &str) -> Body {
        let request = Request::get(address).header(header::COOKIE, cookie);
        let request = request.body(Body::empty()).unwrap();
        self.router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_body()
    }

    pub(crate) fn start_form(&self) -> String {
        format!("tenant_id={}&operation_type=inventory.sync", self.tenant)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_answers_with_a_link_to_the_run_and_the_second_start_with_the_same() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    let tenant_page = format!("/tenants/{}", scene.tenant);
    let page = scene.get(&tenant_page, Some(&cookie)).await;
    assert_eq!(page.status, StatusCode::OK);
    for button in [
        "Sync inventory",
        "Sync directory groups",
        "Verify connection",
    ] {
        assert!(page.text.contains(button), "{button}");
    }
    let first = scene
        .post("/api/start_operation", Some(&cookie), &scene.start_form())
        .await;
    assert!(
        first.status.is_redirection(),
        "{} {}",
        first.status,
        first.text
    );
    let answer = scene
        .get(first.header(header::LOCATION), Some(&cookie))
        .await;
    assert!(
        answer.text.contains("Inventory sync queued"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("View run") && answer.text.contains("href=\"/runs/1\""));
    let second = scene
        .post("/api/start_operation", Some(&cookie), &scene.start_form())
        .await;
    let answer = scene
        .get(second.header(header::LOCATION), Some(&cookie))
        .await;
    assert!(answer.text.contains("Already running") && answer.text.contains("href=\"/runs/1\""));
    assert_eq!(
        scene
            .test
            .number("select count(*) from operation_runs")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runs_page_shows_its_state_in_words_and_as_data() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    scene
        .post("/api/start_operation", Some(&cookie), &scene.start_form())
        .await;
    let page = scene.get("/runs/1", Some(&cookie)).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "Inventory sync for Contoso",
        "data-status=\"queued\"",
        "data-outcome=\"pending\"",
        "data-run-id=\"1\"",
        "Queued",
        "Ada",
    ] {
        assert!(page.text.contains(part), "{part}");
    }
    let list = scene.get("/runs?status=queued", Some(&cookie)).await;
    assert!(list.text.contains("data-run-id=\"1\""));
    let none = scene.get("/runs?status=running", Some(&cookie)).await;
    assert!(!none.text.contains("data-run-id=\"1\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_programs_get_401() {
    let scene = Scene::new().await;
    for path in ["/", "/runs/1", "/tenants", "/notifications", "/nowhere"] {
        let page = scene.get(path, None).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert!(page.header(header::LOCATION).starts_with("/login?next="));
    }
    let page = scene
        .post("/api/start_operation", None, &scene.start_form())
        .await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        scene.get("/events", None).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(scene.get("/login", None).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_tenant_is_answered_like_what_does_not_exist() {
    let scene = Scene::new().await;
    let ada = scene
        .test
        .person("Ada", &[(scene.tenant, Role::Owner)])
        .await;
    let run = scene.run(&ada).await;
    let stranger = scene.signed_in("Sam", None).await;
    for path in [
        format!("/runs/{run}"),
        "/runs/424242".to_owned(),
        format!("/tenants/{}", scene.tenant),
        format!("/tenants/{}/inventory", scene.tenant),
        format!("/tenants/{}/groups", scene.tenant),
        format!("/runs?tenant={}", scene.tenant),
        "/nowhere".to_owned(),
    ] {
        let page = scene.get(&path, Some(&stranger)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.text.contains("Contoso"), "{path}");
    }
    let start = scene
        .post("/api/start_operation", Some(&stranger), &scene.start_form())
        .await;
    assert_ne!(start.status, StatusCode::OK);
    assert_eq!(
        scene
            .test
            .number("select count(*) from operation_runs")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_why_starting_is_not_possible_and_can_not_start() {
    let scene = Scene::new().await;
    let reader = scene.signed_in("Rita", Some(Role::Readonly)).await;
    let page = scene
        .get(&format!("/tenants/{}", scene.tenant), Some(&reader))
        .await;
    assert!(page.text.contains("disabled"));
    scene
        .post("/api/start_operation", Some(&reader), &scene.start_form())
        .await;
    assert_eq!(
        scene
            .test
            .number("select count(*) from operation_runs")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_answered_with_a_client_error_and_never_with_a_panic() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Owner)).await;
    let tenant = scene.tenant;
    for path in [
        "/runs?status=paused".to_owned(),
        "/runs?outcome=great".to_owned(),
        "/runs?tenant=abc".to_owned(),
        "/runs?cursor=%00".to_owned(),
        "/runs?cursor=o99999999999999999999999".to_owned(),
        "/runs/abc".to_owned(),
        "/runs/99999999999999999999".to_owned(),
        "/tenants/-x".to_owned(),
        format!("/tenants/{tenant}/inventory?kind=nonsense"),
        format!("/tenants/{tenant}/inventory?cursor=***"),
        format!("/tenants/{tenant}/groups?cursor=e"),
        "/notifications?cursor=x".to_owned(),
    ] {
        let page = scene.get(&path, Some(&cookie)).await;
        assert!(page.status.is_client_error(), "{path}: {}", page.status);
    }
    let odd = scene
        .get(
            &format!("/tenants/{tenant}/inventory?text=%00%25_"),
            Some(&cookie),
        )
        .await;
    assert!(!odd.status.is_server_error(), "{}", odd.status);
    for form in [
        "",
        "tenant_id=1",
        "tenant_id=x&operation_type=inventory.sync",
        "tenant_id=1&operation_type=nonsense",
        "tenant_id=424242&operation_type=inventory.sync",
    ] {
        let page = scene
            .post("/api/start_operation", Some(&cookie), form)
            .await;
        assert!(page.status.is_redirection(), "{form}: {}", page.status);
    }
    for (form, status) in [
        ("", 400),
        ("tenant_id=1", 400),
        ("tenant_id=x&operation_type=inventory.sync", 400),
        ("tenant_id=1&operation_type=nonsense", 400),
        ("tenant_id=1&operation_type=restore.execute", 400),
        ("tenant_id=424242&operation_type=inventory.sync", 404),
    ] {
        let page = scene.call("/api/start_operation", &cookie, form).await;
        assert_eq!(page.status.as_u16(), status, "{form}: {}", page.text);
        let answer: serde_json::Value = serde_json::from_str(&page.text).unwrap();
        assert!(answer["error"].is_string(), "{}", page.text);
    }
    let large = format!("tenant_id=1&operation_type={}", "x".repeat(300_000));
    let page = scene
        .post("/api/start_operation", Some(&cookie), &large)
        .await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    for path in ["/api/start_operation", "/login"] {
        let page = scene.post_in_chunks(path, &cookie, &large).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert!(page.text.contains("larger than 256 KiB"), "{}", page.text);
    }
    assert_eq!(
        scene
            .test
            .number("select count(*) from operation_runs")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_site_can_not_start_anything_or_sign_anybody_out() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Owner)).await;
    for path in ["/api/start_operation", "/logout", "/login"] {
        let request = Request::post(path)
            .header(header::HOST, "atlas.test")
            .header(header::ORIGIN, "https://evil.example")
            .header("sec-fetch-site", "cross-site")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(scene.start_form()))
            .unwrap();
        assert_eq!(
            scene.send(request).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert_eq!(
        scene
            .test
            .number("select count(*) from operation_runs")
            .await,
        0
    );
    assert_eq!(
        scene.get("/runs", Some(&cookie)).await.status,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers_and_each_page_a_nonce_of_its_own() {
    let scene = Scene::new().await;
    let nonce = |page: &Page| {
        let policy = page.header(header::CONTENT_SECURITY_POLICY).to_owned();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"),
            "{policy}"
        );
        policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned()
    };
    let (first, second) = (
        scene.get("/login", None).await,
        scene.get("/login", None).await,
    );
    assert_ne!(nonce(&first), nonce(&second));
    assert_eq!(first.header(header::CACHE_CONTROL), "no-store");
    for path in ["/login", "/healthz", "/pkg/none.js", "/nowhere"] {
        let page = scene.get(path, None).await;
        assert_eq!(
            page.header(header::X_CONTENT_TYPE_OPTIONS),
            "nosniff",
            "{path}"
        );
        assert_eq!(page.header(header::X_FRAME_OPTIONS), "DENY", "{path}");
    }
    assert!(
        !first.text.contains(" style="),
        "inline styles would be refused by the policy"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_signs_in_with_a_token_and_gets_json() {
    let scene = Scene::new().await;
    let ada = scene
        .test
        .person("Ada", &[(scene.tenant, Role::Operator)])
        .await;
    let lifetime = std::time::Duration::from_secs(60);
    let token = access::create_token(&scene.test.db, ada.user_id, "ci", lifetime)
        .await
        .unwrap();
    let start = |token: String| {
        Request::post("/api/start_operation")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(scene.start_form()))
            .unwrap()
    };
    let page = scene.send(start(token)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let answer: serde_json::Value = serde_json::from_str(&page.text).unwrap();
    assert_eq!(
        (&answer["created"], &answer["run"]["id"]),
        (&true.into(), &1.into())
    );
    let refused = scene.send(start("ta_nonsense".into())).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_says_that_it_is_alive_and_ready() {
    let scene = Scene::new().await;
    assert_eq!(scene.get("/healthz", None).await.status, StatusCode::OK);
    assert_eq!(scene.get("/readyz", None).await.status, StatusCode::OK);
    sqlx::query("update _sqlx_migrations set success = false")
        .execute(scene.test.sql())
        .await
        .unwrap();
    assert_eq!(
        scene.get("/readyz", None).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_hears_of_changes_it_may_see_and_of_no_others() {
    let scene = Scene::new().await;
    let ada = scene
        .test
        .person("Grace", &[(scene.tenant, Role::Owner)])
        .await;
    let mine = scene.signed_in("Ada", Some(Role::Readonly)).await;
    let theirs = scene.signed_in("Sam", None).await;
    let open = |cookie: String| async {
        let request = Request::get("/events")
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .unwrap();
        let response = scene.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body()
    };
    let (mut mine, mut theirs) = (open(mine).await, open(theirs).await);
    let run = scene.run(&ada).await;
    read_until(&mut mine, &format!("\"runs\":[{run}]")).await;
    let mut overheard = String::new();
    let listen = async {
        while let Some(Ok(frame)) = theirs.frame().await {
            overheard.push_str(&String::from_utf8_lossy(frame.data_ref().unwrap()));
        }
    };
    // Long enough: the other stream has had the change by now.
    let _still_open = tokio::time::timeout(std::time::Duration::from_millis(300), listen).await;
    assert!(
        overheard.contains("resync") && !overheard.contains("runs"),
        "{overheard}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_what_changed_since_it_was_written_and_need_not_ask_for_the_rest() {
    let scene = Scene::new().await;
    let grace = scene
        .test
        .person("Grace", &[(scene.tenant, Role::Owner)])
        .await;
    let cookie = scene.signed_in("Ada", Some(Role::Readonly)).await;
    // The listening connection stands.
    let mut other = scene.events(&cookie).await;
    let earlier = scene.run(&grace).await;
    read_until(&mut other, &format!("\"runs\":[{earlier}]")).await;

    let page = scene.get("/runs", Some(&cookie)).await.text;
    let written_at = written_at(&page).expect("the page says when it was written");
    let later = runs::start(
        &grace,
        &scene.test.db,
        scene.tenant,
        OperationType::TenantVerify,
        Inputs::new(),
    );
    let later = later.await.unwrap().run.id;
    read_until(&mut other, &format!("\"runs\":[{later}]")).await;
    let mut stream = scene
        .events_at(&format!("/events?since={written_at}"), &cookie)
        .await;
    let heard = read_until(&mut stream, &format!("\"runs\":[{later}]")).await;
    assert!(!heard.contains("resync"), "{heard}");

    for unknown in ["", "nonsense", "0.0"] {
        let address = format!("/events?since={unknown}");
        let mut stream = scene.events_at(&address, &cookie).await;
        read_until(&mut stream, "resync").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_typed_into_the_search_lead_to_the_list_that_they_mean() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Readonly)).await;
    let typed = "/runs?text=tenant%3Acontoso+outcome%3A%22partially+succeeded%22+timed+out";
    let page = scene.get(typed, Some(&cookie)).await;
    assert!(page.status.is_redirection(), "{}", page.status);
    let meant = format!(
        "/runs?outcome=partially_succeeded&tenant={}&text=timed%20out",
        scene.tenant
    );
    assert_eq!(page.header(header::LOCATION), meant);
    // Another tenant's name is as unknown as any.
    let stranger = scene.signed_in("Sam", None).await;
    let page = scene.get(typed, Some(&stranger)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.text.contains("tenant: “contoso” is none of"),
        "{}",
        page.text
    );
}

/// The place among all changes that a page says it was written at.
fn written_at(page: &str) -> Option<&str> {
    page.split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
        .find(|word| {
            let place = word.split_once('.');
            place.is_some_and(|(process, _)| process.len() == 32)
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_presses_at_once_are_one_run_and_all_lead_to_it() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    let form = scene.start_form();
    let presses = (0..1000).map(|_| scene.post("/api/start_operation", Some(&cookie), &form));
    let answers = futures::future::join_all(presses).await;
    // Losers of the race use up ids too, so the one run need not be number 1.
    let run = scene.test.number("select id from operation_runs").await;
    let to_it = format!("/tenants/{}?run={run}&answer=", scene.tenant);
    for answer in &answers {
        let location = answer.header(header::LOCATION);
        assert!(
            answer.status.is_redirection() && location.starts_with(&to_it),
            "{} {location}",
            answer.status
        );
    }
    let created = |answer: &&Page| answer.header(header::LOCATION).ends_with("answer=created");
    assert_eq!(answers.iter().filter(created).count(), 1);
    let number = |sql| scene.test.number(sql);
    assert_eq!(number("select count(*) from operation_runs").await, 1);
    assert_eq!(number("select count(*) from apalis.jobs").await, 1);
    assert_eq!(number("select count(*) from notifications").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_compressed_for_browsers_that_say_so() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    let plain = scene.get("/runs", Some(&cookie)).await;
    assert_eq!(plain.header(header::CONTENT_ENCODING), "");
    let request = Request::get("/runs")
        .header(header::COOKIE, &cookie)
        .header(header::ACCEPT_ENCODING, "gzip, br");
    let packed = scene.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(packed.header(header::CONTENT_ENCODING), "br");
    assert_eq!(packed.header(header::VARY), "accept-encoding");
    assert!(plain.text.contains("</html>") && !packed.text.contains("</html>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_part_comes_compressed_and_is_kept_for_a_year() {
    let dir = std::env::temp_dir().join(format!("tenantatlas-site-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(dir.join("pkg")).unwrap();
    let manifest = r#"{"js":"a.1.js","wasm":"a.2.wasm","css":"a.3.css"}"#;
    std::fs::write(dir.join("manifest.json"), manifest).unwrap();
    for name in ["a.1.js", "a.2.wasm", "a.3.css"] {
        std::fs::write(dir.join("pkg").join(name), "plain").unwrap();
        std::fs::write(dir.join("pkg").join(format!("{name}.br")), "brotli").unwrap();
    }
    let scene = Scene::with_site(Site::open(&dir).unwrap()).await;
    for (path, media_type) in [
        ("/pkg/a.1.js", "text/javascript"),
        ("/pkg/a.2.wasm", "application/wasm"),
        ("/pkg/a.3.css", "text/css"),
    ] {
        let request = Request::get(path).header(header::ACCEPT_ENCODING, "gzip, br");
        let page = scene.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.text, "brotli", "{path}");
        assert_eq!(page.header(header::CONTENT_ENCODING), "br", "{path}");
        let kept = page.header(header::CACHE_CONTROL);
        assert_eq!(kept, "public, max-age=31536000, immutable", "{path}");
        assert!(page.header(header::CONTENT_TYPE).starts_with(media_type));
        let plain = scene.get(path, None).await;
        assert_eq!(plain.text, "plain", "{path}");
    }
    // A name that is gone must not be remembered for a year.
    let missing = scene.get("/pkg/a.9.js", None).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(!missing.header(header::CACHE_CONTROL).contains("immutable"));
    let page = scene.get("/login", None).await;
    assert!(page.text.contains("/pkg/a.1.js") && page.text.contains("/pkg/a.3.css"));
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_made_run_paused_and_deleted_with_plain_forms() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Operator)).await;
    let tenant = scene.tenant;
    let path = format!("/tenants/{tenant}/schedules");
    let form = |at: &str| {
        format!(
            "tenant_id={tenant}&schedule[name]=Nightly&schedule[every]=day&schedule[at]={at}\
             &schedule[weekday]=1&schedule[cron]=&schedule[time_zone]=Europe/Berlin&schedule[keep]=7"
        )
    };
    let refused = scene
        .post("/api/create_schedule", Some(&cookie), &form("99:99"))
        .await;
    assert!(!refused.status.is_success(), "{}", refused.status);
    let schedules = "select count(*) from backup_schedules";
    assert_eq!(scene.test.number(schedules).await, 0);
    let made = scene
        .post("/api/create_schedule", Some(&cookie), &form("02:30"))
        .await;
    assert_eq!(made.header(header::LOCATION), path);
    let page = scene.get(&path, Some(&cookie)).await;
    assert!(
        page.text.contains("30 2 * * *") && page.text.contains("Europe/Berlin"),
        "{}",
        page.text
    );
    let one = format!("tenant_id={tenant}&schedule_id=1");
    let started = scene.post("/api/run_schedule", Some(&cookie), &one).await;
    let answer = scene
        .get(started.header(header::LOCATION), Some(&cookie))
        .await;
    assert!(
        answer.text.contains("Scheduled backup queued") && answer.text.contains("View run"),
        "{}",
        answer.text
    );
    scene
        .post(
            "/api/enable_schedule",
            Some(&cookie),
            &format!("{one}&enabled=false"),
        )
        .await;
    let page = scene.get(&path, Some(&cookie)).await;
    assert!(page.text.contains("paused"));
    // Somebody else's tenant does not exist, and a reader may look only.
    let stranger = scene.signed_in("Sam", None).await;
    assert_eq!(
        scene.get(&path, Some(&stranger)).await.status,
        StatusCode::NOT_FOUND
    );
    let reader = scene.signed_in("Rea", Some(Role::Readonly)).await;
    scene
        .post("/api/delete_schedule", Some(&reader), &one)
        .await;
    assert_eq!(scene.test.number(schedules).await, 1);
    scene
        .post("/api/delete_schedule", Some(&cookie), &one)
        .await;
    assert_eq!(scene.test.number(schedules).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_is_told_to_ask_again_when_changes_may_have_been_missed() {
    let scene = Scene::new().await;
    let cookie = scene.signed_in("Ada", Some(Role::Readonly)).await;
    let mut stream = scene.events(&cookie).await;
    let grace = scene
        .test
        .person("Grace", &[(scene.tenant, Role::Owner)])
        .await;
    // A change that arrives comes after whatever the beginning had to say.
    let run = scene.run(&grace).await;
    read_until(&mut stream, &format!("\"runs\":[{run}]")).await;
    let cut: Vec<bool> = sqlx::query_scalar(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query ilike 'listen %'",
    )
    .fetch_all(scene.test.sql())
    .await
    .unwrap();
    assert_eq!(cut, [true]);
    read_until(&mut stream, "resync").await;
}

/// What an event stream says up to the first text like this; a minute without it fails the test.
pub(crate) async fn read_until(stream: &mut Body, wanted: &str) -> String {
    let mut heard = String::new();
    let read = async {
        while !heard.contains(wanted) {
            let frame = stream.frame().await.unwrap().unwrap();
            heard.push_str(&String::from_utf8_lossy(frame.data_ref().unwrap()));
        }
        heard
    };
    let minute = std::time::Duration::from_secs(60);
    tokio::time::timeout(minute, read).await.expect(wanted)
}
