//! A value on one line of a page.

use serde_json::Value;

use super::{label, sameness};

const LONGEST: usize = 200;

/// Below this, letters and digits are more likely a name or a checksum than a script.
const SHORTEST_SCRIPT: usize = 80;

/// One line of at most 200 characters; what is cut off ends in `…`.
///
/// Text stands without quotes, a script in base64 as `script, 1,234 characters`, other base64 as
/// `data, 1,234 bytes`; lists are joined with commas; nothing at all is an empty line.
pub fn short(value: &Value) -> String {
    cut(&line(value))
}

fn line(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => encoded(text).unwrap_or_else(|| one_line(text)),
        Value::Array(items) => items.iter().map(short).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let filled = members
                .iter()
                .filter(|(_, value)| !sameness::is_empty(value));
            let parts =
                filled.map(|(name, value)| format!("{}: {}", label::of_member(name), short(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        scalar => scalar.to_string(),
    }
}

fn one_line(text: &str) -> String {
    // More than can be shown, so that a long text is not copied as a whole.
    let start: String = text.trim_start().chars().take(4 * LONGEST).collect();
    let cut_off = text.trim_start().len() > start.len();
    let line = start.split_whitespace().collect::<Vec<_>>().join(" ");
    if cut_off { format!("{line}…") } else { line }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        None => line.to_owned(),
        Some(_) => {
            let start: String = line.chars().take(LONGEST - 1).collect();
            format!("{}…", start.trim_end())
        }
    }
}

/// What is said in place of base64; none for any other text.
fn encoded(text: &str) -> Option<String> {
    if text.len() < SHORTEST_SCRIPT || text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let bytes = decoded(text)?;
    let count = match std::str::from_utf8(&bytes) {
        Ok(script) if !script.contains('\0') => {
            Some(script.trim_start_matches('\u{feff}').chars().count())
        }
        // PowerShell's editors like to write UTF-16 with a byte order mark.
        _ if bytes.starts_with(&[0xff, 0xfe]) => Some((bytes.len() - 2) / 2),
        _ => None,
    };
    Some(match count {
        Some(count) => format!("script, {} characters", grouped(count)),
        None => format!("data, {} bytes", grouped(bytes.len())),
    })
}

/// The bytes of standard base64 (RFC 4648, section 4), broken into lines or not.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut digits, mut padding) = (0_u32, 0, 0, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        digits += 1;
        let digit = match byte {
            b'=' => {
                padding += 1;
                continue;
            }
            _ if padding > 0 => return None,
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (digits % 4 == 0 && padding <= 2).then_some(bytes)
}

fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Base64 of `count` capital A's; `count` is a multiple of three.
    fn encoded_letters(count: usize) -> String {
        "QUFB".repeat(count / 3)
    }

    #[test]
    fn values_stand_on_one_line_without_quotes() {
        for (value, line) in [
            (json!("text"), "text"),
            (json!("two\r\n  lines"), "two lines"),
            (json!(0), "0"),
            (json!(false), "false"),
            (json!(null), ""),
            (json!([]), ""),
            (json!(["a", 2, true]), "a, 2, true"),
            (
                json!({"omaUri": "./a", "empty": null, "value": 3}),
                "Oma uri: ./a, Value: 3",
            ),
            (json!([{"name": "a"}, {"name": "b"}]), "Name: a, Name: b"),
        ] {
            assert_eq!(short(&value), line);
        }
    }

    #[test]
    fn a_script_is_named_by_its_length() {
        assert_eq!(
            short(&json!(encoded_letters(1_234_566))),
            "script, 1,234,566 characters"
        );
        assert_eq!(
            short(&json!(encoded_letters(1_233) + "QQ==")),
            "script, 1,234 characters"
        );
        let utf16 = "//5BAEIA".to_owned() + &"QQBBAEEA".repeat(20);
        assert_eq!(short(&json!(utf16)), "script, 62 characters");
        let lines = format!("{}\r\n{}\r\n", encoded_letters(57), encoded_letters(57));
        assert_eq!(short(&json!(lines)), "script, 114 characters");
        let certificate = "MIIDdzCC".repeat(20);
        assert_eq!(short(&json!(certificate)), "data, 120 bytes");
    }

    #[test]
    fn what_only_resembles_base64_stays() {
        for text in [
            "QUFB".to_owned(),
            "0123456789abcdef".repeat(6),
            "device_vendor_msft_policy_config_".repeat(3),
            "A".repeat(81),
            encoded_letters(60) + "=A==",
        ] {
            assert_eq!(short(&json!(text)), text);
        }
    }

    #[test]
    fn a_line_ends_at_200_characters() {
        assert_eq!(short(&json!("ü".repeat(200))), "ü".repeat(200));
        for long in [
            json!("ü".repeat(201)),
            json!("ü".repeat(5000)),
            json!(vec!["ü"; 400]),
        ] {
            let line = short(&long);
            assert!(line.chars().count() <= 200 && line.ends_with('…'), "{line}");
        }
        // White space that is not shown does not count.
        assert_eq!(short(&json!(format!("a{}", " ".repeat(300)))), "a");
    }
}
