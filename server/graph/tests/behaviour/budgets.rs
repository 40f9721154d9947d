//! One tenant's budget, shared by all its runs: a busy run leaves room for a quiet one, and throttling holds both back.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::Request,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::post,
};
use graph::{
    ApiVersion, Endpoints, GraphClient, GraphSettings, TenantConnection, TenantGraph, WaitReason,
};
use serde_json::json;

/// What a small Graph saw.
#[derive(Default)]
struct Seen {
    quiet: AtomicUsize,
    busy: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    first: OnceLock<Instant>,
    refused: AtomicUsize,
}

/// A Graph whose answers take a few milliseconds; with `throttles` it refuses the first for a second.
async fn served(throttles: bool) -> (Arc<Seen>, GraphClient, TenantConnection) {
    let seen = Arc::new(Seen::default());
    let counted = seen.clone();
    let answer = move |request: Request| {
        let seen = counted.clone();
        async move {
            if throttles && seen.first.get_or_init(Instant::now).elapsed() < Duration::from_secs(1)
            {
                seen.refused.fetch_add(1, Ordering::SeqCst);
                let wait = [(header::RETRY_AFTER, "1")];
                return (StatusCode::TOO_MANY_REQUESTS, wait).into_response();
            }
            let now = seen.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            seen.most_under_way.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            seen.under_way.fetch_sub(1, Ordering::SeqCst);
            let of = if request.uri().path().contains("quiet") {
                &seen.quiet
            } else {
                &seen.busy
            };
            of.fetch_add(1, Ordering::SeqCst);
            Json(json!({ "value": [] })).into_response()
        }
    };
    let token =
        || async { Json(json!({"access_token": "opaque-token-value", "expires_in": 3600})) };
    let routes = Router::new()
        .route("/directory/oauth2/v2.0/token", post(token))
        .fallback(answer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let connection = TenantConnection {
        tenant_key: 1,
        directory_id: "directory".to_owned(),
        endpoints: Endpoints::custom(&base, &base).unwrap(),
        client_id: "client".to_owned(),
        client_secret: "hunter2-hunter2-hunter2".to_owned().into(),
    };
    (
        seen,
        GraphClient::new(GraphSettings::default()).unwrap(),
        connection,
    )
}

async fn ask(graph: &TenantGraph, path: &str) {
    graph.get_json(ApiVersion::Beta, path).await.unwrap();
}

/// A run that asks without pause, with sixteen requests at once, until it is stopped.
fn busy_run(graph: &TenantGraph, stop: &Arc<AtomicBool>) -> Vec<tokio::task::JoinHandle<()>> {
    (0..16)
        .map(|_| {
            let (graph, stop) = (graph.clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    ask(&graph, "/deviceManagement/busy").await;
                }
            })
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_run_does_not_starve_a_quiet_one_of_the_same_tenant() {
    let (seen, client, connection) = served(false).await;
    let (busy, quiet) = (client.tenant(connection.clone()), client.tenant(connection));
    let stop = Arc::new(AtomicBool::new(false));
    let running = busy_run(&busy, &stop);
    while seen.busy.load(Ordering::SeqCst) < 32 {
        tokio::task::yield_now().await;
    }
    let before = seen.busy.load(Ordering::SeqCst);
    for _ in 0..10 {
        ask(&quiet, "/deviceManagement/quiet").await;
    }
    let meanwhile = seen.busy.load(Ordering::SeqCst) - before;
    stop.store(true, Ordering::SeqCst);
    for task in running {
        task.await.unwrap();
    }
    // In turn: before each of the ten, the sixteen that stood there already and the four under way.
    assert!(meanwhile <= 10 * (16 + 4), "{meanwhile} went before ten");
    assert_eq!(seen.quiet.load(Ordering::SeqCst), 10);
    assert_eq!(seen.most_under_way.load(Ordering::SeqCst), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_one_run_was_told_is_kept_by_all_runs_of_the_tenant() {
    let (seen, client, connection) = served(true).await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let run = |name: &'static str| {
        let tell = tell.clone();
        client
            .tenant(connection.clone())
            .with_observer(Arc::new(move |notice| {
                let _the_test_may_be_over = tell.send((name, notice.reason));
            }))
    };
    let (first, second) = (run("first"), run("second"));
    let asking = tokio::spawn(async move { ask(&first, "/deviceManagement/busy").await });
    assert_eq!(told.recv().await, Some(("first", WaitReason::Throttled)));
    ask(&second, "/deviceManagement/quiet").await;
    asking.await.unwrap();
    let others: Vec<_> = std::iter::from_fn(|| told.try_recv().ok()).collect();
    assert!(
        others.contains(&("second", WaitReason::Throttled)),
        "{others:?}"
    );
    // Neither was sent before the wait was over, so the first of them was the only one refused.
    assert_eq!(seen.refused.load(Ordering::SeqCst), 1);
}
