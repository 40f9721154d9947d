//! The simulator itself: its tenants, its faults, its record, and how to serve it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::faults::Faults;
use crate::guard::{lock, read, write};
use crate::kind::Kind;
use crate::record::{RequestCounts, RequestEntry, RequestFilter};
use crate::seed;
use crate::server::Server;
use crate::spec::{SimulatedTenant, TenantSpec};
use crate::tenant::Tenant;
use crate::wire::{Wire, WireListener};

/// A local Microsoft Graph. Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct Simulator {
    pub(crate) server: Arc<Server>,
}

impl Simulator {
    /// Three synthetic tenants (Contoso, Fabrikam, Northwind) that are the same in every run, with Graph's limits and
    /// answers that take some milliseconds each.
    pub fn demo() -> Self {
        let simulator = Self::empty();
        for spec in seed::demo_tenants() {
            simulator.add_tenant(spec);
        }
        simulator.set_latency(Some((Duration::from_millis(4), Duration::from_millis(60))));
        simulator
    }

    /// A Graph without tenants.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds a tenant and fills it as described.
    pub fn add_tenant(&self, spec: TenantSpec) -> SimulatedTenant {
        let tenant = seed::tenant(spec);
        let described = describe(&tenant);
        write(&self.server.tenants).push(Arc::new(tenant));
        described
    }

    /// All tenants with their credentials, in the order added.
    pub fn tenants(&self) -> Vec<SimulatedTenant> {
        read(&self.server.tenants)
            .iter()
            .map(|tenant| describe(tenant))
            .collect()
    }

    /// How long Graph requests take: evenly spread between the two bounds; `None` answers at once.
    pub fn set_latency(&self, bounds: Option<(Duration, Duration)>) {
        *write(&self.server.latency) = bounds;
    }

    /// Replaces the faults of a tenant. An unknown directory id changes nothing.
    pub fn set_faults(&self, directory_id: &str, faults: Faults) {
        if let Some(tenant) = self.server.tenant(directory_id) {
            tenant.set_faults(faults);
        }
    }

    /// Graph requests since the start or the last reset, oldest first; login and control requests are not among them.
    pub fn request_log(&self) -> Vec<RequestEntry> {
        lock(&self.server.record).entries()
    }

    /// Forgets the record of requests.
    pub fn reset_requests(&self) {
        lock(&self.server.record).clear();
    }

    /// How many recorded requests the filter chooses.
    pub fn request_count(&self, filter: RequestFilter) -> u64 {
        lock(&self.server.record).count(&filter)
    }

    /// Counts by tenant and address of requests with a sequence number above `since` (0 for all).
    pub fn request_counts(&self, since: u64) -> RequestCounts {
        lock(&self.server.record).counts(since)
    }

    /// Graph under `/v1.0` and `/beta`, login under `/{directory_id}/oauth2/v2.0`, control under `/_control`.
    pub fn router(&self) -> Router {
        crate::http::router(self.clone())
    }

    /// Serves until `shutdown` is ready. The same address is the Graph base and the login base.
    ///
    /// # Errors
    /// If the listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let service = self.router().into_make_service_with_connect_info::<Wire>();
        axum::serve(WireListener(listener), service)
            .with_graceful_shutdown(shutdown)
            .await
    }

    /// An empty simulator on a free local port.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn start() -> std::io::Result<RunningSimulator> {
        Self::empty().spawn().await
    }

    /// Serves this simulator on a free local port, in the background.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn spawn(self) -> std::io::Result<RunningSimulator> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let simulator = self.clone();
        tokio::spawn(async move {
            let until = async move {
                // Both an explicit stop and a dropped handle end the server.
                let _ = stopped.await;
            };
            if let Err(error) = self.serve(listener, until).await {
                tracing::error!(%error, "simulated Graph ended");
            }
        });
        Ok(RunningSimulator {
            base_url,
            simulator,
            _stop: stop,
        })
    }
}

/// A simulator being served; it stops when this is dropped.
#[derive(Debug)]
pub struct RunningSimulator {
    /// `http://127.0.0.1:port`, without a slash at the end: Graph base and login base.
    pub base_url: String,
    pub simulator: Simulator,
    _stop: oneshot::Sender<()>,
}

fn describe(tenant: &Tenant) -> SimulatedTenant {
    let data = read(&tenant.data);
    SimulatedTenant {
        directory_id: tenant.directory_id.clone(),
        display_name: tenant.display_name.clone(),
        client_id: tenant.client_id.clone(),
        client_secret: tenant.client_secret.clone(),
        policies: data
            .policies
            .iter()
            .filter(|(path, _)| Kind::at(path).is_none_or(Kind::is_policy))
            .map(|(_, all)| all.len())
            .sum(),
        groups: data.groups.collection.len(),
    }
}
