//! Where a page of a list begins: an opaque text in the URL, never an offset.

use std::{fmt, str::FromStr};

use crate::{AuditEventId, RunId};

/// A position in a list, newest first, of records that are made in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Cursor<Id> {
    /// Records older than this one.
    Older(Id),
    /// Records newer than this one.
    Newer(Id),
}

/// A position in the list of runs.
pub type RunCursor = Cursor<RunId>;
/// A position in the audit log.
pub type AuditCursor = Cursor<AuditEventId>;

impl<Id: fmt::Display> fmt::Display for Cursor<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older(id) => write!(f, "o{id}"),
            Self::Newer(id) => write!(f, "n{id}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page's cursor is not one that this site gave out")]
pub struct BadCursor;

impl<Id: FromStr> FromStr for Cursor<Id> {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // An id's own reading takes signs too.
        let id = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| plain)
        };
        match text.split_at_checked(1) {
            Some(("o", digits)) => id(digits).map(Self::Older),
            Some(("n", digits)) => id(digits).map(Self::Newer),
            _ => None,
        }
        .ok_or(BadCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_url_and_anything_else_is_refused() {
        for cursor in [RunCursor::Older(RunId(42)), RunCursor::Newer(RunId(7))] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in ["", "o", "42", "x42", "o-1", "o+1", "o 1", "é1", "o1'--"] {
            assert_eq!(text.parse::<RunCursor>(), Err(BadCursor), "{text}");
        }
    }
}
