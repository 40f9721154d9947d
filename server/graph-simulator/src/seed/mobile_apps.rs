//! Apps, and the configurations that managed devices get for them.

use serde_json::{Map, Value, json};

use super::{Pool, name, object};

/// How many apps a tenant has whose app configurations need some.
pub(crate) const ENOUGH: usize = 4;

pub(crate) fn app(_: &mut Pool, index: usize) -> Map<String, Value> {
    let shapes = [
        json!({
            "@odata.type": "#microsoft.graph.iosStoreApp", "displayName": "Microsoft Edge (iOS)",
            "bundleId": "com.microsoft.msedge", "appStoreUrl": "https://apps.example/edge",
        }),
        json!({
            "@odata.type": "#microsoft.graph.androidManagedStoreApp", "displayName": "Microsoft Edge (Android)",
            "packageId": "com.microsoft.emmx", "appIdentifier": "app:com.microsoft.emmx",
        }),
        json!({
            "@odata.type": "#microsoft.graph.win32LobApp", "displayName": "Inventory client",
            "fileName": "inventory.intunewin", "size": 4_194_304, "committedContentVersion": "1",
            "installCommandLine": "setup.exe /quiet", "uninstallCommandLine": "setup.exe /remove",
        }),
        json!({
            "@odata.type": "#microsoft.graph.winGetApp", "displayName": "Company Portal",
            "packageIdentifier": "9WZDNCRFJ3PZ",
        }),
    ];
    let mut made = object(shapes[index % shapes.len()].clone());
    let title = made.get("displayName").and_then(Value::as_str);
    let title = name(&[title.unwrap_or_default()], index / shapes.len());
    made.insert("displayName".to_owned(), json!(title));
    made.extend(object(json!({
        "description": title, "publisher": "Contoso", "isFeatured": false, "isAssigned": false,
        "publishingState": "published", "uploadState": 1,
        "dependentAppCount": 0, "supersedingAppCount": 0, "supersededAppCount": 0,
    })));
    made
}

/// Of an iOS app and an Android app by turns.
pub(crate) fn configuration(pool: &mut Pool, index: usize) -> Map<String, Value> {
    let apps: Vec<&String> = pool.apps.iter().skip(index % 2).take(1).collect();
    let apps = json!(apps);
    let names = ["Edge for iOS", "Edge for Android"];
    let mut made = object(match index % 2 {
        0 => json!({
            "@odata.type": "#microsoft.graph.iosMobileAppConfiguration",
            "encodedSettingXml": null,
            "settings": [
                {"appConfigKey": "IntuneMAMAllowedAccountsOnly", "appConfigKeyType": "stringType", "appConfigKeyValue": "Enabled"},
                {"appConfigKey": "IntuneMAMUPN", "appConfigKeyType": "stringType", "appConfigKeyValue": "{{userprincipalname}}"},
            ],
        }),
        _ => json!({
            "@odata.type": "#microsoft.graph.androidManagedStoreAppConfiguration",
            "packageId": "app:com.microsoft.emmx", "payloadJson": "eyJraW5kIjoiYW5kcm9pZGVudGVycHJpc2UjbWFuYWdlZENvbmZpZ3VyYXRpb24ifQ==",
            "permissionActions": [], "appSupportsOemConfig": false, "profileApplicability": "default", "connectedAppsEnabled": false,
        }),
    });
    made.insert("displayName".to_owned(), json!(name(&names, index)));
    made.insert("description".to_owned(), json!(""));
    made.insert("targetedMobileApps".to_owned(), apps);
    made
}
