//! The order among enrollment configurations.

use graph_simulator::TenantSpec;
use serde_json::{Value, json};

use crate::caller::Caller;

const ENROLLMENT: &str = "/beta/deviceManagement/deviceEnrollmentConfigurations";

#[tokio::test]
async fn a_new_configuration_comes_last_of_its_type_and_can_be_moved_up() {
    let spec = TenantSpec::new("Contoso").policies(6);
    let caller = Caller::new(spec.kinds(&["deviceEnrollmentConfigurations"])).await;
    let limits = || async {
        let (all, _) = caller.all(ENROLLMENT).await;
        let limit = "#microsoft.graph.deviceEnrollmentLimitConfiguration";
        let mut limits: Vec<(u64, Value)> = all
            .into_iter()
            .filter(|one| one["@odata.type"] == limit)
            .map(|one| (one["priority"].as_u64().unwrap(), one["id"].clone()))
            .collect();
        limits.sort_by_key(|(priority, _)| *priority);
        limits
    };
    let before = limits().await;
    assert_eq!(before.len(), 2, "the default and one more");
    let new = json!({"@odata.type": "#microsoft.graph.deviceEnrollmentLimitConfiguration", "displayName": "Five",
        "limit": 5, "priority": 1});
    let made = caller.post(ENROLLMENT, new).await.json();
    assert_eq!(made["priority"], 2, "a create does not choose the place");
    let set = |id: &Value, priority: u64| {
        let path = format!("{ENROLLMENT}/{}/setPriority", id.as_str().unwrap());
        caller.post_owned(path, json!({ "priority": priority }))
    };
    assert_eq!(set(&made["id"], 1).await.status, 204);
    let now = limits().await;
    assert_eq!(
        now,
        [
            before[0].clone(),
            (1, made["id"].clone()),
            (2, before[1].1.clone())
        ]
    );
    assert_eq!(set(&made["id"], 0).await.status, 400);
    assert_eq!(
        set(&before[0].1, 1).await.status,
        400,
        "the default stays last"
    );
    assert_eq!(set(&made["id"], 99).await.status, 204);
    assert_eq!(limits().await[2].1, made["id"]);
}
