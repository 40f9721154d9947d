#![allow(clippy::unwrap_used)]
use super::*;

fn encoded(policy: Value) -> Value {
    let mut policy = policy.as_object().unwrap().clone();
    with_encoded(&mut policy);
    Value::Object(policy)
}

#[test]
fn a_payload_that_was_decoded_is_encoded_again_and_any_other_is_left_alone() {
    for payload in [
        json!({"kind": "androidenterprise#managedConfiguration", "managedProperty": [{"key": "ü", "valueBool": true}]}),
        json!([1]),
    ] {
        let policy = encoded(json!({"payloadJson": payload}));
        let bytes = STANDARD
            .decode(policy["payloadJson"].as_str().unwrap())
            .unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), payload);
    }
    for untouched in [
        json!({"payloadJson": "e30="}),
        json!({"payloadJson": null}),
        json!({}),
    ] {
        assert_eq!(encoded(untouched.clone()), untouched);
    }
}

#[test]
fn a_value_that_was_asked_for_is_taken_out_of_the_answer_and_stays_a_secret() {
    let policy = encoded(json!({"omaSettings": [
        {"omaUri": "./a", "isEncrypted": false, "value": {"@odata.context": "x", "value": "plain"}},
        {"omaUri": "./b", "isEncrypted": false, "value": "open"}, {"omaUri": "./c", "value": 7}]}));
    assert_eq!(
        policy,
        json!({"omaSettings": [
            {"omaUri": "./a", "isEncrypted": true, "value": "plain"},
            {"omaUri": "./b", "isEncrypted": false, "value": "open"}, {"omaUri": "./c", "value": 7}]})
    );
}
