//! Administrative templates.

use serde_json::{Value, json};

use super::{assert_changes, assert_same, labels};

fn policy(values: &[Value]) -> Value {
    json!({"displayName": "Templates", "definitionValues": values})
}

fn value(id: Option<&str>, name: &str, enabled: bool, presented: Value) -> Value {
    let mut definition =
        json!({"displayName": name, "classType": "machine", "categoryPath": "\\Office"});
    if let Some(id) = id {
        definition["id"] = json!(id);
    }
    json!({"id": "of this value", "enabled": enabled, "definition": definition, "presentationValues": presented})
}

fn text(id: &str, label: &str, value: &str) -> Value {
    json!({
        "id": format!("of this value, {value}"),
        "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
        "presentation": {"id": id, "label": label},
        "value": value,
    })
}

#[test]
fn values_are_found_by_their_definition_and_their_ids_do_not_count() {
    let (one, two) = (
        value(Some("1"), "One", true, json!([])),
        value(Some("2"), "Two", false, json!([])),
    );
    let mut moved = one.clone();
    moved["id"] = json!("another");
    assert_same(
        &policy(&[one.clone(), two.clone()]),
        &policy(&[two.clone(), moved]),
    );
    assert_changes(
        &policy(&[one, two.clone()]),
        &policy(&[value(Some("1"), "One", false, json!([])), two]),
        &[("definitionValues/[1]", json!("Enabled"), json!("Disabled"))],
    );
}

#[test]
fn a_definition_set_twice_does_not_collapse() {
    let set = |states: [bool; 2]| policy(&states.map(|on| value(Some("1"), "One", on, json!([]))));
    assert_same(&set([true, false]), &set([false, true]));
    assert_same(&set([true, true]), &set([true, true]));
    assert_changes(
        &set([true, true]),
        &policy(&[value(Some("1"), "One", true, json!([]))]),
        &[("definitionValues/[1]", json!("Enabled"), json!(null))],
    );
}

#[test]
fn without_an_id_a_definition_is_known_by_class_name_and_category() {
    let (before, after) = (
        policy(&[
            value(None, "One", true, json!([])),
            value(None, "Two", true, json!([])),
        ]),
        policy(&[value(None, "Two", false, json!([]))]),
    );
    assert_changes(
        &before,
        &after,
        &[
            (
                "definitionValues/[machine:One:\\Office]",
                json!("Enabled"),
                json!(null),
            ),
            (
                "definitionValues/[machine:Two:\\Office]",
                json!("Enabled"),
                json!("Disabled"),
            ),
        ],
    );
    assert_eq!(labels(&before, &after), ["One", "Two"]);
    // An uploaded template's ids differ from tenant to tenant; one side may have been read without them.
    for (one, other) in [(Some("1"), Some("9")), (Some("1"), None)] {
        assert_same(
            &policy(&[value(one, "One", true, json!([]))]),
            &policy(&[value(other, "One", true, json!([]))]),
        );
    }
}

#[test]
fn the_same_name_for_users_and_for_machines_is_two_settings() {
    let machine = value(None, "One", true, json!([]));
    let mut user = machine.clone();
    user["definition"]["classType"] = json!("user");
    let (before, after) = (policy(&[machine]), policy(&[user]));
    assert_eq!(labels(&before, &after), ["One", "One (user)"]);
}

#[test]
fn presented_values_are_found_by_their_presentation() {
    let set = |presented| policy(&[value(Some("1"), "One", true, presented)]);
    assert_same(
        &set(json!([text("p", "Path:", "x"), text("q", "Query", "y")])),
        &set(json!([text("q", "Query", "y"), text("p", "Path", "x")])),
    );
    let (before, after) = (
        set(json!([text("p", "Path:", "x"), text("q", "", "y")])),
        set(json!([text("p", "Path:", "z")])),
    );
    assert_changes(
        &before,
        &after,
        &[
            (
                "definitionValues/[1]/presentationValues/[p]",
                json!("x"),
                json!("z"),
            ),
            (
                "definitionValues/[1]/presentationValues/[q]",
                json!("y"),
                json!(null),
            ),
        ],
    );
    assert_eq!(labels(&before, &after), ["One › Path", "One › Value"]);
}

#[test]
fn lists_are_sets_and_zero_is_a_value() {
    let set = |member: &str, given: Value| {
        let mut presented = json!({"presentation": {"id": "p", "label": "List"}});
        presented[member] = given;
        policy(&[value(Some("1"), "One", true, json!([presented]))])
    };
    let pairs = |names: [&str; 2]| {
        set(
            "values",
            json!(names.map(|name| json!({"name": name, "value": null}))),
        )
    };
    assert_same(&pairs(["a", "b"]), &pairs(["b", "a"]));
    let path = "definitionValues/[1]/presentationValues/[p]";
    assert_changes(
        &set("values", json!([{"name": "a", "value": "1"}])),
        &set("values", json!([{"name": "a", "value": "2"}])),
        &[(path, json!(["a: 1"]), json!(["a: 2"]))],
    );
    assert_changes(
        &set("value", json!(0)),
        &set("value", json!("")),
        &[(path, json!(0), json!(null))],
    );
}

#[test]
fn a_reference_stands_for_what_was_not_read_with_it() {
    let bound = json!({
        "enabled": true,
        "definition@odata.bind": "https://graph.example/beta/deviceManagement/groupPolicyDefinitions('1')",
        "presentationValues": [{
            "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
            "presentation@odata.bind": "https://graph.example/beta/presentations('p')",
            "value": "x",
        }],
    });
    let read = value(Some("1"), "One", true, json!([text("p", "Path", "x")]));
    assert_same(&policy(&[bound]), &policy(&[read]));
}
