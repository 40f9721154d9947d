//! Device configurations: one address, many types.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};

const NAMES: &[&str] = &[
    "Windows – Update ring – Pilot",
    "Windows – Device restrictions",
    "Windows – Custom – Browser registry",
    "Windows – Update ring – Broad",
    "Windows – Endpoint protection",
    "iOS – Device restrictions",
    "Windows – Trusted root certificate",
    "macOS – Device restrictions",
    "Windows – Wi-Fi – Corporate",
    "Android – Fully managed restrictions",
    "Windows – Health monitoring",
    "Windows – Edition upgrade",
    "iOS – Custom – Printing",
    "Windows – Delivery optimization",
];

pub(crate) fn make(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let mut made = object(match index % NAMES.len() {
        0 => update_ring(0),
        1 => restrictions(pool),
        2 => custom(pool),
        3 => update_ring(7),
        4 => json!({
            "@odata.type": "#microsoft.graph.windows10EndpointProtectionConfiguration",
            "firewallEnabled": true, "firewallBlockStatefulFTP": null, "smartScreenEnableInShell": true,
            "bitLockerEncryptDevice": pool.chance.percent(70), "bitLockerDisableWarningForOtherDiskEncryption": true,
            "bitLockerSystemDrivePolicy": {"encryptionMethod": "xtsAes256", "startupAuthenticationRequired": true, "minimumPinLength": 6},
            "applicationGuardEnabled": false, "lanManagerAuthenticationLevel": "lmNtlmAndNtlmV2",
        }),
        5 => json!({
            "@odata.type": "#microsoft.graph.iosGeneralDeviceConfiguration",
            "passcodeRequired": true, "passcodeMinimumLength": 6 + pool.chance.below(3), "cameraBlocked": false,
            "iCloudBlockBackup": pool.chance.percent(50), "screenCaptureBlocked": false, "appsSingleAppModeList": [],
            "compliantAppListType": "none", "safariBlockAutofill": true, "siriBlockedWhenLocked": true,
        }),
        6 => json!({
            "@odata.type": "#microsoft.graph.windows81TrustedRootCertificate",
            "certFileName": "internal-root.cer", "destinationStore": "computerCertStoreRoot",
            "trustedRootCertificate": "TUlJQi1zeW50aGV0aWMtY2VydGlmaWNhdGU=",
        }),
        7 => json!({
            "@odata.type": "#microsoft.graph.macOSGeneralDeviceConfiguration",
            "passwordRequired": true, "passwordMinimumLength": 8, "iCloudBlockDocumentSync": pool.chance.percent(50),
            "screenCaptureBlocked": false, "softwareUpdatesEnforcedDelayInDays": 14, "compliantAppsList": [],
        }),
        8 => json!({
            "@odata.type": "#microsoft.graph.windowsWifiConfiguration",
            "ssid": "Corporate", "networkName": "Corporate", "connectAutomatically": true, "connectWhenNetworkNameIsHidden": false,
            "wifiSecurityType": "wpa2Enterprise", "meteredConnectionLimit": "unrestricted", "preSharedKey": null,
            "proxySetting": "none", "proxyManualAddress": null, "proxyManualPort": null, "forceFIPSCompliance": false,
        }),
        9 => json!({
            "@odata.type": "#microsoft.graph.androidDeviceOwnerGeneralDeviceConfiguration",
            "appsAutoUpdatePolicy": "wiFiOnly", "cameraBlocked": false, "factoryResetBlocked": true,
            "passwordMinimumLength": 6, "passwordRequiredType": "numericComplex", "kioskModeApps": [], "usersBlockAdd": true,
        }),
        10 => json!({
            "@odata.type": "#microsoft.graph.windowsHealthMonitoringConfiguration",
            "allowDeviceHealthMonitoring": "enabled", "configDeviceHealthMonitoringScope": "bootPerformance,windowsUpdates",
            "configDeviceHealthMonitoringCustomScope": null,
        }),
        11 => json!({
            "@odata.type": "#microsoft.graph.editionUpgradeConfiguration",
            "licenseType": "productKey", "targetEdition": "windows10Enterprise", "productKey": "#####-#####-#####-#####-A1B2C",
            "license": null, "windowsSMode": "noRestriction",
        }),
        12 => json!({
            "@odata.type": "#microsoft.graph.iosCustomConfiguration",
            "payloadName": "Printing", "payloadFileName": "printing.mobileconfig", "payload": "PHBsaXN0Lz4=",
        }),
        _ => json!({
            "@odata.type": "#microsoft.graph.windowsDeliveryOptimizationConfiguration",
            "deliveryOptimizationMode": "httpWithPeeringNat", "restrictPeerSelectionBy": "subnetMask",
            "minimumRamAllowedToPeerInGigabytes": 4, "backgroundDownloadFromHttpDelayInSeconds": 0,
        }),
    });
    made.insert("displayName".to_owned(), json!(name(NAMES, index)));
    made.insert(
        "description".to_owned(),
        if pool.chance.percent(50) {
            Value::Null
        } else {
            json!("Set up for the endpoint project.")
        },
    );
    made.insert("supportsScopeTags".to_owned(), json!(true));
    for rule in ["OsEdition", "OsVersion", "DeviceMode"] {
        made.insert(
            format!("deviceManagementApplicabilityRule{rule}"),
            Value::Null,
        );
    }
    made
}

fn restrictions(pool: &mut Pool) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.windows10GeneralConfiguration",
        "passwordRequired": true, "passwordMinimumLength": 8 + pool.chance.below(7), "passwordBlockSimple": true,
        "passwordExpirationDays": null, "cameraBlocked": false, "bluetoothBlocked": false, "cortanaBlocked": true,
        "defenderRequireRealTimeMonitoring": true, "defenderScanType": "full", "defenderFilesAndFoldersToExclude": [],
        "edgeBlocked": false, "edgeHomepageUrls": ["https://intranet.contoso.example"], "edgeSearchEngine": null,
        "privacyAdvertisingId": "blocked", "storageBlockRemovableStorage": pool.chance.percent(40),
        "diagnosticsDataSubmissionMode": "basic", "windowsSpotlightBlocked": true, "privacyAccessControls": [],
    })
}

/// Custom OMA settings, one of them encrypted: its plain text is kept aside and asked for separately.
fn custom(pool: &mut Pool) -> Value {
    let reference = format!("{}_{}", pool.chance.uuid(), pool.chance.uuid());
    json!({
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "omaSettings": [
            {
                "@odata.type": "#microsoft.graph.omaSettingInteger", "displayName": "Allow developer tools", "description": null,
                "omaUri": "./Device/Vendor/MSFT/Policy/Config/Browser/AllowDeveloperTools", "isEncrypted": false,
                "secretReferenceValueId": null, "value": 0, "isReadOnly": false,
            },
            {
                "@odata.type": "#microsoft.graph.omaSettingString", "displayName": "Agent enrolment key", "description": null,
                "omaUri": "./Device/Vendor/MSFT/Policy/Config/Contoso~Policy~Agent/EnrolmentKey", "isEncrypted": true,
                "secretReferenceValueId": reference, "value": "****",
            },
        ],
        "~secrets": {reference: "<enabled/><data id=\"Key\" value=\"synthetic-key\"/>"},
    })
}

fn update_ring(days: u32) -> Value {
    let never = "0001-01-01T00:00:00Z";
    json!({
        "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
        "deliveryOptimizationMode": "userDefined", "prereleaseFeatures": "userDefined", "automaticUpdateMode": "autoInstallAtMaintenanceTime",
        "microsoftUpdateServiceAllowed": true, "driversExcluded": false,
        "qualityUpdatesDeferralPeriodInDays": days, "featureUpdatesDeferralPeriodInDays": days * 4,
        "qualityUpdatesPaused": false, "featureUpdatesPaused": false,
        "qualityUpdatesPauseExpiryDateTime": never, "featureUpdatesPauseExpiryDateTime": never,
        "qualityUpdatesPauseStartDate": null, "featureUpdatesPauseStartDate": null,
        "qualityUpdatesWillBeRolledBack": false, "featureUpdatesWillBeRolledBack": false,
        "qualityUpdatesRollbackStartDateTime": never, "featureUpdatesRollbackStartDateTime": never,
        "featureUpdatesRollbackWindowInDays": 30, "businessReadyUpdatesOnly": "userDefined",
        "deadlineForFeatureUpdatesInDays": 7, "deadlineForQualityUpdatesInDays": 3, "deadlineGracePeriodInDays": 2,
        "postponeRebootUntilAfterDeadline": false, "userPauseAccess": "disabled", "updateNotificationLevel": "defaultNotifications",
        "allowWindows11Upgrade": true, "skipChecksBeforeRestart": false,
        "installationSchedule": {
            "@odata.type": "#microsoft.graph.windowsUpdateActiveHoursInstall",
            "activeHoursStart": "08:00:00.0000000", "activeHoursEnd": "17:00:00.0000000",
        },
    })
}
