//! Compliance policies with their scheduled actions.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};

const NAMES: &[&str] = &[
    "Windows – Device health",
    "Windows – Password",
    "Windows – System security",
    "iOS – Minimum version",
    "Android – Work profile",
    "macOS – System integrity",
    "Windows – Defender risk score",
    "Android – Fully managed",
];

pub(crate) fn make(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let mut made = object(match index % NAMES.len() {
        3 => json!({
            "@odata.type": "#microsoft.graph.iosCompliancePolicy",
            "passcodeRequired": true, "passcodeMinimumLength": 6, "passcodeBlockSimple": true, "osMinimumVersion": "17.0",
            "osMaximumVersion": null, "securityBlockJailbrokenDevices": true, "deviceThreatProtectionEnabled": false,
            "deviceThreatProtectionRequiredSecurityLevel": "unavailable", "restrictedApps": [],
        }),
        4 => json!({
            "@odata.type": "#microsoft.graph.androidWorkProfileCompliancePolicy",
            "passwordRequired": true, "passwordMinimumLength": 6, "passwordRequiredType": "numericComplex",
            "securityBlockJailbrokenDevices": true, "osMinimumVersion": "13", "storageRequireEncryption": true,
        }),
        5 => json!({
            "@odata.type": "#microsoft.graph.macOSCompliancePolicy",
            "systemIntegrityProtectionEnabled": true, "storageRequireEncryption": true, "firewallEnabled": true,
            "firewallBlockAllIncoming": false, "osMinimumVersion": "14.0", "gatekeeperAllowedAppSource": "macAppStoreAndIdentifiedDevelopers",
        }),
        7 => json!({
            "@odata.type": "#microsoft.graph.androidDeviceOwnerCompliancePolicy",
            "passwordRequired": true, "passwordMinimumLength": 6, "storageRequireEncryption": true,
            "osMinimumVersion": "13", "securityRequireSafetyNetAttestationBasicIntegrity": true,
        }),
        which => windows(pool, which),
    });
    made.insert("displayName".to_owned(), json!(name(NAMES, index)));
    made.insert("description".to_owned(), Value::Null);
    made.insert(
        "scheduledActionsForRule".to_owned(),
        scheduled_actions(pool),
    );
    made
}

fn windows(pool: &mut Pool, which: usize) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
        "passwordRequired": which == 1, "passwordBlockSimple": which == 1,
        "passwordMinimumLength": if which == 1 { json!(8 + pool.chance.below(5)) } else { Value::Null },
        "passwordRequiredType": "deviceDefault", "passwordExpirationDays": null, "passwordPreviousPasswordBlockCount": null,
        "bitLockerEnabled": which == 0, "secureBootEnabled": which == 0, "codeIntegrityEnabled": which == 0,
        "osMinimumVersion": if which == 2 { json!("10.0.22631.0") } else { Value::Null }, "osMaximumVersion": null,
        "activeFirewallRequired": which == 2, "antivirusRequired": which == 2, "antiSpywareRequired": which == 2,
        "defenderEnabled": which == 2, "rtpEnabled": which == 2, "tpmRequired": which == 0,
        "deviceThreatProtectionEnabled": which == 6,
        "deviceThreatProtectionRequiredSecurityLevel": if which == 6 { "medium" } else { "unavailable" },
        "storageRequireEncryption": false, "configurationManagerComplianceRequired": false,
        "validOperatingSystemBuildRanges": [], "deviceCompliancePolicyScript": null,
    })
}

/// Blocking at once or after some hours, often with a message in front.
fn scheduled_actions(pool: &mut Pool) -> Value {
    let none = "00000000-0000-0000-0000-000000000000";
    let grace = pool.chance.pick(&[0, 12, 24, 72]).copied().unwrap_or(0);
    let mut actions = vec![json!({
        "id": pool.chance.uuid(), "actionType": "block", "gracePeriodHours": grace,
        "notificationTemplateId": none, "notificationMessageCCList": [],
    })];
    // Nobody is told anything without a template for it.
    if pool.chance.percent(40)
        && let Some(template) = pool.chance.pick(&pool.templates).cloned()
    {
        let copies: Vec<String> = pool.groups.iter().take(1).cloned().collect();
        actions.push(json!({
            "id": pool.chance.uuid(), "actionType": "notification", "gracePeriodHours": 0,
            "notificationTemplateId": template, "notificationMessageCCList": copies,
        }));
    }
    json!([{"id": pool.chance.uuid(), "ruleName": "PasswordRequired", "scheduledActionConfigurations": actions}])
}
