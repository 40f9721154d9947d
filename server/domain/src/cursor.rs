//! Where a page of a list begins: an opaque text in the URL, never an offset.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use crate::{AuditEventId, RunId};

/// Where a page of a list, newest first, lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Cursor<At> {
    /// Records older than the one at this place.
    Older(At),
    /// Records newer than the one at this place.
    Newer(At),
}

/// A place in the list of runs, which is sorted by when they were created; the id decides between equals.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct RunPosition {
    pub created_at: DateTime<Utc>,
    pub id: RunId,
}

pub type RunCursor = Cursor<RunPosition>;
/// The audit log is in the order of its ids.
pub type AuditCursor = Cursor<AuditEventId>;

impl<At: fmt::Display> fmt::Display for Cursor<At> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older(at) => write!(f, "o{at}"),
            Self::Newer(at) => write!(f, "n{at}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page's cursor is not one that this site gave out")]
pub struct BadCursor;

impl<At: FromStr> FromStr for Cursor<At> {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (way, at) = text.split_at_checked(1).ok_or(BadCursor)?;
        // A number's own reading takes signs too.
        if !at.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(BadCursor);
        }
        let at = at.parse().map_err(|_| BadCursor)?;
        match way {
            "o" => Ok(Self::Older(at)),
            "n" => Ok(Self::Newer(at)),
            _ => Err(BadCursor),
        }
    }
}

impl fmt::Display for RunPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Microseconds, as the database keeps them.
        write!(f, "{}-{}", self.created_at.timestamp_micros(), self.id)
    }
}

impl FromStr for RunPosition {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        position(text).ok_or(BadCursor)
    }
}

fn position(text: &str) -> Option<RunPosition> {
    let (micros, id) = text.split_once('-')?;
    // Digits alone: `parse` would take a sign too.
    let number = |digits: &str| i64::try_from(digits.parse::<u64>().ok()?).ok();
    let plain = !text.contains('+');
    // PostgreSQL knows no later year than this, and chrono one that is earlier still.
    let created_at = DateTime::from_timestamp_micros(number(micros)?)?;
    (plain && created_at < DateTime::from_timestamp(LAST_SECOND, 0)?).then_some(RunPosition {
        created_at,
        id: RunId(number(id)?),
    })
}

/// The beginning of the year 10000.
const LAST_SECOND: i64 = 253_402_300_800;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64, id: i64) -> RunPosition {
        RunPosition {
            created_at: DateTime::from_timestamp_micros(micros).unwrap_or_default(),
            id: RunId(id),
        }
    }

    #[test]
    fn a_cursor_survives_the_url_and_anything_else_is_refused() {
        for cursor in [
            RunCursor::Older(at(1_795_000_000_000_001, 42)),
            RunCursor::Newer(at(0, 7)),
        ] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in [
            "",
            "o",
            "o42",
            "x1-42",
            "o-1",
            "o1--1",
            "o+1-1",
            "o1-+1",
            "o 1-2",
            "é1-2",
            "o1-2'--",
            "o9223372036854775807-1",
            "o99999999999999999999-1",
        ] {
            assert_eq!(text.parse::<RunCursor>(), Err(BadCursor), "{text}");
        }
    }

    #[test]
    fn a_cursor_of_the_audit_log_is_a_plain_number() {
        let cursor = AuditCursor::Older(AuditEventId(42));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "o", "42", "x42", "o-1", "o+1", "o 1", "é1", "o1'--"] {
            assert_eq!(text.parse::<AuditCursor>(), Err(BadCursor), "{text}");
        }
    }

    #[test]
    fn runs_of_one_moment_are_sorted_by_their_number() {
        assert!(at(1, 9) < at(2, 1));
        assert!(at(1, 1) < at(1, 2));
    }
}
