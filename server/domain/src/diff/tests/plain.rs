//! Policies of every other kind.

use serde_json::{Value, json};

use super::{assert_changes, assert_same, compare, labels};

#[test]
fn nothing_in_any_form_is_nothing() {
    let forms = [
        json!({}),
        json!({"a": null}),
        json!({"a": ""}),
        json!({"a": []}),
        json!({"a": {}}),
        json!({"a": {"b": [null]}}),
    ];
    for one in &forms {
        for other in &forms {
            assert_same(one, other);
        }
        for value in [json!(0), json!(false), json!("x"), json!([0])] {
            assert_changes(
                one,
                &json!({"a": value}),
                &[("a", json!(null), value.clone())],
            );
        }
    }
    assert_same(&json!(null), &json!({}));
}

#[test]
fn members_are_compared_at_every_depth() {
    let (before, after) = (
        json!({"displayName": "P", "conditions": {"clientApps": {"block/all": true, "days": 1}}}),
        json!({"displayName": "P", "conditions": {"clientApps": {"block/all": false}}}),
    );
    assert_changes(
        &before,
        &after,
        &[
            (
                "conditions/clientApps/block%2Fall",
                json!(true),
                json!(false),
            ),
            ("conditions/clientApps/days", json!(1), json!(null)),
        ],
    );
    assert_eq!(
        labels(&before, &after),
        [
            "Conditions › Client apps › Block/all",
            "Conditions › Client apps › Days"
        ]
    );
}

#[test]
fn an_objects_type_is_compared_and_annotations_are_not() {
    let (before, after) = (
        json!({"@odata.type": "#microsoft.graph.a", "x@odata.type": "#Int64", "@odata.etag": "1", "x": 1}),
        json!({"@odata.type": "#microsoft.graph.b", "#microsoft.graph.assign": {"title": "t"}, "x": 1.0}),
    );
    assert_changes(
        &before,
        &after,
        &[(
            "@odata.type",
            json!("#microsoft.graph.a"),
            json!("#microsoft.graph.b"),
        )],
    );
    assert_eq!(labels(&before, &after), ["Type"]);
}

#[test]
fn lists_of_scalars_are_sets() {
    assert_same(
        &json!({"a": ["x", "y", "x"]}),
        &json!({"a": ["y", "x", null]}),
    );
    assert_changes(
        &json!({"a": ["x", "y"]}),
        &json!({"a": ["x"]}),
        &[("a", json!(["x", "y"]), json!(["x"]))],
    );
}

#[test]
fn lists_of_whom_to_include_or_exclude_are_sets_of_objects() {
    for member in ["includeApps", "excludeApps", "include"] {
        let apps = |names: &[&str]| {
            let apps: Vec<Value> = names
                .iter()
                .map(|name| json!({"app": name, "none": null}))
                .collect();
            json!({member: apps})
        };
        assert_same(&apps(&["a", "b", "a"]), &apps(&["b", "a"]));
        let (one, two) = (apps(&["a"]), apps(&["b", "a"]));
        assert_changes(
            &one,
            &two,
            &[(member, one[member].clone(), two[member].clone())],
        );
    }
    let included =
        |names: [&str; 2]| json!({"includedApps": names.map(|name| json!({"app": name}))});
    assert_eq!(
        compare(&included(["a", "b"]), &included(["b", "a"])).len(),
        2
    );
}

#[test]
fn objects_are_found_by_id_or_by_type_and_name_if_these_tell_them_apart() {
    let by = |key: &str, entries: [(&str, i64); 2]| json!({"list": entries.map(|(name, n)| json!({key: name, "n": n}))});
    for key in ["id", "displayName", "omaUri", "ruleName"] {
        assert_same(
            &by(key, [("x", 1), ("y", 2)]),
            &by(key, [("y", 2), ("x", 1)]),
        );
        let path = "list/[x]/n";
        let (before, after) = (by(key, [("x", 1), ("y", 2)]), by(key, [("y", 2), ("x", 3)]));
        assert_changes(&before, &after, &[(path, json!(1), json!(3))]);
    }
    let typed = |kinds: [&str; 2]| json!({"list": kinds.map(|kind| json!({"@odata.type": kind, "name": "same"}))});
    assert_same(&typed(["a", "b"]), &typed(["b", "a"]));
}

#[test]
fn other_objects_are_found_by_position() {
    let list = |numbers: &[i64]| {
        let list: Vec<Value> = numbers
            .iter()
            .map(|n| json!({"name": "same", "n": n}))
            .collect();
        json!({"list": list})
    };
    assert_changes(
        &list(&[1, 2, 3]),
        &list(&[1, 3, 3, 0]),
        &[
            ("list/[#2]/n", json!(2), json!(3)),
            ("list/[#4]/n", json!(null), json!(0)),
            ("list/[#4]/name", json!(null), json!("same")),
        ],
    );
    assert_changes(
        &json!({"list": [[1, 2], [{"a": 1}]]}),
        &json!({"list": [[2, 1], [{"a": 2}]]}),
        &[("list/[#2]", json!([{"a": 1}]), json!([{"a": 2}]))],
    );
}

#[test]
fn an_intents_settings_are_found_by_definition_and_their_ids_do_not_count() {
    let setting = |id: &str, definition: &str, value: &str| json!({"id": id, "definitionId": definition, "valueJson": value});
    assert_changes(
        &json!({"settings": [setting("1", "a", "true"), setting("2", "b", "3")]}),
        &json!({"settings": [setting("8", "b", "4"), setting("9", "a", "true")]}),
        &[("settings/[b]/valueJson", json!("3"), json!("4"))],
    );
}

#[test]
fn a_script_is_given_whole() {
    let script = "QUFB".repeat(5000);
    assert_changes(
        &json!({"scriptContent": script}),
        &json!({"scriptContent": "QQ=="}),
        &[("scriptContent", json!(script), json!("QQ=="))],
    );
}

#[test]
fn a_number_is_compared_by_worth_and_text_is_no_number() {
    assert_same(&json!({"a": 5, "b": [1]}), &json!({"a": 5.0, "b": [1.0]}));
    for (one, other) in [
        (json!(5), json!("5")),
        (json!(5), json!(5.5)),
        (json!(1), json!(true)),
        (json!(u64::MAX), json!(u64::MAX - 1)),
    ] {
        assert_changes(
            &json!({"a": one}),
            &json!({"a": other}),
            &[("a", one.clone(), other.clone())],
        );
    }
}

#[test]
fn differences_are_ordered_by_path() {
    let found = compare(&json!({"b": 1, "a": {"z": 1}, "a-": 1}), &json!({}));
    let paths: Vec<&str> = found
        .iter()
        .map(|difference| difference.path.as_str())
        .collect();
    assert_eq!(paths, ["a-", "a/z", "b"]);
}
