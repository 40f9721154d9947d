#![allow(clippy::unwrap_used)]
use serde_json::json;

use super::*;

const CATALOG: &str = r##"{"@odata.context": "https://graph.microsoft.com/beta/$metadata#deviceManagement/configurationPolicies(settings())/$entity",
    "name": "Größe", "technologies": "mdm", "#CustomRef_x": "y", "name@odata.type": "#String",
    "settings": [{"@odata.type": "#microsoft.graph.deviceManagementConfigurationSetting", "id": "0", "settingInstance": {}}]}"##;

fn one(bytes: &[u8], folders: &[&str]) -> Result<Found, Refused> {
    let mut all = recognize(Format::Json, bytes, folders, &mut Names::default());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn refusal(text: &str) -> (ImportVerdict, String) {
    let refused = one(text.as_bytes(), &[]).unwrap_err();
    (refused.verdict, refused.reason)
}

#[test]
fn every_encoding_becomes_the_same_policy_as_graph_sends_it() {
    let units =
        |order: fn(u16) -> [u8; 2]| CATALOG.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    for bytes in [
        CATALOG.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", CATALOG.as_bytes()].concat(),
        units(u16::to_le_bytes),
        [b"\xFE\xFF".to_vec(), units(u16::to_be_bytes)].concat(),
    ] {
        let found = one(&bytes, &[]).unwrap();
        assert_eq!(found.kind.key, "settings_catalog");
        assert_eq!(
            Value::Object(found.content),
            json!({"name": "Größe", "technologies": "mdm", "settings": [{"id": "0", "settingInstance": {}}]})
        );
    }
}

#[test]
fn what_can_not_be_read_says_where() {
    assert_eq!(
        refusal("{\"name\": \"A\",\n \"settings\": ["),
        (
            ImportVerdict::Unreadable,
            "Not JSON: EOF while parsing a list at line 2 column 14.".into()
        )
    );
    assert_eq!(
        refusal(" \n"),
        (ImportVerdict::Unreadable, "The file is empty.".into())
    );
    let refused = one(b"{\"a\": \"\xFF\"}", &[]).unwrap_err();
    assert_eq!(refused.reason, "not valid UTF-8 at byte 7.");
    let deep = "[".repeat(100_000);
    assert_eq!(refusal(&deep).0, ImportVerdict::Unreadable);
}

#[test]
fn what_is_no_policy_says_why() {
    for (text, verdict, reason) in [
        ("7", ImportVerdict::NotAPolicy, "It holds no object."),
        ("[]", ImportVerdict::NotAPolicy, "An empty list."),
        (
            r#"{"a": 1}"#,
            ImportVerdict::NotAPolicy,
            "Nothing in it says what kind of policy it is.",
        ),
        (
            r#"{"Objects": []}"#,
            ImportVerdict::NotAPolicy,
            "A migration table; the names of its groups are kept.",
        ),
        (
            r##"{"@odata.type": "#microsoft.graph.iosGeneralDeviceConfiguration"}"##,
            ImportVerdict::NotAPolicy,
            "It has no name.",
        ),
        (
            r##"{"@odata.type": "#microsoft.graph.win32LobApp", "displayName": "App"}"##,
            ImportVerdict::Unsupported,
            "Unsupported kind: win32LobApp.",
        ),
        (
            r#"{"tenantAtlas": {"kind": "later"}, "name": "A"}"#,
            ImportVerdict::Unsupported,
            "Unsupported kind: later.",
        ),
    ] {
        assert_eq!(refusal(text), (verdict, reason.to_owned()), "{text}");
    }
}

#[test]
fn a_list_has_a_verdict_for_each_of_its_policies() {
    let context =
        "https://graph.microsoft.com/beta/$metadata#deviceManagement/deviceManagementScripts";
    let list =
        json!({"@odata.context": context, "value": [{"displayName": "A"}, 7, {"displayName": ""}]});
    let found = recognize(
        Format::Json,
        list.to_string().as_bytes(),
        &[],
        &mut Names::default(),
    );
    let keys: Vec<_> = found
        .iter()
        .map(|one| {
            one.as_ref()
                .map(|found| found.kind.key)
                .map_err(|refused| refused.verdict)
        })
        .collect();
    assert_eq!(
        keys,
        [
            Ok("platform_scripts"),
            Err(ImportVerdict::NotAPolicy),
            Err(ImportVerdict::NotAPolicy)
        ]
    );
}

#[test]
fn linked_definitions_of_a_template_are_kept() {
    let text = r##"{"@odata.context": "x/$metadata#deviceManagement/groupPolicyConfigurations/$entity", "displayName": "T",
        "definitionValues": [{"enabled": true, "#Definition_displayName": "Home page", "#Definition_classType": "user",
            "definition@odata.bind": "https://graph.microsoft.com/beta/deviceManagement/groupPolicyDefinitions('d1')",
            "presentationValues": [{"value": "a",
                "presentation@odata.bind": "https://graph.microsoft.com/beta/deviceManagement/groupPolicyDefinitions('d1')/presentations('p1')"}]}]}"##;
    let found = one(text.as_bytes(), &[]).unwrap();
    assert_eq!(
        found.content["definitionValues"],
        json!([{"enabled": true, "definition": {"id": "d1", "displayName": "Home page", "classType": "user"},
            "presentationValues": [{"value": "a", "presentation": {"id": "p1"}}]}])
    );
}

#[test]
fn names_beside_ids_do_not_come_into_a_policy() {
    let policy = json!({"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "displayName": "C",
        "deviceComplianceScriptName": "S"});
    let found = one(policy.to_string().as_bytes(), &[]).unwrap();
    assert!(!found.content.contains_key("deviceComplianceScriptName"));
}

#[test]
fn an_app_configuration_is_taken_with_its_payload_encoded_and_refused_without_the_ids_of_its_apps()
{
    let mut policy = json!({"@odata.type": "#microsoft.graph.androidManagedStoreAppConfiguration", "displayName": "Mail",
        "targetedMobileApps": ["a-1"], "payloadJson": {"a@odata.b": 1}});
    let found = one(policy.to_string().as_bytes(), &[]).unwrap();
    assert_eq!(found.content["payloadJson"], "eyJhQG9kYXRhLmIiOjF9");
    policy["targetedMobileApps"] =
        json!({"appName": "Outlook", "type": "#microsoft.graph.iosVppApp"});
    let refused = one(policy.to_string().as_bytes(), &[]).unwrap_err();
    assert_eq!(
        (refused.verdict, refused.reason.as_str()),
        (
            ImportVerdict::Unreadable,
            "It names the app “Outlook” but not its id, so it can't be restored."
        )
    );
    assert_eq!(
        refused.kind.map(|kind| kind.key),
        Some("app_configurations")
    );
    assert_eq!(refused.name.as_deref(), Some("Mail"));
}
