//! The text of a file: UTF-8 or UTF-16, with a byte-order mark or without.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use thiserror::Error;

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    #[error("not valid UTF-8 at byte {0}")]
    Utf8(usize),
    #[error("not valid UTF-16")]
    Utf16,
}

/// The text of a file, without its byte-order mark.
///
/// # Errors
/// The encoding that the bytes begin in and do not keep.
pub fn decode(bytes: &[u8]) -> Result<String, DecodeError> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, UTF_16LE),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, UTF_16BE),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        // JSON begins with an ASCII character, so a zero beside it betrays UTF-16 without a mark.
        [first, 0, ..] if *first != 0 => utf16(bytes, UTF_16LE),
        [0, second, ..] if *second != 0 => utf16(bytes, UTF_16BE),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, DecodeError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(DecodeError::Utf8(error.valid_up_to())),
    }
}

fn utf16(bytes: &[u8], encoding: &'static Encoding) -> Result<String, DecodeError> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.map(Into::into).ok_or(DecodeError::Utf16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"name":"Größe 🔒"}"#;

    fn units(order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        TEXT.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_encoding_reads_the_same_with_a_mark_and_without() {
        let (little, big) = (units(u16::to_le_bytes), units(u16::to_be_bytes));
        for bytes in [
            TEXT.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", TEXT.as_bytes()].concat(),
            [b"\xFF\xFE", &little[..]].concat(),
            [b"\xFE\xFF", &big[..]].concat(),
            little,
            big,
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok(TEXT), "{bytes:?}");
        }
        assert_eq!(decode(b"").as_deref(), Ok(""));
    }

    #[test]
    fn what_no_encoding_explains_is_named() {
        assert_eq!(decode(b"{\"a\": \"\xFF\"}"), Err(DecodeError::Utf8(7)));
        assert_eq!(decode(b"\xFF\xFE{"), Err(DecodeError::Utf16));
        assert_eq!(decode(b"\xFF\xFE\x00\xD8{\x00"), Err(DecodeError::Utf16));
    }
}
