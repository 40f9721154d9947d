//! Cursors of lists that are sorted by name: the last name and id of a page, as URL-safe text.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::ServiceError;

/// The position after the row with this (lower-case) name and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameCursor {
    pub name: String,
    pub id: i64,
}

impl NameCursor {
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", self.id, self.name))
    }

    pub fn decode(text: &str) -> Result<Self, ServiceError> {
        let refused = || ServiceError::Invalid("cursor: not one that this site gave out".into());
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
        let decoded = String::from_utf8(bytes).map_err(|_| refused())?;
        let (id, name) = decoded.split_once(':').ok_or_else(refused)?;
        if name.contains('\0') {
            return Err(refused());
        }
        Ok(Self {
            name: name.to_owned(),
            id: id.parse().map_err(|_| refused())?,
        })
    }
}

/// `%text%` for `like`, with the pattern's own characters taken literally. A NUL, which no name can hold, is refused.
pub(crate) fn contains(text: &str) -> Result<String, ServiceError> {
    if text.contains('\0') || text.chars().count() > 200 {
        return Err(ServiceError::Invalid(
            "text: not a text that a name can hold".into(),
        ));
    }
    let literal = text
        .trim()
        .to_lowercase()
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    Ok(format!("%{literal}%"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_url_and_anything_else_is_refused() {
        let cursor = NameCursor {
            name: "win – ü:x".into(),
            id: 42,
        };
        assert_eq!(NameCursor::decode(&cursor.encode()).unwrap(), cursor);
        for text in ["", "%%%", "aGVsbG8", "eDp5"] {
            assert!(NameCursor::decode(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pattern_characters_are_searched_literally() {
        assert_eq!(contains(" 50%_A\\ ").unwrap(), r"%50\%\_a\\%");
    }
}
