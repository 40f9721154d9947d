//! What the application may write, as its token tells.

use crate::support::{Simulated, kind};
use graph::PolicyKind;
use graph_simulator::{Faults, TenantSpec};

#[tokio::test]
async fn the_permission_that_a_write_would_lack_is_named_before() {
    let spec = TenantSpec::new("Contoso").policies(60).groups(5).roles(&[
        "DeviceManagementConfiguration.ReadWrite.All",
        "DeviceManagementScripts.Read.All",
        "DeviceManagementApps.ReadWrite.All",
        "Policy.Read.All",
    ]);
    let at = Simulated::new(spec).await;
    let mut lacking = 0;
    let kinds: Vec<_> = PolicyKind::all().iter().collect();
    let all = at.graph.missing_write_permissions(&kinds).await.unwrap();
    for kind in kinds {
        let missing = all.get(kind.key).copied();
        // The tenant itself is asked whether that is true.
        let id = "00000000-0000-0000-0000-00000000dead";
        let policy = serde_json::json!({"@odata.type": "#microsoft.graph.iosManagedAppProtection"});
        let refused = at.graph.update_policy(kind, id, &policy).await.unwrap_err();
        assert_eq!(
            refused.kind == graph::GraphErrorKind::Forbidden,
            missing.is_some(),
            "{}: {missing:?}, {refused}",
            kind.key
        );
        assert!(missing.is_none_or(|missing| missing == kind.write_permission));
        lacking += usize::from(missing.is_some());
    }
    assert!(lacking > 0 && lacking < PolicyKind::all().len());
}

#[tokio::test]
async fn what_a_token_lacks_is_looked_for_in_a_fresh_one_and_what_it_has_is_not() {
    let without = TenantSpec::new("Contoso").without_role("DeviceManagementScripts");
    let at = Simulated::new(without).await;
    let scripts = "DeviceManagementScripts.ReadWrite.All";
    let lacking = [kind("shell_scripts")];
    let asked = at.graph.missing_write_permissions(&lacking);
    let expected = std::collections::BTreeMap::from([("shell_scripts", scripts)]);
    assert_eq!(asked.await.unwrap(), expected);
    // No more tokens are given: what is known is enough for the one, not for the other.
    let refusing = Faults {
        reject_credentials: true,
        ..Faults::default()
    };
    let simulator = &at.running.simulator;
    simulator.set_faults(&at.tenant.directory_id, refusing);
    let granted = [kind("compliance")];
    let known = at.graph.missing_write_permissions(&granted);
    assert!(known.await.unwrap().is_empty());
    let unknown = at.graph.missing_write_permissions(&lacking);
    assert!(unknown.await.is_err());
}
