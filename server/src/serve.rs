//! The web server and the worker as processes: started, drained, ended.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::RetryPolicy;
use graph::{GraphClient, GraphSettings};
use services::{
    Db, changes::Changes, operations::Operations, rbac::DelegatedAccess, tenants::SecretKey,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    alerts::{Alerts, keep_alerting},
    commands::bind,
    config::WebSettings,
    failure::CommandError,
    housekeeping::{keep_access, keep_house, keep_schedules, keep_told},
    http::{Site, Web, router},
    listeners::sync_restore_runs,
    worker::{self, Limits},
};

/// How long open answers may take to end when the server stops.
const DRAIN: Duration = Duration::from_secs(10);

/// `serve`: pages on one address until `shutdown`.
pub async fn serve(
    db: Db,
    settings: &WebSettings,
    key: Option<Arc<SecretKey>>,
    alerts: Vec<Alerts>,
    limits: &Limits,
    shutdown: CancellationToken,
) -> Result<(), CommandError> {
    let site = open_site(settings)?;
    let listener = bind(settings.addr).await?;
    println!("TenantAtlas at http://{}", settings.addr);
    let mut kept = keepers(&db, limits.per_tenant, &shutdown);
    for alerts in alerts {
        kept.spawn(keep_alerting(alerts, db.clone(), shutdown.clone()));
    }
    pages(db, settings, key, site, listener, shutdown).await
}

/// What every process does beside its own work, until the set is dropped. Any number of processes may do so at once.
fn keepers(db: &Db, per_tenant: i64, shutdown: &CancellationToken) -> JoinSet<()> {
    let mut kept = JoinSet::new();
    kept.spawn(keep_house(db.clone(), per_tenant, shutdown.clone()));
    kept.spawn(keep_schedules(db.clone(), shutdown.clone()));
    kept.spawn(keep_told(db.clone(), shutdown.clone()));
    kept.spawn(sync_restore_runs(db.clone(), shutdown.clone()));
    kept
}

pub(crate) fn open_site(settings: &WebSettings) -> Result<Site, CommandError> {
    Site::open(&settings.site_dir).map_err(|error| CommandError::Failed(error.to_string()))
}

/// Answers requests until `shutdown`, then lets open ones end.
pub(crate) async fn pages(
    db: Db,
    settings: &WebSettings,
    key: Option<Arc<SecretKey>>,
    site: Site,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), CommandError> {
    let (changes, relay) = Changes::listen(&db);
    let https = settings
        .public_url
        .as_deref()
        .is_some_and(|url| url.starts_with("https://"));
    let graph = GraphClient::new(GraphSettings::interactive())
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    let delegated = DelegatedAccess::new(graph, key.clone());
    let mut kept = JoinSet::new();
    kept.spawn(keep_access(delegated.clone(), db.clone(), shutdown.clone()));
    let router = router(Web {
        db,
        changes,
        site: Arc::new(site),
        https,
        public_url: settings.public_url.clone(),
        trusted_proxies: settings.trusted_proxies,
        delegated,
        key,
        shutdown: shutdown.clone(),
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let graceful =
        axum::serve(listener, service).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let overdue = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = graceful => served.map_err(|error| CommandError::Failed(error.to_string()))?,
        () = overdue => tracing::warn!("some answers were cut off at the stop"),
    }
    relay.abort();
    Ok(())
}

/// `worker`: works until `shutdown`, then drains.
pub async fn work(
    db: Db,
    key: Arc<SecretKey>,
    limits: Limits,
    shutdown: CancellationToken,
) -> Result<(), CommandError> {
    let settings = GraphSettings {
        listing_lag: limits.listing_lag,
        ..GraphSettings::default()
    };
    let graph =
        GraphClient::new(settings).map_err(|error| CommandError::Failed(error.to_string()))?;
    let operations = Operations {
        db: db.clone(),
        graph,
        key,
    };
    let _kept = keepers(&db, limits.per_tenant, &shutdown);
    let worked = worker::work(operations, limits, RetryPolicy::default(), shutdown).await;
    worked.map_err(|error| CommandError::Failed(format!("the worker stopped: {error}")))
}
