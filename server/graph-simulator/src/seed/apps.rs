//! App protection: policies for iOS, Android and Windows, and app configurations beside them.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};
use crate::kind::Kind;

/// `kind` is the common address or that of one type.
pub(crate) fn make(pool: &mut Pool, index: usize, kind: &Kind) -> Map<String, Value> {
    let odata_type = kind
        .types
        .get(index % kind.types.len())
        .copied()
        .unwrap_or("iosManagedAppProtection");
    let round = index / kind.types.len();
    let (title, prefix, mut made) = match odata_type {
        "iosManagedAppProtection" => (
            "iOS – App protection",
            "T",
            object(json!({
                "appDataEncryptionType": "whenDeviceLocked", "faceIdBlocked": false, "minimumRequiredSdkVersion": null,
                "managedUniversalLinks": ["http://*.sharepoint.com/*"], "exemptedUniversalLinks": [], "protectInboundDataFromUnknownSources": false,
            })),
        ),
        "androidManagedAppProtection" => (
            "Android – App protection",
            "T",
            object(json!({
                "screenCaptureBlocked": true, "encryptAppData": true, "disableAppEncryptionIfDeviceEncryptionIsEnabled": false,
                "minimumRequiredPatchVersion": "2024-06-01", "approvedKeyboards": [], "keyboardsRestricted": false,
            })),
        ),
        "windowsManagedAppProtection" => (
            "Windows – Edge app protection",
            "T",
            object(json!({
                "printBlocked": true, "allowedInboundDataTransferSources": "allApps", "allowedOutboundClipboardSharingLevel": "anyDestinationAnySource",
                "allowedOutboundDataTransferDestinations": "none", "appActionIfUnableToAuthenticateUser": null,
            })),
        ),
        _ => (
            "Edge – App configuration",
            "A",
            object(json!({
                "customSettings": [
                    {"name": "com.microsoft.intune.mam.managedbrowser.homepage", "value": "https://intranet.contoso.example"},
                    {"name": "com.microsoft.intune.mam.managedbrowser.bookmarks", "value": "Intranet|https://intranet.contoso.example"},
                ],
                "targetedAppManagementLevels": "unspecified",
            })),
        ),
    };
    if odata_type != "targetedManagedAppConfiguration" {
        made.extend(object(json!({
            "periodOfflineBeforeAccessCheck": "PT12H", "periodOnlineBeforeAccessCheck": "PT30M", "periodOfflineBeforeWipeIsEnforced": "P90D",
            "pinRequired": true, "minimumPinLength": 4 + pool.chance.below(3), "maximumPinRetries": 5, "simplePinBlocked": false,
            "dataBackupBlocked": true, "contactSyncBlocked": false, "saveAsBlocked": true, "organizationalCredentialsRequired": false,
            "allowedInboundDataTransferSources": "allApps", "allowedOutboundDataTransferDestinations": "managedApps",
            "allowedDataStorageLocations": ["oneDriveForBusiness", "sharePoint"], "minimumRequiredOsVersion": null, "mobileThreatDefenseRemediationAction": "block",
        })));
    }
    let app = |package: &str| {
        json!({
            "id": package, "version": "-1725134544",
            "mobileAppIdentifier": match odata_type {
                "androidManagedAppProtection" => json!({"@odata.type": "#microsoft.graph.androidMobileAppIdentifier", "packageId": package}),
                "windowsManagedAppProtection" => json!({"@odata.type": "#microsoft.graph.windowsAppIdentifier", "windowsAppId": package}),
                _ => json!({"@odata.type": "#microsoft.graph.iosMobileAppIdentifier", "bundleId": package}),
            },
        })
    };
    let apps = json!([app("com.microsoft.outlooklite"), app("com.microsoft.teams")]);
    made.insert(
        "@odata.type".to_owned(),
        json!(format!("#microsoft.graph.{odata_type}")),
    );
    made.insert(
        "id".to_owned(),
        json!(format!("{prefix}_{}", pool.chance.uuid())),
    );
    made.insert("displayName".to_owned(), json!(name(&[title], round)));
    made.insert("description".to_owned(), json!(""));
    made.insert(
        "version".to_owned(),
        json!(format!(
            "\"{:x}\"",
            0x1000_0000 + pool.chance.below(0xfff_ffff)
        )),
    );
    made.insert("isAssigned".to_owned(), Value::Bool(false));
    made.insert("deployedAppCount".to_owned(), json!(2));
    made.insert("appGroupType".to_owned(), json!("selectedPublicApps"));
    made.insert("apps".to_owned(), apps);
    made
}
