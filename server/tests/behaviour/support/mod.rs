//! A worker with real parts around it: a database of its own, the queue, and a simulated Graph over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code)]

use std::{
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::Arc,
    time::Duration,
};

use domain::{OperationType, RetryPolicy, Role, RunId, TenantId, identity::Inputs};
use graph::{Endpoints, GraphClient, GraphSettings, TenantConnection};
use graph_simulator::{RequestEntry, RunningSimulator, SimulatedTenant, Simulator, TenantSpec};
use server::worker::{self, Limits};
use services::{
    Caller, Db,
    operations::Operations,
    rbac::DelegatedAccess,
    runs::{self, Initiator},
    tenants::SecretKey,
    testing::{KEY, TestDatabase},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub const BINARY: &str = env!("CARGO_BIN_EXE_tenantatlas");

/// Ended with the test, whatever becomes of it.
pub struct Process(pub Child);

impl Process {
    /// Kills it as `kill -9` does.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _already_ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

pub fn install_tls() {
    let _installed_by_another_test = rustls::crypto::ring::default_provider().install_default();
}

pub struct Scene {
    pub test: TestDatabase,
    pub simulator: RunningSimulator,
    pub simulated: SimulatedTenant,
    pub tenant: TenantId,
    pub ada: Caller,
}

impl Scene {
    /// One tenant as described, and Ada, who may start its operations.
    pub async fn with(spec: TenantSpec) -> Self {
        install_tls();
        let test = TestDatabase::new().await;
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
        let ada = test.person("Ada", &[(tenant, Role::Owner)]).await;
        Self {
            test,
            simulator,
            simulated,
            tenant,
            ada,
        }
    }

    /// Another tenant of the same Graph, which Ada owns too.
    pub async fn second(&mut self, spec: TenantSpec) -> (SimulatedTenant, TenantId) {
        let simulated = self.simulator.simulator.add_tenant(spec);
        let tenant = self
            .test
            .tenant_at(
                &simulated.display_name,
                &self.simulator.base_url,
                &simulated.directory_id,
                (&simulated.client_id, &simulated.client_secret),
            )
            .await;
        let roles = [(self.tenant, Role::Owner), (tenant, Role::Owner)];
        self.ada = self.test.person("Ada", &roles).await;
        (simulated, tenant)
    }

    pub fn faults(&self, faults: graph_simulator::Faults) {
        self.simulator
            .simulator
            .set_faults(&self.simulated.directory_id, faults);
    }

    /// How anybody else would reach the tenant, past the product.
    pub fn connection(&self, tenant: &SimulatedTenant) -> TenantConnection {
        let base = &self.simulator.base_url;
        TenantConnection {
            tenant_key: i64::MAX,
            directory_id: tenant.directory_id.clone(),
            endpoints: Endpoints::custom(base, base).unwrap(),
            client_id: tenant.client_id.clone(),
            client_secret: tenant.client_secret.clone().into(),
        }
    }

    pub fn operations(&self) -> Operations {
        operations(&self.test.db)
    }

    /// Requests to this tenant that could change something in it.
    pub fn writes(&self, tenant: &SimulatedTenant) -> Vec<RequestEntry> {
        let log = self.simulator.simulator.request_log();
        log.into_iter()
            .filter(|entry| entry.directory_id.as_ref() == Some(&tenant.directory_id))
            .filter(|entry| entry.method != "GET" && !entry.template.ends_with("$batch"))
            .collect()
    }

    /// A worker whose client gives up early, so that the run's own retries are seen.
    pub fn impatient_worker(&self) -> RunningWorker {
        let settings = GraphSettings {
            max_attempts: 2,
            backoff: Duration::from_millis(10),
            ..GraphSettings::default()
        };
        let operations = Operations {
            graph: GraphClient::new(settings).unwrap(),
            ..self.operations()
        };
        RunningWorker::start(operations, Limits::default())
    }

    /// Starts a worker; it stops when the returned value is dropped or told to.
    pub fn worker(&self, limits: Limits) -> RunningWorker {
        RunningWorker::start(self.operations(), limits)
    }

    /// A worker in a process of its own, as `tenantatlas worker` starts it.
    pub fn worker_process(&self) -> Process {
        let child = Command::new(BINARY)
            .arg("worker")
            .env("DATABASE_URL", &self.test.url)
            .env("TENANTATLAS_SECRET_KEY", KEY)
            .env("TENANTATLAS_LOG", "warn")
            .env("TENANTATLAS_LISTING_LAG", "1")
            .spawn()
            .unwrap();
        Process(child)
    }

    pub async fn start(&self, operation: OperationType) -> RunId {
        let answer = runs::start(
            &self.ada,
            &self.test.db,
            self.tenant,
            operation,
            Inputs::new(),
        )
        .await;
        answer.unwrap().run.id
    }

    /// Starts an operation of a tenant and waits until it has succeeded.
    pub async fn start_and_finish_on(&self, tenant: TenantId, operation: OperationType) {
        let answer = runs::start(&self.ada, &self.test.db, tenant, operation, Inputs::new()).await;
        assert_eq!(self.outcome(answer.unwrap().run.id).await, "succeeded");
    }

    pub async fn start_and_finish(&self, operation: OperationType) {
        self.start_and_finish_on(self.tenant, operation).await;
    }

    /// Waits until a worker has taken the run up, or it has ended already.
    pub async fn begun(&self, run: RunId) {
        eventually(|| async { (self.test.state_of(run).await.0 != "queued").then_some(()) }).await;
    }

    /// A run of its own identity.
    pub async fn start_distinct(&self, salt: i64) -> RunId {
        let inputs = serde_json::json!({ "salt": salt })
            .as_object()
            .cloned()
            .unwrap();
        runs::ensure_run(
            &self.test.db,
            self.tenant,
            OperationType::TenantVerify,
            &inputs,
            &Initiator::System,
        )
        .await
        .unwrap()
        .run_id
    }

    /// Waits for the run's end and returns its outcome. Whatever it was, its items are those that its counts count.
    pub async fn outcome(&self, run: RunId) -> String {
        let outcome = eventually(|| async {
            let (status, outcome) = self.test.state_of(run).await;
            (status == "completed").then_some(outcome)
        })
        .await;
        self.items_add_up(run).await;
        outcome
    }

    pub async fn items_add_up(&self, run: RunId) {
        let (succeeded, failed, skipped): (i64, i64, i64) = sqlx::query_as(
            "select count(*) filter (where state = 'succeeded'), count(*) filter (where state = 'failed'),
                    count(*) filter (where state = 'skipped')
             from operation_run_items where run_id = $1",
        )
        .bind(run)
        .fetch_one(self.test.sql())
        .await
        .unwrap();
        let counts = self.counts(run).await;
        let counted = [counts.success, counts.failed, counts.skipped].map(i64::from);
        assert_eq!([succeeded, failed, skipped], counted, "items of run {run}");
    }

    /// Waits until the run is running.
    pub async fn running(&self, run: RunId) {
        eventually(|| async { (self.test.state_of(run).await.0 == "running").then_some(()) }).await;
    }

    pub async fn counts(&self, run: RunId) -> domain::SummaryCounts {
        runs::started(&self.ada, &self.test.db, run)
            .await
            .unwrap()
            .counts
            .unwrap_or_default()
    }

    pub async fn codes(&self, run: RunId) -> Vec<(String, u32)> {
        let detail = runs::detail(&self.ada, &self.test.db, run).await.unwrap();
        detail
            .failures
            .iter()
            .map(|group| (group.code.to_string(), group.count))
            .collect()
    }

    pub async fn context(&self, run: RunId) -> serde_json::Value {
        runs::detail(&self.ada, &self.test.db, run)
            .await
            .unwrap()
            .context
    }
}

pub fn secret_key() -> SecretKey {
    SecretKey::from_hex(KEY).unwrap()
}

pub fn operations(db: &Db) -> Operations {
    let settings = GraphSettings {
        // The simulated listings lag by seconds at most.
        listing_lag: Duration::from_secs(10),
        ..GraphSettings::default()
    };
    Operations {
        db: db.clone(),
        graph: GraphClient::new(settings).unwrap(),
        key: Arc::new(secret_key()),
    }
}

/// A folder of real exported policies. They are no part of the project: without them a test says so and does nothing.
pub fn real_files(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/openintunebaseline")
        .join(name);
    let there = folder.is_dir();
    if !there {
        eprintln!(
            "did nothing: there are no real policies at {}",
            folder.display()
        );
    }
    there.then_some(folder)
}

/// For pages that nobody signs in to Microsoft on.
pub fn no_delegated_access() -> DelegatedAccess {
    let graph = GraphClient::new(GraphSettings::interactive()).unwrap();
    DelegatedAccess::new(graph, None)
}

/// Asks again until there is an answer; a minute without one fails the test.
pub async fn eventually<T, F: Future<Output = Option<T>>>(ask: impl Fn() -> F) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "it did not happen within a minute"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub struct RunningWorker {
    stop: CancellationToken,
    handle: JoinHandle<()>,
}

impl RunningWorker {
    fn start(operations: Operations, limits: Limits) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let retry = RetryPolicy {
            first_pause: Duration::from_secs(1),
            ..RetryPolicy::default()
        };
        let handle = tokio::spawn(async move {
            worker::work(operations, limits, retry, stopped)
                .await
                .unwrap();
        });
        Self { stop, handle }
    }

    /// Tells the worker to stop and waits until it has.
    pub async fn stop(self) {
        self.stop.cancel();
        self.handle.await.unwrap();
    }

    /// Ends the worker as a crash would, from the database's point of view: nothing is said or given back.
    pub async fn kill(self) {
        self.handle.abort();
        let _cancelled = self.handle.await;
    }
}
