//! Collections in settings catalogs: sets of values, and groups of settings.

use serde_json::json;

use super::{assert_changes, assert_same, groups, labels, many, policy, rule, simple};

#[test]
fn collections_of_values_are_sets() {
    assert_same(
        &policy(vec![many("a", &["x", "y", "x"])]),
        &policy(vec![many("a", &["y", "x"])]),
    );
    assert_changes(
        &policy(vec![many("a", &["x", "y"])]),
        &policy(vec![many("a", &["y", "z"])]),
        &[("settings/a", json!(["x", "y"]), json!(["y", "z"]))],
    );
}

#[test]
fn collections_of_choices_are_sets_of_readable_options() {
    let chosen = |options: &[&str]| {
        let options = options.iter().map(|option| {
            let children = if *option == "other" {
                json!([simple("a_other_text", "t")])
            } else {
                json!([])
            };
            json!({"value": format!("a_{option}"), "children": children})
        });
        policy(vec![json!({
            "settingDefinitionId": "a",
            "choiceSettingCollectionValue": options.collect::<Vec<_>>(),
        })])
    };
    assert_same(&chosen(&["x", "y"]), &chosen(&["y", "x", "x"]));
    assert_changes(
        &chosen(&["x"]),
        &chosen(&["x", "other"]),
        &[
            ("settings/a", json!(["x"]), json!(["x", "other"])),
            ("settings/a/a_other/a_other_text", json!(null), json!("t")),
        ],
    );
}

#[test]
fn entries_of_a_collection_may_change_places() {
    assert_same(
        &policy(vec![groups(
            "rules",
            vec![rule("web", 80), rule("mail", 25)],
        )]),
        &policy(vec![groups(
            "rules",
            vec![rule("mail", 25), rule("web", 80)],
        )]),
    );
}

#[test]
fn a_named_entry_is_found_by_its_name() {
    let before = policy(vec![groups(
        "rules",
        vec![rule("web", 80), rule("a/b#1", 25), rule("dns", 53)],
    )]);
    let after = policy(vec![groups(
        "rules",
        vec![rule("dns", 53), rule("a/b#1", 26), rule("web", 81)],
    )]);
    assert_changes(
        &before,
        &after,
        &[
            (
                "settings/rules/[a%2Fb%231]/rules_{rule}_port",
                json!(25),
                json!(26),
            ),
            (
                "settings/rules/[web]/rules_{rule}_port",
                json!(80),
                json!(81),
            ),
        ],
    );
    assert_eq!(
        labels(&before, &after),
        ["Rules › a/b#1 › Port", "Rules › web › Port"]
    );
}

#[test]
fn entries_without_a_name_of_their_own_are_found_by_content_then_in_order() {
    let entry = |text: &str| vec![simple("list_text", text)];
    let list = |texts: &[&str]| {
        policy(vec![groups(
            "list",
            texts.iter().map(|text| entry(text)).collect(),
        )])
    };
    assert_same(&list(&["a", "b", "a"]), &list(&["a", "a", "b"]));
    assert_changes(
        &list(&["a", "b", "c"]),
        &list(&["c", "x", "a"]),
        &[("settings/list/[#1]/list_text", json!("b"), json!("x"))],
    );
    // A repetition does not vanish in the first of its kind.
    assert_changes(
        &list(&["a"]),
        &list(&["a", "a"]),
        &[("settings/list/[#1]/list_text", json!(null), json!("a"))],
    );
    assert_eq!(labels(&list(&["a"]), &list(&["b"])), ["List › Text"]);
    assert_eq!(
        labels(&list(&["a", "b"]), &list(&["a"])),
        ["List › entry 1 › Text"]
    );
}

#[test]
fn a_shared_name_identifies_only_what_equal_entries_left_over() {
    let list = |ports: &[i64]| {
        let entries = ports.iter().map(|port| rule("web", *port));
        policy(vec![groups("rules", entries.collect())])
    };
    assert_changes(
        &list(&[80, 81, 82]),
        &list(&[82, 80, 90]),
        &[(
            "settings/rules/[web]/rules_{rule}_port",
            json!(81),
            json!(90),
        )],
    );
    assert_changes(
        &list(&[80, 81, 82]),
        &list(&[90, 82, 91]),
        &[
            (
                "settings/rules/[#1]/rules_{rule}_port",
                json!(80),
                json!(90),
            ),
            (
                "settings/rules/[#2]/rules_{rule}_port",
                json!(81),
                json!(91),
            ),
        ],
    );
}

#[test]
fn a_renamed_entry_differs_in_its_name() {
    assert_changes(
        &policy(vec![groups(
            "rules",
            vec![rule("web", 80), rule("dns", 53)],
        )]),
        &policy(vec![groups(
            "rules",
            vec![rule("dns", 53), rule("www", 80)],
        )]),
        &[(
            "settings/rules/[#1]/rules_{rule}_name",
            json!("web"),
            json!("www"),
        )],
    );
}

#[test]
fn one_definition_twice_in_one_entry_does_not_collapse() {
    let list = |texts: &[&str]| {
        let children = texts
            .iter()
            .map(|text| simple("list_text", *text))
            .collect();
        policy(vec![groups("list", vec![children])])
    };
    assert_same(&list(&["a", "b"]), &list(&["b", "a"]));
    assert_changes(
        &list(&["a", "b"]),
        &list(&["b", "c"]),
        &[("settings/list/[#1]/list_text/[#1]", json!("a"), json!("c"))],
    );
}

#[test]
fn collections_within_collections_are_matched_as_well() {
    let list = |members: [&[&str]; 2]| {
        let entry = |members: &&[&str]| {
            let inner = vec![vec![many("list_group_users", members)]];
            vec![groups("list_group", inner)]
        };
        policy(vec![groups("list", members.iter().map(entry).collect())])
    };
    assert_same(&list([&["a", "b"], &["c"]]), &list([&["c"], &["b", "a"]]));
    assert_changes(
        &list([&["a"], &["c"]]),
        &list([&["c"], &["d"]]),
        &[(
            "settings/list/[#1]/list_group/[#1]/list_group_users",
            json!(["a"]),
            json!(["d"]),
        )],
    );
}
