//! A client on a simulated tenant, in a hurry: no pace but what a test asks for.

#![allow(dead_code, clippy::unwrap_used)]

use std::time::Duration;

use graph::{
    Endpoints, GraphClient, GraphSettings, PolicyKind, PolicyPage, PolicyPages, TenantConnection,
    TenantGraph,
};
use graph_simulator::{Faults, RunningSimulator, SimulatedTenant, Simulator, TenantSpec};
use serde_json::Value;

pub fn kind(key: &str) -> &'static PolicyKind {
    PolicyKind::by_key(key).unwrap()
}

pub fn hurried() -> GraphSettings {
    GraphSettings {
        backoff: Duration::from_millis(40),
        conditional_access_interval: Duration::ZERO,
        intune_writes: 1_000_000,
        ..GraphSettings::default()
    }
}

pub fn connection(base: &str, directory: &str, client: &str, secret: &str) -> TenantConnection {
    TenantConnection {
        tenant_key: 1,
        directory_id: directory.to_owned(),
        endpoints: Endpoints::custom(base, base).unwrap(),
        client_id: client.to_owned(),
        client_secret: secret.to_owned().into(),
    }
}

/// A tenant of a running simulator, and the client's handle on it.
pub struct Simulated {
    pub running: RunningSimulator,
    pub tenant: SimulatedTenant,
    pub graph: TenantGraph,
}

impl Simulated {
    pub async fn new(spec: TenantSpec) -> Self {
        let running = Simulator::empty().spawn().await.unwrap();
        let tenant = running.simulator.add_tenant(spec);
        let connection = connection(
            &running.base_url,
            &tenant.directory_id,
            &tenant.client_id,
            &tenant.client_secret,
        );
        let graph = GraphClient::new(hurried()).unwrap().tenant(connection);
        Self {
            running,
            tenant,
            graph,
        }
    }

    /// From here on the tenant refuses what only the server writes and what refers to nothing.
    pub fn be_strict(&self) {
        let strict = Faults {
            refuse_read_only: true,
            check_references: true,
            ..Faults::default()
        };
        let simulator = &self.running.simulator;
        simulator.set_faults(&self.tenant.directory_id, strict);
    }

    pub fn groups(&self) -> Vec<String> {
        let groups = self.running.simulator.groups(&self.tenant.directory_id);
        groups.unwrap().into_iter().map(|group| group.id).collect()
    }

    /// All policies of a kind, captured.
    pub async fn captured(&self, kind: &'static PolicyKind) -> Vec<Value> {
        let page = together(self.graph.capture(kind)).await;
        assert!(page.failed.is_empty(), "{:?}", page.failed);
        page.policies
    }

    /// The one policy with this id, captured.
    pub async fn one(&self, kind: &'static PolicyKind, id: &str) -> Value {
        let page = together(self.graph.capture_some(kind, vec![id.to_owned()])).await;
        assert!(page.failed.is_empty(), "{:?}", page.failed);
        assert_eq!(page.policies.len(), 1);
        page.policies.into_iter().next().unwrap()
    }

    /// The ids of the policies that are the same as the captured one.
    pub async fn same(&self, kind: &'static PolicyKind, captured: &Value) -> Vec<String> {
        let mut ids = self.graph.ids_by_key(kind).await.unwrap();
        ids.remove(&kind.same_policy_key(captured))
            .unwrap_or_default()
    }

    /// How many requests of this method went to addresses that end so.
    pub fn sent(&self, method: &str, end: &str) -> usize {
        let log = self.running.simulator.request_log();
        log.iter()
            .filter(|one| one.method == method && one.template.ends_with(end))
            .count()
    }
}

/// All pages as one.
pub async fn together(mut pages: PolicyPages) -> PolicyPage {
    let mut all = PolicyPage::default();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        all.policies.extend(page.policies);
        all.failed.extend(page.failed);
    }
    all
}
