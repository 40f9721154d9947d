//! Time: a token is renewed before it ends, and a service that does not answer is not waited for longer than the
//! settings say.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    routing::{get, post},
};
use graph::{GraphClient, GraphErrorKind, GraphSettings, TenantGraph};
use serde_json::{Value, json};

use crate::support::connection;

/// Far less than the defaults, so that nothing but these limits can end a test in time.
const PATIENCE: Duration = Duration::from_millis(300);

async fn served(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    base
}

fn at(base: &str, settings: GraphSettings) -> TenantGraph {
    let connection = connection(base, "directory", "client", "hunter2-hunter2-hunter2");
    GraphClient::new(settings).unwrap().tenant(connection)
}

fn impatient() -> GraphSettings {
    GraphSettings {
        connect_timeout: PATIENCE,
        request_timeout: PATIENCE,
        max_attempts: 2,
        backoff: Duration::from_millis(10),
        ..GraphSettings::default()
    }
}

async fn token() -> Json<Value> {
    Json(json!({"access_token": "opaque-token-value", "expires_in": 3600}))
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    const LIFE: Duration = Duration::from_secs(8);
    let granted: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let log = granted.clone();
    let token = move || {
        let mut granted = log.lock().unwrap();
        granted.push(Instant::now());
        let number = granted.len();
        async move {
            Json(json!({"access_token": format!("token-{number}"), "expires_in": LIFE.as_secs()}))
        }
    };
    let organization = || async { Json(json!({"value": [{"id": "o"}]})) };
    let routes = Router::new()
        .route("/directory/oauth2/v2.0/token", post(token))
        .route("/v1.0/organization", get(organization));
    let graph = at(&served(routes).await, GraphSettings::default());
    let begun = Instant::now();
    while granted.lock().unwrap().len() < 2 {
        assert!(begun.elapsed() < 2 * LIFE, "it was never renewed");
        graph.organization().await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let granted = granted.lock().unwrap();
    let kept = granted[1] - granted[0];
    // A tenth of its life is left, as the usual five minutes would be more than it has.
    let (least, most) = (LIFE * 85 / 100, LIFE * 95 / 100);
    assert!(kept > least && kept < most, "{kept:?}");
}

#[tokio::test]
async fn a_service_that_never_answers_is_given_up_in_time_and_may_answer_later() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let silent = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<()>()
    };
    let stalling = || async {
        let first = futures::stream::once(async { Ok::<_, std::io::Error>(Bytes::from("{")) });
        let never = futures::stream::pending();
        Body::from_stream(futures::StreamExt::chain(first, never))
    };
    let login = Router::new().route(
        "/directory/oauth2/v2.0/token",
        post(std::future::pending::<()>),
    );
    let granting = || Router::new().route("/directory/oauth2/v2.0/token", post(token));
    for (what, routes) in [
        (
            "no answer",
            granting().route("/v1.0/organization", get(silent)),
        ),
        (
            "half an answer",
            granting().route("/v1.0/organization", get(stalling)),
        ),
        ("no token", login),
    ] {
        let graph = at(&served(routes).await, impatient());
        let begun = Instant::now();
        let answer = tokio::time::timeout(20 * PATIENCE, graph.organization()).await;
        let error = answer.expect(what).unwrap_err();
        assert_eq!(error.kind, GraphErrorKind::Timeout, "{what}: {error}");
        assert!(error.is_transient(), "{what}");
        assert!(begun.elapsed() >= 2 * PATIENCE, "{what}: asked twice");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_service_that_takes_no_connection_is_given_up_in_time() {
    // Nobody accepts, and the queue of those who wait to be accepted is full.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(connected.unwrap());
    }
    let graph = at(
        &format!("http://{address}"),
        GraphSettings {
            // Only the limit of connecting is short.
            request_timeout: Duration::from_secs(600),
            ..impatient()
        },
    );
    let answer = tokio::time::timeout(20 * PATIENCE, graph.organization()).await;
    let error = answer.expect("it gave up").unwrap_err();
    assert_eq!(error.kind, GraphErrorKind::Timeout, "{error}");
    assert!(error.is_transient());
}
