//! Notification templates: their messages are written one by one, and end as they were captured.

use crate::support::{Simulated, kind};
use graph_simulator::TenantSpec;
use serde_json::{Value, json};

fn message(locale: &str, subject: &str, is_default: bool) -> Value {
    json!({"id": "of another template", "locale": locale, "subject": subject, "messageTemplate": "T",
        "isDefault": is_default})
}

#[tokio::test]
async fn messages_become_exactly_those_that_were_captured() {
    let spec = TenantSpec::new("Contoso").policies(2);
    let at = Simulated::new(spec.kinds(&["notificationMessageTemplates"])).await;
    let templates = kind("notification_templates");
    let mut wanted = at.captured(templates).await.swap_remove(0);
    let id = wanted["id"].as_str().unwrap().to_owned();
    let languages = |policy: &Value| {
        let all = policy["localizedNotificationMessages"].as_array().unwrap();
        let mut all: Vec<_> = all
            .iter()
            .map(|one| {
                (
                    one["locale"].clone(),
                    one["subject"].clone(),
                    one["isDefault"].clone(),
                )
            })
            .collect();
        all.sort_by_key(|one| one.0.to_string());
        all
    };
    assert_eq!(
        languages(&wanted).len(),
        2,
        "English by default, and German"
    );
    // The default changes to a new language, one message changes, and one goes.
    wanted["localizedNotificationMessages"] = json!([
        message("de-DE", "Neu", false),
        message("fr-fr", "Nouveau", true)
    ]);
    for writes in [3, 3] {
        at.graph
            .update_policy(templates, &id, &wanted)
            .await
            .unwrap();
        let now = at.one(templates, &id).await;
        assert_eq!(
            languages(&now),
            [
                (json!("de-de"), json!("Neu"), json!(false)),
                (json!("fr-fr"), json!("Nouveau"), json!(true))
            ]
        );
        assert_eq!(templates.comparable(&now), templates.comparable(&wanted));
        let end = "/localizedNotificationMessages";
        let one = format!("{end}/{{id}}");
        let sent = at.sent("POST", end) + at.sent("PATCH", &one) + at.sent("DELETE", &one);
        assert_eq!(sent, writes, "what is right already is not written again");
    }
    wanted["localizedNotificationMessages"][0]["subject"] = json!("Anders");
    let now = at.one(templates, &id).await;
    assert_ne!(templates.comparable(&now), templates.comparable(&wanted));
}
