#![allow(clippy::unwrap_used)]
use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::super::{
    files::SentFile,
    read::{
        Line,
        tests::{file, lines},
    },
};
use super::*;

const TEMPLATE: &str = "c53e5a9f-2eec-4175-98a1-2b3d38084b91";

fn intent(name: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.deviceManagementIntent", "id": name, "displayName": name,
        "templateId": TEMPLATE, "roleScopeTagIds": ["0"]})
}

fn setting_of(text: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.deviceManagementBooleanSettingInstance", "id": "1",
        "definitionId": "firewall", "valueJson": text})
}

fn beside(text: &str) -> Value {
    json!({"settings": [setting_of(text)]})
}

fn settings(line: &Line) -> &Value {
    &line.policy.as_ref().unwrap().content["settings"]
}

fn told(line: &Line) -> (ImportVerdict, &str) {
    (line.verdict, line.reason.as_deref().unwrap_or_default())
}

#[test]
fn settings_of_a_file_beside_it_are_joined_to_their_policy_whichever_is_read_first() {
    let policy = || file("EndpointSecurity/Firewall.json", &intent("Firewall"));
    let mut full = setting_of("true");
    full["valueJson@odata.type"] = json!("#String");
    let annotated =
        "https://graph.microsoft.com/beta/$metadata#deviceManagement/intents('1')/settings";
    for content in [
        json!({"settings": [full]}),
        json!([setting_of("true")]),
        json!({"@odata.context": annotated, "value": [setting_of("true")]}),
    ] {
        let settings_file = || file("EndpointSecurity/Firewall_Settings.json", &content);
        let first = lines(vec![policy(), settings_file()]);
        let mut last = lines(vec![settings_file(), policy()]);
        last.reverse();
        for read in [first, last] {
            assert_eq!(told(&read[0]), (ImportVerdict::Imported, ""));
            assert_eq!(settings(&read[0]), &json!([setting_of("true")]));
            assert_eq!(
                told(&read[1]),
                (
                    ImportVerdict::NotAPolicy,
                    "The settings of the policy in Firewall.json; they were joined to it."
                )
            );
        }
    }
}

#[test]
fn an_archive_s_settings_go_to_the_policy_of_their_own_folder() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("a/EndpointSecurity/Firewall_Settings.json", beside("1")),
        ("b/EndpointSecurity/Firewall_Settings.json", beside("2")),
        ("b/EndpointSecurity/Firewall.json", intent("B")),
        ("a/EndpointSecurity/Firewall.json", intent("A")),
    ] {
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content.to_string().as_bytes()).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let read = lines(vec![SentFile {
        name: "export.zip".to_owned(),
        bytes: Some(bytes),
    }]);
    assert_eq!(settings(&read[2]), &json!([setting_of("2")]));
    assert_eq!(settings(&read[3]), &json!([setting_of("1")]));
}

#[test]
fn a_policy_without_its_settings_is_refused_with_the_name_of_the_missing_file() {
    let read = lines(vec![
        file("EndpointSecurity/Firewall.json", &intent("Firewall")),
        file("elsewhere/Firewall_Settings.json", &beside("true")),
    ]);
    assert_eq!(
        told(&read[0]),
        (
            ImportVerdict::Unreadable,
            "It comes without its settings: no Firewall_Settings.json that holds them lies beside it."
        )
    );
    assert_eq!(read[0].kind.map(|kind| kind.key), Some(KIND));
    assert_eq!(read[0].name.as_deref(), Some("Firewall"));
    assert_eq!(
        told(&read[1]),
        (
            ImportVerdict::NotAPolicy,
            "Settings without their policy: no Firewall.json of legacy endpoint security lies beside them."
        )
    );
    let mut own = intent("Firewall");
    own["tenantAtlas"] = json!({"kind": KIND});
    own["settings"] = Value::Null;
    let read = lines(vec![file("Firewall.json", &own)]);
    assert_eq!(read[0].verdict, ImportVerdict::Unreadable);
}

#[test]
fn settings_within_the_policy_are_its_own_even_if_there_are_none() {
    let mut empty = intent("Empty");
    empty["settings"] = json!([]);
    let mut delta = intent("Delta");
    delta["settingsDelta"] = json!([setting_of("false")]);
    let mut named_so = intent("A_Settings");
    named_so["settings"] = json!([]);
    let read = lines(vec![
        file("Empty.json", &empty),
        file("Empty_Settings.json", &beside("true")),
        file("Delta.json", &delta),
        file("A_Settings.json", &named_so),
    ]);
    assert_eq!(settings(&read[0]), &json!([]));
    assert_eq!(
        told(&read[1]),
        (
            ImportVerdict::NotAPolicy,
            "Settings of the policy in Empty.json, which holds them itself."
        )
    );
    assert_eq!(settings(&read[2]), &json!([setting_of("false")]));
    let content = &read[2].policy.as_ref().unwrap().content;
    assert!(content.get("settingsDelta").is_none());
    assert_eq!(read[3].verdict, ImportVerdict::Imported);
}

#[test]
fn files_of_one_name_from_several_folders_are_not_mixed_up() {
    let unclear = lines(vec![
        file("Firewall.json", &intent("A")),
        file("Firewall_Settings.json", &beside("1")),
        file("Firewall.json", &intent("B")),
        file("Firewall_Settings.json", &beside("2")),
    ]);
    let reasons: Vec<_> = unclear.iter().map(|line| told(line).1).collect();
    let policy =
        "It comes without its settings: it is not clear which Firewall_Settings.json holds them.";
    let settings_file = "Settings of a policy: it is not clear which Firewall.json they belong to.";
    assert_eq!(reasons, [policy, settings_file, policy, settings_file]);
    let one_missing = lines(vec![
        file("Firewall.json", &intent("A")),
        file("Firewall_Settings.json", &beside("1")),
        file("Firewall.json", &intent("B")),
    ]);
    assert!(one_missing.iter().all(|line| line.policy.is_none()));
    let twice = lines(vec![
        file("Firewall.json", &intent("A")),
        file("Firewall_Settings.json", &beside("1")),
        file("Firewall.json", &intent("A")),
        file("firewall_settings.json", &beside("1")),
    ]);
    assert_eq!(settings(&twice[0]), &json!([setting_of("1")]));
    assert_eq!(twice[2].verdict, ImportVerdict::Duplicate);
}

#[test]
fn a_file_that_holds_no_settings_of_this_kind_is_what_it_was() {
    let catalog = json!({"settings": [{"id": "0", "settingInstance": {}}]});
    for content in [&catalog, &json!([1]), &json!({"settings": 7}), &json!(7)] {
        let bytes = content.to_string().into_bytes();
        let found = settings_in(Format::Json, &bytes, "A_Settings.json");
        assert_eq!(found, None, "{content}");
    }
    let bytes = beside("true").to_string().into_bytes();
    for name in [
        "Settings.json",
        "_Settings.json",
        "A_Setting.json",
        "ä.json",
        "A_Settings",
    ] {
        assert_eq!(settings_in(Format::Json, &bytes, name), None, "{name}");
    }
    assert!(settings_in(Format::Json, &bytes, "ä_Settings.json").is_some());
}

#[test]
fn a_template_that_is_left_out_is_taken_from_the_file_s_name_or_asked_for() {
    let bare = json!({"displayName": "Firewall", "roleScopeTagIds": ["0"], "settingsDelta": [setting_of("true")]});
    let read = lines(vec![
        file(&format!("{TEMPLATE}_Firewall.json"), &bare),
        file("Firewall.json", &bare),
    ]);
    let content = &read[0].policy.as_ref().unwrap().content;
    assert_eq!(content["templateId"], TEMPLATE);
    assert_eq!(
        told(&read[1]),
        (
            ImportVerdict::Unreadable,
            "It does not say which template it was made from."
        )
    );
}
