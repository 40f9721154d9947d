//! Feature, quality and driver update profiles.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};

pub(crate) fn feature(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Windows 11 24H2 – Pilot",
        "Windows 11 24H2 – Broad",
        "Windows 11 23H2 – Held back",
        "Windows 11 25H2 – Early access",
    ];
    let version = ["24H2", "24H2", "23H2", "25H2"][index % 4];
    object(json!({
        "@odata.type": "#microsoft.graph.windowsFeatureUpdateProfile",
        "displayName": name(&names, index),
        "description": null,
        "featureUpdateVersion": format!("Windows 11, version {version}"),
        "deployableContentDisplayName": format!("Windows 11, version {version}"),
        "endOfSupportDate": "2027-10-12T00:00:00Z",
        "installLatestWindows10OnWindows11IneligibleDevice": false,
        "installFeatureUpdatesOptional": pool.chance.percent(20),
        "rolloutSettings": {"offerStartDateTimeInUTC": null, "offerEndDateTimeInUTC": null, "offerIntervalInDays": null},
    }))
}

pub(crate) fn quality(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Expedite March security update",
        "Expedite June security update",
        "Expedite October security update",
    ];
    let release = ["2025-03-11", "2025-06-10", "2025-10-14"][index % 3];
    object(json!({
        "@odata.type": "#microsoft.graph.windowsQualityUpdateProfile",
        "displayName": name(&names, index),
        "description": "",
        "expeditedUpdateSettings": {"qualityUpdateRelease": format!("{release}T00:00:00Z"), "daysUntilForcedReboot": pool.chance.below(3)},
        "releaseDateDisplayName": format!("{release} B SecurityUpdate"),
        "deployableContentDisplayName": format!("{release} B SecurityUpdate for Windows 10 and later"),
    }))
}

pub(crate) fn quality_policy(index: usize) -> Map<String, Value> {
    let names = ["Hotpatch – Pilot", "Hotpatch – Broad"];
    object(json!({
        "@odata.type": "#microsoft.graph.windowsQualityUpdatePolicy",
        "displayName": name(&names, index),
        "description": "",
        "hotpatchEnabled": index.is_multiple_of(2),
        "approvalSettings": [{"windowsQualityUpdateCategory": "security", "windowsQualityUpdateCadence": "monthly",
            "approvalMethodType": "automatic", "deferredDeploymentInDay": 0}],
    }))
}

pub(crate) fn driver(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Drivers – Pilot",
        "Drivers – Broad",
        "Drivers – Manual approval",
    ];
    let manual = index % 3 == 2;
    object(json!({
        "@odata.type": "#microsoft.graph.windowsDriverUpdateProfile",
        "displayName": name(&names, index),
        "description": "",
        "approvalType": if manual { "manual" } else { "automatic" },
        "deploymentDeferralInDays": if manual { Value::Null } else { json!(pool.chance.below(14)) },
        "newUpdates": pool.chance.below(9),
        "deviceReporting": null,
        "inventorySyncStatus": null,
    }))
}
