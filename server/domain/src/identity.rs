//! What makes two requested runs the same work: tenant, type and inputs, hashed in this one place.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use crate::TenantId;

/// The inputs of a run: a JSON object.
pub type Inputs = Map<String, Value>;

/// SHA-256 of tenant, type and canonical inputs: 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct IdentityHash(String);

impl IdentityHash {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdentityHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// RFC 8785 writes every number as an IEEE double; this one would come out as another number.
    #[error("the number {0} can't be carried exactly; send it as text")]
    InexactNumber(String),
    #[error("the inputs can't be written as canonical JSON")]
    NotCanonical,
}

/// The identity of a run.
///
/// `sha256_hex("{tenant_id}|{type}|{json}")`, where `json` is the inputs in RFC 8785 canonical form.
pub fn run_identity_hash(
    tenant: TenantId,
    operation_type: &str,
    inputs: &Inputs,
) -> Result<IdentityHash, IdentityError> {
    let canonical = canonical_json(inputs)?;
    let text = format!("{tenant}|{operation_type}|{canonical}");
    Ok(IdentityHash(hex::encode(Sha256::digest(text.as_bytes()))))
}

/// RFC 8785 canonical JSON of the inputs; refuses integers that an IEEE double would round.
pub fn canonical_json(inputs: &Inputs) -> Result<String, IdentityError> {
    inputs.values().try_for_each(refuse_inexact)?;
    serde_json_canonicalizer::to_string(inputs).map_err(|_| IdentityError::NotCanonical)
}

fn refuse_inexact(value: &Value) -> Result<(), IdentityError> {
    match value {
        Value::Number(number) if !is_exact(number) => {
            Err(IdentityError::InexactNumber(number.to_string()))
        }
        Value::Array(items) => items.iter().try_for_each(refuse_inexact),
        Value::Object(members) => members.values().try_for_each(refuse_inexact),
        _ => Ok(()),
    }
}

/// Whether the canonical form spells the same integer. Doubles are spelled by RFC 8785 itself.
fn is_exact(number: &Number) -> bool {
    if number.is_f64() {
        return true;
    }
    serde_json_canonicalizer::to_string(number).is_ok_and(|text| text == number.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn inputs(json: &str) -> Inputs {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_published_test_vector_hashes_as_promised() {
        let hash = run_identity_hash(
            TenantId(1),
            "inventory.sync",
            &inputs(r#"{"b":[2,1],"a":{"y":null,"x":"é"}}"#),
        );
        assert_eq!(
            hash.unwrap().as_str(),
            "1ed5b080f074776fbc3b7f66eb4b329a9e151b5b589376aa166772e1dadd5f35"
        );
    }

    // RFC 8785, section 3.2.2 and 3.2.3 (appendix E holds the same object).
    #[test]
    fn canonical_form_matches_the_example_of_rfc_8785() {
        let example = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical_json(&inputs(example)).unwrap(), expected);
    }

    #[test]
    fn keys_are_sorted_by_utf16_code_units_as_in_rfc_8785() {
        let example = "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\",\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}";
        let canonical = canonical_json(&inputs(example)).unwrap();
        let order: Vec<usize> = [
            "Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew",
        ]
        .iter()
        .map(|word| canonical.find(word).unwrap())
        .collect();
        assert!(order.is_sorted(), "{canonical}");
    }

    // RFC 8785, appendix B: IEEE doubles and their canonical spelling.
    #[test]
    fn numbers_match_the_samples_of_rfc_8785() {
        let samples: [(u64, &str); 22] = [
            (0x0000000000000000, "0"),
            (0x8000000000000000, "0"),
            (0x0000000000000001, "5e-324"),
            (0x8000000000000001, "-5e-324"),
            (0x7fefffffffffffff, "1.7976931348623157e+308"),
            (0xffefffffffffffff, "-1.7976931348623157e+308"),
            (0x4340000000000000, "9007199254740992"),
            (0xc340000000000000, "-9007199254740992"),
            (0x4430000000000000, "295147905179352830000"),
            (0x44b52d02c7e14af5, "9.999999999999997e+22"),
            (0x44b52d02c7e14af6, "1e+23"),
            (0x44b52d02c7e14af7, "1.0000000000000001e+23"),
            (0x444b1ae4d6e2ef4e, "999999999999999700000"),
            (0x444b1ae4d6e2ef4f, "999999999999999900000"),
            (0x444b1ae4d6e2ef50, "1e+21"),
            (0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"),
            (0x3eb0c6f7a0b5ed8d, "0.000001"),
            (0x41b3de4355555553, "333333333.3333332"),
            (0x41b3de4355555554, "333333333.33333325"),
            (0x41b3de4355555555, "333333333.3333333"),
            (0x41b3de4355555556, "333333333.3333334"),
            (0xbecbf647612f3696, "-0.0000033333333333333333"),
        ];
        for (bits, expected) in samples {
            let number = Number::from_f64(f64::from_bits(bits)).unwrap();
            let object = Inputs::from_iter([("n".to_owned(), Value::Number(number))]);
            assert_eq!(
                canonical_json(&object).unwrap(),
                format!("{{\"n\":{expected}}}")
            );
        }
    }

    #[test]
    fn key_order_does_not_matter_at_any_depth_and_array_order_does() {
        let hash = |json| run_identity_hash(TenantId(7), "t", &inputs(json)).unwrap();
        assert_eq!(
            hash(r#"{"a":{"c":1,"b":[{"y":1,"x":2}]}}"#),
            hash(r#"{"a":{"b":[{"x":2,"y":1}],"c":1}}"#)
        );
        assert_ne!(hash(r#"{"a":[1,2]}"#), hash(r#"{"a":[2,1]}"#));
    }

    #[test]
    fn tenant_and_type_are_part_of_the_identity() {
        let none = Inputs::new();
        let hash = |tenant, kind| run_identity_hash(TenantId(tenant), kind, &none).unwrap();
        assert_ne!(hash(1, "inventory.sync"), hash(2, "inventory.sync"));
        assert_ne!(hash(1, "inventory.sync"), hash(1, "tenant.verify"));
    }

    #[test]
    fn integers_that_would_be_rounded_are_refused_wherever_they_stand() {
        for json in [
            r#"{"n":9007199254740993}"#,
            r#"{"n":-9007199254740993}"#,
            r#"{"n":18446744073709551615}"#,
            r#"{"n":[{"deep":9007199254740993}]}"#,
        ] {
            let refused = run_identity_hash(TenantId(1), "t", &inputs(json));
            assert!(
                matches!(refused, Err(IdentityError::InexactNumber(_))),
                "{json}"
            );
        }
        assert!(canonical_json(&inputs(r#"{"n":9007199254740992}"#)).is_ok());
    }
}
