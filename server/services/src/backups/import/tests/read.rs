#![allow(clippy::unwrap_used)]
use super::*;

const ID: &str = "0b45c0f5-1111-4222-8333-444455556666";

fn catalog(id: Option<&str>, name: &str, value: i64) -> Value {
    let mut policy = json!({"name": name, "technologies": "mdm",
        "settings": [{"id": "0", "settingInstance": {"settingDefinitionId": "a", "simpleSettingValue": {"value": value}}}]});
    if let Some(id) = id {
        policy["id"] = json!(id);
    }
    policy
}

pub(in super::super) fn file(name: &str, content: &Value) -> SentFile {
    SentFile {
        name: name.to_owned(),
        bytes: Some(content.to_string().into_bytes()),
    }
}

pub(in super::super) fn lines(files: Vec<SentFile>) -> Vec<Line> {
    read(files, Limits::default())
}

fn id(line: &Line) -> &str {
    &line.policy.as_ref().unwrap().graph_id
}

#[test]
fn the_same_policy_twice_is_named_and_two_of_one_name_are_both_kept() {
    let read = lines(vec![
        file("a.json", &catalog(Some(ID), "A", 1)),
        file("copy of a.json", &catalog(Some(ID), "A", 1)),
        file("newer a.json", &catalog(Some(ID), "A", 2)),
        file("without id.json", &catalog(None, "A", 1)),
        file("renamed.json", &catalog(Some(ID), "B", 1)),
        file("other.json", &catalog(None, "A", 3)),
        file("another.json", &catalog(None, "A", 4)),
    ]);
    let reasons: Vec<_> = read.iter().map(|line| line.reason.as_deref()).collect();
    assert_eq!(
        reasons,
        [
            None,
            Some("The same policy as in a.json."),
            Some("Another state of the policy in a.json; a set holds one, the first."),
            Some("The same policy as in a.json."),
            Some("Another name than in a.json, which has its id; it got an id of its own."),
            None,
            None
        ]
    );
    let imported: Vec<&Line> = read.iter().filter(|line| line.policy.is_some()).collect();
    assert_eq!(imported.len(), 4);
    assert_ne!(id(imported[0]), id(imported[1]));
    assert_ne!(id(imported[2]), id(imported[3]));
}

#[test]
fn a_missing_id_is_taken_from_the_name_or_made_the_same_every_time() {
    let named = lines(vec![file(
        &format!("Settings Catalog/A__{ID}.json"),
        &catalog(None, "A", 1),
    )]);
    assert_eq!(id(&named[0]), ID);
    let made = |value| {
        let read = lines(vec![file("a.json", &catalog(None, "A", value))]);
        id(&read[0]).to_owned()
    };
    assert_eq!(made(1), made(2));
    // What no service would have made could not be stored either.
    let long = "x".repeat(5000);
    let read = lines(vec![file("a.json", &catalog(Some(&long), "A", 1))]);
    assert_eq!(id(&read[0]), made(1));
}

#[test]
fn names_of_one_file_serve_the_policies_of_another_whatever_their_order() {
    let mut policy = catalog(Some(ID), "A", 1);
    policy["roleScopeTagIds"] = json!(["0", "7"]);
    policy["assignments"] = json!([{"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "AB-1"}}]);
    let tag =
        json!({"@odata.type": "#microsoft.graph.roleScopeTag", "id": "7", "displayName": "Emea"});
    let table = json!({"Objects": [{"Id": "ab-1", "DisplayName": "Sales", "Type": "Group"}]});
    let read = lines(vec![
        file("a.json", &policy),
        file("tag.json", &tag),
        file("MigrationTable.json", &table),
    ]);
    let names = &read[0].policy.as_ref().unwrap().names;
    assert_eq!(names.groups["ab-1"], "Sales");
    assert_eq!(names.scope_tags["7"], "Emea");
    assert_eq!(read[2].verdict, ImportVerdict::NotAPolicy);
}

#[test]
fn names_of_files_are_bounded_and_carry_no_secret() {
    let long = format!("{}.json", "ä".repeat(400));
    let read = lines(vec![
        file(&long, &json!({})),
        file("a\u{0}\u{7}\nb.json", &json!({})),
        file("password=hunter2.json", &json!({})),
    ]);
    assert_eq!(read[0].file.chars().count(), 200);
    assert_eq!(read[1].file, "ab.json");
    assert!(!read[2].file.contains("hunter2"), "{}", read[2].file);
}

#[test]
fn numbers_that_can_not_be_kept_exactly_spoil_one_file_alone() {
    let mut odd = catalog(Some(ID), "Odd", 1);
    odd["settings"][0]["settingInstance"]["simpleSettingValue"]["value"] = json!(u64::MAX);
    let read = lines(vec![
        file("odd.json", &odd),
        file("good.json", &catalog(None, "Good", 1)),
    ]);
    assert_eq!(read[1].verdict, ImportVerdict::Imported);
    assert!(
        matches!(
            read[0].verdict,
            ImportVerdict::Unreadable | ImportVerdict::Imported
        ),
        "{:?}",
        read[0]
    );
}

#[test]
fn a_policy_without_what_it_consists_of_is_refused_and_an_empty_one_is_taken() {
    let address = |segment: &str| {
        json!({"@odata.context": format!("https://graph.microsoft.com/beta/$metadata#deviceManagement/{segment}/$entity"),
            "name": "A", "displayName": "A"})
    };
    let mut empty = address("configurationPolicies");
    empty["settings"] = json!([]);
    let read = lines(vec![
        file("a.json", &address("configurationPolicies")),
        file("b.json", &address("groupPolicyConfigurations")),
        file("c.json", &empty),
        file("d.json", &address("deviceConfigurations")),
    ]);
    let verdicts: Vec<_> = read.iter().map(|line| line.verdict).collect();
    let (bad, good) = (ImportVerdict::Unreadable, ImportVerdict::Imported);
    assert_eq!(verdicts, [bad, bad, good, good]);
    let reason = read[1].reason.as_deref().unwrap();
    assert!(
        reason.starts_with("It comes without its definitionValues"),
        "{reason}"
    );
}
