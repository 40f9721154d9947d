//! Settings catalogs.

use serde_json::{Value, json};

use super::{
    CatalogNames, assert_changes, assert_same, choice, compare, groups, labels, many, policy, rule,
    simple,
};

const SCAN: &str = "device_vendor_msft_policy_config_defender_scan";

#[test]
fn settings_are_found_by_definition_wherever_they_stand() {
    let (one, two) = (choice("a", "1", vec![]), simple("b", 5));
    assert_same(
        &policy(vec![one.clone(), two.clone()]),
        &policy(vec![two.clone(), one.clone()]),
    );
    assert_changes(
        &policy(vec![one.clone(), two]),
        &policy(vec![simple("b", 6), one]),
        &[("settings/b", json!(5), json!(6))],
    );
}

#[test]
fn added_and_removed_settings_have_one_side_only() {
    assert_changes(
        &policy(vec![choice("a", "0", vec![])]),
        &policy(vec![simple("b", false)]),
        &[
            ("settings/a", json!("0"), json!(null)),
            ("settings/b", json!(null), json!(false)),
        ],
    );
}

#[test]
fn zero_and_false_are_values_and_empty_text_is_none() {
    assert_changes(
        &policy(vec![simple("a", 0), simple("b", ""), simple("c", false)]),
        &policy(vec![many("d", &[]), many("e", &[""])]),
        &[
            ("settings/a", json!(0), json!(null)),
            ("settings/c", json!(false), json!(null)),
        ],
    );
}

#[test]
fn a_choice_brings_its_children() {
    let on = choice(SCAN, "1", vec![simple(&format!("{SCAN}_days"), 7)]);
    let (off, on) = (policy(vec![choice(SCAN, "0", vec![])]), policy(vec![on]));
    assert_changes(
        &off,
        &on,
        &[
            (&format!("settings/{SCAN}"), json!("0"), json!("1")),
            (
                &format!("settings/{SCAN}/{SCAN}_days"),
                json!(null),
                json!(7),
            ),
        ],
    );
    assert_eq!(labels(&off, &on), ["Defender scan", "Defender scan › Days"]);
}

#[test]
fn settings_and_options_have_the_names_that_somebody_learnt() {
    let chosen = |value: &str| policy(vec![choice(SCAN, value, vec![])]);
    let names = CatalogNames::from(
        [
            (SCAN, "Scan every day"),
            (&format!("{SCAN}_1"), "Not allowed"),
            (&format!("{SCAN}_2"), "Allowed"),
            (&format!("{SCAN}_3"), "Allowed"),
        ]
        .map(|(id, name)| (id.to_owned(), name.to_owned())),
    );
    let told = |before: &str, after: &str| {
        let found = crate::diff::compare(&chosen(before), &chosen(after), &names);
        let only = found.into_iter().next().unwrap();
        (only.label, only.before.unwrap(), only.after.unwrap())
    };
    let label = || "Scan every day".to_owned();
    assert_eq!(
        told("1", "2"),
        (label(), json!("Not allowed"), json!("Allowed"))
    );
    // Two options of one name are told apart.
    let [second, third] = [2, 3].map(|option| json!(format!("{SCAN}_{option}")));
    assert_eq!(told("2", "3"), (label(), second, third));
    // What nobody learnt is called by its id.
    assert_eq!(told("1", "4").2, json!("4"));
}

#[test]
fn the_ids_of_a_policy_are_found_at_every_depth() {
    let inner = choice("inner", "b", vec![]);
    let policy = policy(vec![
        choice("outer", "a", vec![inner]),
        groups("rules", vec![vec![simple("rules_name", "x")]]),
        json!({"settingDefinitionId": "many", "choiceSettingCollectionValue": [{"value": "many_1", "children": []}]}),
    ]);
    let reusable = json!({"settingInstance": choice("alone", "c", vec![])});
    let found = crate::diff::catalog_ids([&policy, &reusable]);
    let expected = [
        "alone",
        "alone_c",
        "inner",
        "inner_b",
        "many",
        "many_1",
        "outer",
        "outer_a",
        "rules",
        "rules_name",
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn ids_and_references_to_templates_are_not_compared() {
    let mut one = policy(vec![choice("a", "1", vec![]), simple("b", 2)]);
    let other = one.clone();
    for index in 0..2 {
        let setting = &mut one["settings"][index];
        setting["id"] = json!("other");
        setting["settingDefinitions@odata.associationLink"] = json!("https://graph.example");
        let instance = &mut setting["settingInstance"];
        instance["settingInstanceTemplateReference"] = json!({"settingInstanceTemplateId": "t"});
    }
    let reference = json!({"settingValueTemplateId": "v", "useTemplateDefault": false});
    let instance = &mut one["settings"][0]["settingInstance"];
    instance["choiceSettingValue"]["settingValueTemplateReference"] = reference;
    assert_same(&one, &other);
}

#[test]
fn a_value_of_another_type_is_a_difference() {
    assert_changes(
        &policy(vec![simple("a", "5")]),
        &policy(vec![simple("a", 5)]),
        &[("settings/a", json!("5"), json!(5))],
    );
    let mut secret = policy(vec![simple("a", "x")]);
    let kind = "#microsoft.graph.deviceManagementConfigurationSecretSettingValue";
    secret["settings"][0]["settingInstance"]["simpleSettingValue"]["@odata.type"] = json!(kind);
    let found = compare(&policy(vec![simple("a", "x")]), &secret);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].after.as_ref().unwrap()["@odata.type"], kind);
}

#[test]
fn onboarding_to_a_tenants_defender_is_never_compared() {
    let product = "device_vendor_msft_windowsadvancedthreatprotection";
    let onboarding = |blob: &str| {
        let parts = [
            "onboarding",
            "onboarding_fromconnector",
            "offboarding",
            "offboarding_fromconnector",
        ];
        let mut settings: Vec<Value> = parts
            .iter()
            .map(|part| simple(&format!("{product}_{part}"), blob))
            .collect();
        let below = vec![simple(&format!("{product}_onboarding"), blob)];
        settings.push(choice(&format!("{product}_configurationtype"), "on", below));
        policy(settings)
    };
    assert_same(&onboarding("one tenant's"), &onboarding("another's"));
    let found = compare(&onboarding("x"), &policy(vec![]));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_reusable_setting_and_an_unknown_kind_of_setting_are_compared() {
    let reusable = |value: i64| json!({"displayName": "R", "settingInstance": simple("a", value)});
    assert_changes(
        &reusable(1),
        &reusable(2),
        &[("settings/a", json!(1), json!(2))],
    );
    let future = |value: i64| {
        policy(vec![
            json!({"settingDefinitionId": "a", "newValue": {"n": value}}),
        ])
    };
    assert_changes(
        &future(1),
        &future(2),
        &[("settings/a/newValue/n", json!(1), json!(2))],
    );
}

#[test]
fn a_thousand_settings_are_compared_in_linear_time() {
    let many = |shift: i64| {
        let rules = (0..1000)
            .map(|index| rule(&format!("rule {index}"), index + shift))
            .collect();
        let mut settings: Vec<Value> = (0..1000)
            .map(|index| simple(&format!("s{index}"), index + shift))
            .collect();
        settings.push(groups("rules", rules));
        policy(settings)
    };
    // Quadratic matching of texts would take minutes here.
    let (before, after) = (many(0), many(1));
    assert_eq!(compare(&before, &after).len(), 2000);
}
