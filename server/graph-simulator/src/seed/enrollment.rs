//! Autopilot profiles and enrollment configurations; the first of each kind is the tenant's default.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};

pub(crate) fn autopilot(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let names = [
        "Autopilot User Driven",
        "Autopilot Self Deploying",
        "Autopilot Kiosk",
        "Autopilot Hybrid Join",
    ];
    let hybrid = index % names.len() == 3;
    object(json!({
        "@odata.type": if hybrid { "#microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile" } else { "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile" },
        // Intune refuses a hyphen in these names.
        "displayName": name(&names, index).replace('–', "for"),
        "description": "",
        "language": "os-default", "locale": "os-default",
        "captureHardwareHash": false, "hardwareHashExtractionEnabled": false,
        "deviceNameTemplate": if pool.chance.percent(50) { "WS-%SERIAL%" } else { "" },
        "deviceType": "windowsPc", "enableWhiteGlove": true, "preprovisioningAllowed": true,
        "hybridAzureADJoinSkipConnectivityCheck": false, "managementServiceAppId": null,
        "outOfBoxExperienceSetting": {
            "privacySettingsHidden": true, "eulaHidden": true, "userType": "standard",
            "deviceUsageType": if index.is_multiple_of(names.len()) { "singleUser" } else { "shared" },
            "keyboardSelectionPageHidden": true, "escapeLinkHidden": true,
        },
        "outOfBoxExperienceSettings": {
            "hidePrivacySettings": true, "hideEULA": true, "userType": "standard", "deviceUsageType": "singleUser",
            "skipKeyboardSelectionPage": true, "hideEscapeLink": true,
        },
        "enrollmentStatusScreenSettings": null,
    }))
}

pub(crate) fn configuration(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let shapes = [
        "Windows10EnrollmentCompletionPageConfiguration",
        "Limit",
        "SinglePlatformRestriction",
    ];
    let names = [
        "Enrollment status page",
        "Device limit",
        "Windows personal devices blocked",
    ];
    let (shape, round) = (shapes[index % 3], index / 3);
    let mut made = object(match index % 3 {
        0 => json!({
            "@odata.type": "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration",
            "showInstallationProgress": true, "blockDeviceSetupRetryByUser": false, "allowDeviceResetOnInstallFailure": true,
            "allowLogCollectionOnInstallFailure": true, "customErrorMessage": "Please call the service desk.",
            "installProgressTimeoutInMinutes": 60 + 30 * pool.chance.below(3), "allowDeviceUseOnInstallFailure": false,
            "selectedMobileAppIds": [], "trackInstallProgressForAutopilotOnly": true, "disableUserStatusTrackingAfterFirstUser": true,
            "deviceEnrollmentConfigurationType": "windows10EnrollmentCompletionPageConfiguration",
        }),
        1 => json!({
            "@odata.type": "#microsoft.graph.deviceEnrollmentLimitConfiguration",
            "limit": 5 + pool.chance.below(10), "deviceEnrollmentConfigurationType": "limit",
        }),
        _ => json!({
            "@odata.type": "#microsoft.graph.deviceEnrollmentPlatformRestrictionConfiguration",
            "platformType": "windows", "deviceEnrollmentConfigurationType": "singlePlatformRestriction",
            "platformRestriction": {
                "platformBlocked": false, "personalDeviceEnrollmentBlocked": true, "osMinimumVersion": "10.0.22631", "osMaximumVersion": "",
                "blockedManufacturers": [], "blockedSkus": [],
            },
        }),
    });
    let suffix = if round == 0 {
        format!("Default{shape}")
    } else {
        shape.to_owned()
    };
    let shown = if round == 0 {
        "All users and all devices".to_owned()
    } else {
        name(&names[index % 3..=index % 3], round - 1)
    };
    let id = format!("{}_{suffix}", pool.chance.uuid());
    made.insert("id".to_owned(), json!(id));
    made.insert("displayName".to_owned(), json!(shown));
    made.insert(
        "description".to_owned(),
        json!("Applies to the lowest priority first."),
    );
    made.insert("priority".to_owned(), json!(round));
    made.insert("version".to_owned(), json!(1 + pool.chance.below(3)));
    made.entry("roleScopeTagIds")
        .or_insert(Value::Array(vec![json!("0")]));
    made
}
