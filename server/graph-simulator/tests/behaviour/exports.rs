//! Tenants filled from exported policy files.

use std::fs;
use std::path::{Path, PathBuf};

use graph_simulator::{LoadError, TenantSpec};
use serde_json::{Value, json};

use crate::caller::Caller;

/// A folder of its own that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("graph-simulator-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("SettingsCatalog")).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ring(name: &str) -> String {
    json!({
        "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration", "id": format!("id-{name}"), "displayName": name,
        "displayName@odata.type": "#String", "#microsoft.graph.assign": {"title": "x"}, "qualityUpdatesDeferralPeriodInDays": 0,
    })
    .to_string()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[tokio::test]
async fn files_are_read_in_every_encoding_and_a_bad_one_spoils_nothing() {
    let folder = Folder::new("encodings");
    folder.write("plain.json", ring("plain ä").as_bytes());
    folder.write(
        "marked.json",
        &[b"\xEF\xBB\xBF", ring("marked ä").as_bytes()].concat(),
    );
    folder.write(
        "little.json",
        &[
            b"\xFF\xFE".to_vec(),
            utf16(&ring("little ä"), u16::to_le_bytes),
        ]
        .concat(),
    );
    folder.write(
        "big.json",
        &[
            b"\xFE\xFF".to_vec(),
            utf16(&ring("big ä"), u16::to_be_bytes),
        ]
        .concat(),
    );
    folder.write(
        "unmarked.json",
        &utf16(&ring("unmarked ä"), u16::to_le_bytes),
    );
    folder.write(
        "SettingsCatalog/by folder.json",
        br#"{"name": "by folder", "settings": [{"id": "0"}]}"#,
    );
    let context =
        "https://graph.microsoft.com/beta/$metadata#deviceManagement/assignmentFilters/$entity";
    folder.write(
        "by context.json",
        json!({"@odata.context": context, "displayName": "by context"})
            .to_string()
            .as_bytes(),
    );
    folder.write("broken.json", b"{ not json");
    folder.write(
        "other.json",
        br##"{"@odata.type": "#microsoft.graph.user", "displayName": "someone"}"##,
    );
    folder.write("half.json", b"\xFF\xFE{");
    folder.write("notes.txt", b"not read");

    let caller = Caller::new(TenantSpec::new("Contoso").policies(30).groups(10)).await;
    let report = caller
        .simulator()
        .load_policies(&caller.tenant.directory_id, &folder.0)
        .unwrap();
    let failed: Vec<_> = report
        .problems
        .iter()
        .map(|problem| problem.file.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(failed, ["broken.json", "half.json", "other.json"]);
    assert_eq!(report.loaded, 7);
    let (rings, _) = caller
        .all("/beta/deviceManagement/deviceConfigurations")
        .await;
    let mut names: Vec<&str> = rings
        .iter()
        .map(|ring| ring["displayName"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["big ä", "little ä", "marked ä", "plain ä", "unmarked ä"]
    );
    let clean = |ring: &Value| {
        ring.as_object()
            .unwrap()
            .keys()
            .all(|name| name == "@odata.type" || !name.contains(['@', '#']))
    };
    assert!(rings.iter().all(clean), "{rings:?}");
    assert_eq!(
        caller
            .get("/beta/deviceManagement/configurationPolicies")
            .await
            .value()
            .len(),
        1
    );
    assert_eq!(
        caller
            .simulator()
            .policies(&caller.tenant.directory_id)
            .unwrap()
            .len(),
        7
    );
}

#[tokio::test]
async fn a_missing_folder_or_tenant_changes_nothing() {
    let caller = Caller::new(TenantSpec::new("Contoso").policies(30)).await;
    let directory = &caller.tenant.directory_id;
    let nowhere = Path::new("/no/such/folder");
    assert!(matches!(
        caller.simulator().load_policies(directory, nowhere),
        Err(LoadError::Folder { .. })
    ));
    assert!(matches!(
        caller.simulator().load_policies("nobody", nowhere),
        Err(LoadError::UnknownTenant(_))
    ));
    assert_eq!(caller.simulator().policies(directory).unwrap().len(), 30);
}

fn text_of(file: &Path) -> String {
    let bytes = fs::read(file).unwrap();
    let units: Vec<u16> = bytes[2..]
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).unwrap()
}

/// The real policies are no part of this project; without them this test says so and does nothing.
#[tokio::test]
async fn real_exported_policies_arrive_with_all_their_settings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/openintunebaseline/windows-2026-03");
    if !folder.is_dir() {
        eprintln!(
            "did nothing: there are no real policies at {}",
            folder.display()
        );
        return;
    }
    let caller = Caller::new(TenantSpec::new("Contoso").policies(10).groups(50)).await;
    let report = caller
        .simulator()
        .load_policies(&caller.tenant.directory_id, &folder)
        .unwrap();
    assert_eq!((report.loaded, report.problems), (70, Vec::new()));
    assert_eq!(report.by_kind["configurationPolicies"], 59);
    let (catalog, _) = caller
        .all("/beta/deviceManagement/configurationPolicies?$expand=settings,assignments")
        .await;
    assert_eq!(catalog.len(), 59);
    for policy in &catalog {
        let count = policy["settingCount"].as_u64().unwrap();
        assert_eq!(
            policy["settings"].as_array().unwrap().len() as u64,
            count,
            "{}",
            policy["name"]
        );
    }
    assert!(
        catalog
            .iter()
            .any(|policy| !policy["assignments"].as_array().unwrap().is_empty())
    );

    let mut exported = 0;
    for file in fs::read_dir(folder.join("IntuneManagement/SettingsCatalog")).unwrap() {
        let original: Value = serde_json::from_str(&text_of(&file.unwrap().path())).unwrap();
        let served = catalog
            .iter()
            .find(|policy| policy["id"] == original["id"])
            .unwrap();
        let definitions = |policy: &Value| -> Vec<String> {
            let text = policy["settings"].to_string();
            text.split("\"settingDefinitionId\":\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            definitions(served),
            definitions(&original),
            "{}",
            original["name"]
        );
        exported += 1;
    }
    assert_eq!(exported, 59);
}
